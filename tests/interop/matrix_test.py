"""Every listener by every upstream, the whole corpus through each pair, many messages in one session: smtplib."""

import smtplib
import ssl
import unittest

import copies
import support
from clients import recipients


def connect(privet, mode):
    """A logged-in smtplib session with the listener of this mode."""
    context = ssl.create_default_context(cafile=str(privet.authority))
    port = privet.ports[mode]
    if mode == "implicit":
        session = smtplib.SMTP_SSL("127.0.0.1", port, timeout=support.DEADLINE, context=context)
    else:
        session = smtplib.SMTP("127.0.0.1", port, timeout=support.DEADLINE)
    if mode == "starttls":
        session.starttls(context=context)
    session.login(support.SENDER, support.PASSWORD)
    return session


class Matrix(support.Case):
    def send_everything(self, privet, mailboxes, server):
        sendings = []
        for mode in support.MODES:
            with connect(privet, mode) as session:
                for message in support.corpus():
                    number = len(sendings)
                    refused = session.sendmail(support.SENDER, recipients(message, number), message.content,
                                               ["BODY=8BITMIME"])
                    self.assertEqual(refused, {})
                    sendings.append((message, number))
        expected = copies.Expected(privet.config, support.corpus())
        copies.check_deliveries(self, privet, mailboxes, sendings, expected, server)

    def through_postfix(self, mode):
        postfix = support.Postfix(self, support.all_recipients(len(support.corpus()) * len(support.MODES)))
        self.send_everything(support.Privet(self, postfix.upstream(mode)), postfix.mailboxes, copies.Postfix)

    def test_embedded_upstream(self):
        mailboxes = support.Mailboxes(self.folder / "mail")
        privet = support.Privet(self, support.embedded(mailboxes.folder))
        self.send_everything(privet, mailboxes, copies.Embedded)

    def test_postfix_in_clear(self):
        self.through_postfix("none")

    def test_postfix_by_starttls(self):
        self.through_postfix("starttls")

    def test_postfix_by_implicit_tls(self):
        self.through_postfix("implicit")


if __name__ == "__main__":
    unittest.main()
