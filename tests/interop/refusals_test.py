"""What the upstream refuses, the client hears in the upstream's own words, and the CRM hears nothing."""

import smtplib
import unittest

import support
from matrix_test import connect

BOB, CARL, CRM = "bob@customer.test", "carl@acme.test", "acme+1@pipedrivemail.com"
UNKNOWN = "nobody@customer.test"
CONTENT = (b"Date: Fri, 2 Jan 2026 09:00:00 +0100\r\nMessage-ID: <m1@acme.test>\r\nFrom: Anna <anna@acme.test>\r\n"
           b"To: Bob <bob@customer.test>\r\nSubject: Offer\r\n\r\nHello Bob.\r\n")


def transaction(session, recipients, content=CONTENT, mail_options=()):
    """[(what was asked, code, text)] until the transaction is over or the server has left."""
    said = []

    def ask(what, function, *arguments):
        try:
            said.append((what, *function(*arguments)))
        except smtplib.SMTPServerDisconnected:
            said.append((what, 0, b"disconnected"))
        return said[-1][1]

    if ask("MAIL", session.mail, support.SENDER, mail_options) != 250:
        return said
    for recipient in recipients:
        if ask("RCPT", session.rcpt, recipient) in (0, 421):
            return said
    if ask("DATA", session.docmd, "DATA") == 354:
        session.send(content + b".\r\n")
        ask("content", session.getreply)
    return said


def codes(said):
    return [(what, code) for what, code, _ in said]


class PostfixRefuses(support.Case):
    LIMIT = 20_000

    def setUp(self):
        super().setUp()
        self.postfix = support.Postfix(self, [BOB, CARL, CRM], limit=self.LIMIT)
        self.privet = support.Privet(self, self.postfix.upstream("none"))

    def directly(self):
        session = smtplib.SMTP(self.postfix.address, self.postfix.ports["none"], timeout=support.DEADLINE)
        self.addCleanup(session.close)
        session.login(support.SENDER, support.PASSWORD)
        return session

    def no_copy(self):
        """Ends with one good message, whose copy is the only one there may be."""
        with connect(self.privet, "implicit") as session:
            self.assertEqual(transaction(session, [BOB, CRM])[-1][1], 250)
        support.wait_for(lambda: self.privet.events("copy sent"), "the good message's copy")
        support.wait_for(lambda: self.postfix.mailboxes.count(CRM), "the good message's copy in its mailbox")
        self.assertEqual(len(self.privet.events("copy sent", "copy failed")), 1)
        self.assertEqual(self.postfix.mailboxes.count(CRM), 1)

    def test_unknown_recipient(self):
        with connect(self.privet, "starttls") as session:
            through = transaction(session, [UNKNOWN, CRM])
        self.assertEqual(codes(through), [("MAIL", 250), ("RCPT", 550), ("RCPT", 250), ("DATA", 554)])
        self.assertEqual(through[:2], transaction(self.directly(), [UNKNOWN])[:2], "word for word")
        self.no_copy()

    def test_unknown_recipient_among_others(self):
        with connect(self.privet, "none") as session:
            said = transaction(session, [UNKNOWN, BOB])
        self.assertEqual(codes(said), [("MAIL", 250), ("RCPT", 550), ("RCPT", 250), ("DATA", 354), ("content", 250)])
        support.wait_for(lambda: self.postfix.mailboxes.count(BOB), "the mail of the one who is known")
        self.assertEqual(self.postfix.mailboxes.count(), 1)

    def test_busy_recipient(self):
        with connect(self.privet, "none") as session:
            through = transaction(session, [self.postfix.LATER, CRM])
        self.assertEqual(codes(through), [("MAIL", 250), ("RCPT", 450), ("RCPT", 250), ("DATA", 554)])
        self.assertEqual(through[1], transaction(self.directly(), [self.postfix.LATER])[1], "word for word")
        self.no_copy()

    def test_wrong_password(self):
        def attempt(session):
            session.ehlo()
            session.user, session.password = support.SENDER, "wrong"
            try:
                return session.auth("PLAIN", session.auth_plain)
            except smtplib.SMTPAuthenticationError as error:
                return error.smtp_code, error.smtp_error

        with smtplib.SMTP("127.0.0.1", self.privet.ports["none"], timeout=support.DEADLINE) as session:
            through = attempt(session)
            self.assertEqual(through[0], 535)
            self.assertEqual(session.login(support.SENDER, support.PASSWORD)[0], 235, "another attempt is welcome")
        with smtplib.SMTP(self.postfix.address, self.postfix.ports["none"], timeout=support.DEADLINE) as session:
            self.assertEqual(through, attempt(session), "word for word")

    def test_login_of_nobody(self):
        for login in ("stranger@elsewhere.test", "nobody@acme.test"):
            with smtplib.SMTP("127.0.0.1", self.privet.ports["none"], timeout=support.DEADLINE) as session:
                with self.assertRaises(smtplib.SMTPAuthenticationError) as caught:
                    session.login(login, support.PASSWORD)
                self.assertEqual(caught.exception.smtp_code, 535)

    def test_size_limit_is_announced_and_held(self):
        with connect(self.privet, "none") as session:
            session.ehlo()
            self.assertLessEqual(int(session.esmtp_features["size"]), self.LIMIT)
            self.assertEqual(codes(transaction(session, [BOB, CRM], mail_options=[f"SIZE={self.LIMIT + 1}"])),
                             [("MAIL", 552)])
        self.no_copy()

    def test_size_limit_without_a_declared_size(self):
        large = CONTENT + b"x" * 70 + b"\r\n"
        large += (b"x" * 70 + b"\r\n") * (self.LIMIT // 72)
        for recipients in ([BOB, CRM], [BOB]):
            with self.subTest(recipients=recipients), connect(self.privet, "none") as session:
                said = transaction(session, recipients, large)
                self.assertEqual(codes(said)[-1], ("content", 552))
        self.no_copy()

    def test_bare_line_ends_are_refused_before_the_upstream_sees_them(self):
        for name, content in {"bare LF": CONTENT.replace(b"\r\n\r\n", b"\n\n", 1), "bare CR": CONTENT[:-2] + b"\r \r\n",
                              "hidden end": CONTENT + b"\n.\r\nMAIL FROM:<anna@acme.test>\r\n"}.items():
            for recipients in ([BOB, CRM], [BOB]):
                with self.subTest(name=name, recipients=recipients), connect(self.privet, "none") as session:
                    said = transaction(session, recipients, content)
                    self.assertEqual(codes(said)[-1], ("content", 550))
                    self.assertEqual(session.noop()[0], 250, "the session goes on")
        self.no_copy()
        support.wait_for(lambda: self.postfix.mailboxes.count(BOB), "the good message's original")
        self.assertEqual(self.postfix.mailboxes.count(BOB), 1)


if __name__ == "__main__":
    unittest.main()
