"""TLS on both sides: nothing secret goes in clear, nobody unproven is spoken to, and there is no way back to clear."""

import base64
import smtplib
import ssl
import unittest
import warnings

import support
from matrix_test import connect

PLAIN = "PLAIN " + base64.b64encode(f"\0{support.SENDER}\0{support.PASSWORD}".encode()).decode()


class TowardsClients(support.Case):
    def setUp(self):
        super().setUp()
        self.privet = support.Privet(self, support.embedded(self.folder / "mail"))

    def test_login_in_clear_is_neither_offered_nor_taken(self):
        with smtplib.SMTP("127.0.0.1", self.privet.ports["starttls"], timeout=support.DEADLINE) as session:
            session.ehlo()
            self.assertTrue(session.has_extn("starttls"))
            self.assertFalse(session.has_extn("auth"))
            self.assertEqual(session.docmd("AUTH", PLAIN)[0], 538)
            self.assertEqual(session.docmd("MAIL", f"FROM:<{support.SENDER}>")[0], 530)
            session.starttls(context=ssl.create_default_context(cafile=str(self.privet.authority)))
            session.ehlo()
            self.assertFalse(session.has_extn("starttls"))
            self.assertEqual(session.docmd("AUTH", PLAIN)[0], 235)

    def test_mail_needs_a_login(self):
        with smtplib.SMTP("127.0.0.1", self.privet.ports["none"], timeout=support.DEADLINE) as session:
            session.ehlo()
            self.assertEqual(session.docmd("MAIL", f"FROM:<{support.SENDER}>")[0], 530)

    def test_nothing_said_before_tls_counts_after_it(self):
        with smtplib.SMTP("127.0.0.1", self.privet.ports["starttls"], timeout=support.DEADLINE) as session:
            session.ehlo()
            session.starttls(context=ssl.create_default_context(cafile=str(self.privet.authority)))
            self.assertEqual(session.docmd("AUTH", PLAIN)[0], 503)

    def test_old_protocol_versions_are_refused(self):
        context = ssl.create_default_context(cafile=str(self.privet.authority))
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
        with self.assertRaisesRegex(ssl.SSLError, "(?i)protocol.version"):
            smtplib.SMTP_SSL("127.0.0.1", self.privet.ports["implicit"], timeout=support.DEADLINE, context=context)

    def test_certificate_fits_the_name(self):
        with connect(self.privet, "implicit") as session:
            self.assertEqual(session.noop()[0], 250)


class TowardsTheUpstream(support.Case):
    """One tenant: EHLO opens the upstream, so that is where the client hears of it."""

    def refused(self, postfix, upstream):
        privet = support.Privet(self, upstream, listeners=("none",))
        with smtplib.SMTP("127.0.0.1", privet.ports["none"], timeout=support.DEADLINE) as session:
            code, text = session.ehlo()
            self.assertEqual((code, text.split()[0]), (421, b"4.7.0"))
        self.assertEqual(len(privet.events("upstream unavailable")), 1)
        self.assertNotIn("auth=", postfix.log())
        self.assertNotIn("mail=", postfix.log())
        self.assertEqual(postfix.mailboxes.count(), 0)

    def test_unknown_authority(self):
        stranger = support.make_certificates(self.folder / "stranger", "127.0.0.1") / "authority.pub"
        postfix = support.Postfix(self, [])
        for mode in ("starttls", "implicit"):
            with self.subTest(mode=mode):
                self.refused(postfix, postfix.upstream(mode) | {"ca": str(stranger)})

    def test_authorities_of_the_system_do_not_know_it(self):
        postfix = support.Postfix(self, [])
        upstream = postfix.upstream("starttls")
        del upstream["ca"]
        self.refused(postfix, upstream)

    def test_name_of_somebody_else(self):
        postfix = support.Postfix(self, [], names=["elsewhere.test", "127.0.0.1"])
        for mode in ("starttls", "implicit"):
            with self.subTest(mode=mode):
                self.refused(postfix, postfix.upstream(mode))

    def test_starttls_not_offered(self):
        postfix = support.Postfix(self, [])
        self.refused(postfix, postfix.upstream("starttls") | {"port": postfix.ports["none"]})

    def test_clear_text_where_tls_is_expected(self):
        postfix = support.Postfix(self, [])
        self.refused(postfix, postfix.upstream("implicit") | {"port": postfix.ports["none"]})


if __name__ == "__main__":
    unittest.main()
