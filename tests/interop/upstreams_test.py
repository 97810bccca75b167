"""Exim, OpenSMTPD and Dovecot's submission proxy in the place of the company's own server."""

import smtplib
import unittest

import copies
import servers
import support
from clients import recipients
from matrix_test import connect
from refusals_test import BOB, CARL, CONTENT, CRM, codes, transaction

PER_SESSION = 25  # OpenSMTPD takes 100 messages in one session, and a copy is one more


class Upstream:
    """The same for each; `server` is its class. not_a_message: what it refuses at the end of DATA."""

    not_a_message = ()

    def setUp(self):
        super().setUp()
        self.behind = self.server(self)
        self.mailboxes = self.behind.mailboxes

    def privet(self, mode):
        self.mailboxes.empty()
        return support.Privet(self, self.behind.upstream(mode), trusted=self.behind.trusted, listeners=("none",))

    def client(self, privet):
        if not self.behind.trusted:
            return connect(privet, "none")
        session = smtplib.SMTP("127.0.0.1", privet.ports["none"], timeout=support.DEADLINE)
        session.ehlo()
        return session

    def test_split_of_the_corpus(self):
        for mode in self.behind.modes:
            with self.subTest(mode):
                self.send_corpus(self.privet(mode))

    def send_corpus(self, privet):
        sendings = list(enumerate(each for each in support.corpus() if each.name not in self.not_a_message))
        for start in range(0, len(sendings), PER_SESSION):
            with self.client(privet) as session:
                for number, message in sendings[start:start + PER_SESSION]:
                    refused = session.sendmail(support.SENDER, recipients(message, number), message.content,
                                               ["BODY=8BITMIME"])
                    self.assertEqual(refused, {}, message.name)
        copies.check_deliveries(self, privet, self.mailboxes, [(message, number) for number, message in sendings],
                                copies.Expected(privet.config, support.corpus()), self.behind)

    def test_forward_to_the_crm_alone(self):
        privet = self.privet(self.behind.modes[0])
        with self.client(privet) as session:
            self.assertEqual(transaction(session, [CRM])[-1][1], 250)
        support.wait_for(lambda: self.mailboxes.count() == 1, "the copy")
        copy, = self.mailboxes.read(CRM)
        self.assertIn(b"X-Privet-Verdict: private\r\n", copy)
        self.assertEqual(len(privet.events("copy sent")), 1)

    def test_refused_recipient(self):
        privet = self.privet(self.behind.modes[0])
        with self.client(privet) as session:
            said = transaction(session, [servers.REFUSED, CARL, BOB, CRM])
            self.assertEqual(codes(said), [("MAIL", 250), ("RCPT", 550), ("RCPT", 250), ("RCPT", 250), ("RCPT", 250),
                                           ("DATA", 354), ("content", 250)])
            said = transaction(session, [servers.REFUSED, CRM])
            self.assertEqual(codes(said), [("MAIL", 250), ("RCPT", 550), ("RCPT", 250), ("DATA", 554)])
        support.wait_for(lambda: self.mailboxes.count() == 3, "two originals and the copy")
        self.assertEqual(len(privet.events("copy sent")), 1)
        for recipient in (BOB, CARL):
            delivered, = self.mailboxes.read(recipient)
            self.assertEqual(self.behind.content_of(delivered, recipient), CONTENT.replace(b"\r\n", b"\n"))

    def test_client_that_sends_ahead(self):
        privet = self.privet(self.behind.modes[0])
        with self.client(privet) as session:
            for _ in range(2):
                session.send("".join(f"{line}\r\n" for line in (
                    f"MAIL FROM:<{support.SENDER}>", f"RCPT TO:<{BOB}>", f"RCPT TO:<{CRM}>", f"RCPT TO:<{servers.REFUSED}>",
                    "DATA")))
                self.assertEqual([session.getreply()[0] for _ in range(5)], [250, 250, 250, 550, 354])
                session.send(CONTENT + b".\r\n")
                self.assertEqual(session.getreply()[0], 250)
        support.wait_for(lambda: privet.events("copy known already"), "the same message to be known")
        support.wait_for(lambda: self.mailboxes.count() == 3, "two originals and one copy")


class WithLogin(Upstream):
    def test_each_login_method_with_the_right_password_and_a_wrong_one(self):
        for mode in self.behind.modes:
            privet = self.privet(mode)
            for method in ("PLAIN", "LOGIN"):
                with self.subTest(mode, method=method), \
                        smtplib.SMTP("127.0.0.1", privet.ports["none"], timeout=support.DEADLINE) as session:
                    session.ehlo()
                    answer = getattr(session, "auth_" + method.lower())
                    session.user, session.password = support.SENDER, "wrong"
                    with self.assertRaises(smtplib.SMTPAuthenticationError) as caught:
                        session.auth(method, answer)
                    self.assertEqual(caught.exception.smtp_code, 535)
                    session.password = support.PASSWORD
                    self.assertEqual(session.auth(method, answer)[0], 235)
                    self.assertEqual(transaction(session, [BOB])[-1][1], 250)


class Exim(WithLogin, support.Case):
    server = servers.Exim


class OpenSmtpd(Upstream, support.Case):
    """No PIPELINING: it ends a session that sends ahead. No login either, see servers.py."""

    server = servers.OpenSmtpd
    not_a_message = ("malformed/field_without_colon",)

    def test_what_it_takes_for_no_message_goes_to_nobody(self):
        privet = self.privet("none")
        refused, = (each for each in support.corpus() if each.name in self.not_a_message)
        with self.client(privet) as session:
            self.assertEqual(codes(transaction(session, recipients(refused, 0), refused.content))[-1], ("content", 550))
        self.assertEqual(privet.events("copy sent", "copy failed"), [])
        self.assertEqual(self.mailboxes.count(), 0)


class Dovecot(WithLogin, support.Case):
    server = servers.Dovecot


if __name__ == "__main__":
    unittest.main()
