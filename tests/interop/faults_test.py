"""What the upstream does wrong, by smtp-sink's fault switches: the client hears it, or hears 451, and the CRM hears nothing of
what people did not get.
"""

import smtplib
import threading
import unittest

import sink
import support
from refusals_test import BOB, CARL, CRM, codes, transaction


class SinkFails(support.Case):
    """smtp-sink's fault switches; it knows no login, so the client is trusted by its address."""

    PEOPLE_OK = [("MAIL", 250), ("RCPT", 250), ("RCPT", 250), ("RCPT", 250)]
    ROWS = {
        "sender refused": (["-f", "MAIL"], [("MAIL", 500)]),
        "sender deferred": (["-r", "MAIL"], [("MAIL", 450)]),
        "people refused": (["-f", "RCPT"], [("MAIL", 250), ("RCPT", 500), ("RCPT", 500), ("RCPT", 250), ("DATA", 554)]),
        "people deferred": (["-r", "RCPT"],
                            [("MAIL", 250), ("RCPT", 450), ("RCPT", 450), ("RCPT", 250), ("DATA", 554)]),
        "dropped at MAIL": (["-q", "MAIL"], [("MAIL", 451)]),
        "421 at MAIL": (["-Q", "MAIL"], [("MAIL", 421)]),
        "dropped at RCPT": (["-q", "RCPT"], [("MAIL", 250), ("RCPT", 451), ("RCPT", 451), ("RCPT", 250), ("DATA", 554)]),
        "421 at RCPT": (["-Q", "RCPT"], [("MAIL", 250), ("RCPT", 421)]),
        "DATA refused": (["-f", "DATA"], PEOPLE_OK + [("DATA", 354), ("content", 500)]),
        "DATA deferred": (["-r", "DATA"], PEOPLE_OK + [("DATA", 354), ("content", 450)]),
        "dropped at DATA": (["-q", "DATA"], PEOPLE_OK + [("DATA", 354), ("content", 451)]),
        "421 at DATA": (["-Q", "DATA"], PEOPLE_OK + [("DATA", 354), ("content", 421)]),
        "refused in the middle of the content": (["-A", "0"], PEOPLE_OK + [("DATA", 354), ("content", 550)]),
        "content refused": (["-f", "."], PEOPLE_OK + [("DATA", 354), ("content", 500)]),
        "content deferred": (["-r", "."], PEOPLE_OK + [("DATA", 354), ("content", 450)]),
        "dropped at the dot": (["-q", "."], PEOPLE_OK + [("DATA", 354), ("content", 451)]),
        "421 at the dot": (["-Q", "."], PEOPLE_OK + [("DATA", 354), ("content", 421)]),
    }

    def sink(self, name, *switches):
        """(the tenant's upstream, a function that reads what the sink heard)"""
        support.need("smtp-sink", root=True)
        address, log = support.own_address(), self.folder / f"sink {name}"
        port = support.free_port(address)
        process = self.start(["smtp-sink", "-u", "nobody", "-v", *switches, f"{address}:{port}", "100"], log, log,
                             ends_with=(-15,))

        support.wait_for(lambda: process.poll() is not None or support.listens(address, port), "smtp-sink to listen")
        self.assertIsNone(process.poll(), log.read_text())
        return {"host": address, "port": port, "tls": "none"}, lambda: log.read_text(errors="replace")

    def attempt(self, name, switches):
        upstream, heard = self.sink(name, *switches)
        privet = support.Privet(self, upstream, trusted=True, listeners=("none",))
        with smtplib.SMTP("127.0.0.1", privet.ports["none"], timeout=support.DEADLINE) as session:
            session.ehlo()
            said = transaction(session, [BOB, CARL, CRM])
        return codes(said), privet, heard

    def test_no_copy_of_what_was_refused(self):
        for name, (switches, expected) in self.ROWS.items():
            with self.subTest(name):
                said, privet, heard = self.attempt(name, switches)
                self.assertEqual(said, expected)
                self.assertEqual(privet.events("copy sent", "copy failed"), [])
                self.assertIn("MAIL FROM", heard())
                self.assertNotIn("pipedrivemail", heard())

    def test_copy_of_what_was_accepted(self):
        said, privet, heard = self.attempt("content", [])
        self.assertEqual(said, self.PEOPLE_OK + [("DATA", 354), ("content", 250)])
        support.wait_for(lambda: privet.events("copy sent"), "the copy")
        self.assertEqual(heard().count("RCPT TO:<" + CRM), 1)

    def test_slow_upstream(self):
        for name, switches in {"MAIL": ["-W", "MAIL:1"], "RCPT": ["-W", "RCPT:1"], "content": ["-H", "1"],
                               "the dot": ["-W", ".:1"]}.items():
            with self.subTest(name):
                # Without PIPELINING: what came ahead of a delayed answer is forgotten by smtp-sink.
                said, privet, heard = self.attempt(name, ["-p", *switches])
                self.assertEqual(said, self.PEOPLE_OK + [("DATA", 354), ("content", 250)])
                support.wait_for(lambda: privet.events("copy sent"), "the copy")
                self.assertEqual(heard().count("RCPT TO:<" + CRM), 1)

    def test_only_what_the_upstream_has_is_offered_and_used(self):
        own = {"pipelining", "size", "enhancedstatuscodes"}  # Privet's, whatever stands behind
        relayed = {"8bitmime", "dsn", "auth"}
        for name, (switch, missing) in {
                "nothing": ("-v", set()), "8BITMIME": ("-8", {"8bitmime"}), "DSN": ("-N", {"dsn"}), "AUTH": ("-a", {"auth"}),
                "PIPELINING": ("-p", set()), "status codes": ("-E", set()), "ESMTP": ("-e", relayed)}.items():
            offered = relayed - missing
            with self.subTest(name):
                upstream, heard = self.sink("without " + name, switch)
                privet = support.Privet(self, upstream, trusted=True, listeners=("none",))
                with smtplib.SMTP("127.0.0.1", privet.ports["none"], timeout=support.DEADLINE) as session:
                    session.ehlo()
                    self.assertEqual(set(session.esmtp_features) & (own | relayed), own | offered)
                    options = [option for extension, option in (("8bitmime", "BODY=8BITMIME"), ("dsn", "RET=HDRS"))
                               if extension in offered]
                    self.assertEqual(transaction(session, [BOB, CRM], mail_options=options)[-1][1], 250)
                    for option in {"BODY=8BITMIME", "RET=HDRS"} - set(options):
                        self.assertEqual(codes(transaction(session, [BOB], mail_options=[option])), [("MAIL", 555)])
                support.wait_for(lambda: privet.events("copy sent"), "the copy")
                self.assertEqual("BODY=8BITMIME" in heard(), "8bitmime" in offered)
                self.assertEqual("RET=HDRS" in heard(), "dsn" in offered)

    def test_upstream_that_turns_us_away(self):
        for name, switches in {"dropped": ["-q", "CONNECT"], "421": ["-Q", "CONNECT"], "refused": ["-f", "CONNECT"],
                               "deaf": ["-f", "EHLO,HELO"]}.items():
            with self.subTest(name):
                upstream, _ = self.sink(name, *switches)
                privet = support.Privet(self, upstream, trusted=True, listeners=("none",))
                with smtplib.SMTP("127.0.0.1", privet.ports["none"], timeout=support.DEADLINE) as session:
                    code, text = session.ehlo()
                self.assertEqual((code, text.split()[0]), (421, b"4.4.1"))

    def test_nobody_listens(self):
        address = support.own_address()
        upstream = {"host": address, "port": support.free_port(address), "tls": "none"}
        privet = support.Privet(self, upstream, trusted=True, listeners=("none",))
        with smtplib.SMTP("127.0.0.1", privet.ports["none"], timeout=support.DEADLINE) as session:
            code, text = session.ehlo()
        self.assertEqual((code, text.split()[0]), (421, b"4.4.1"))


class CopyFails(support.Case):
    """The people's mail is through when a copy meets trouble: the client never hears of it, and the spool keeps the copy
    until the trouble is over, unless it was refused for good."""

    ROWS = {
        "recipient deferred": ("RCPT", "450 4.2.1 busy", ["tried"]),
        "recipient refused": ("RCPT", "550 5.1.1 nobody of that name", None),
        "content deferred": (".", "451 4.3.0 later", ["tried"]),
        "content refused": (".", "554 5.7.1 no", None),
        "left before the content": ("DATA", sink.LEAVE, ["tried"]),
        "left behind the content": (".", sink.LEAVE, ["maybe"]),
    }

    def start_both(self, trouble_at, reply):
        """Also a function that ends the trouble."""
        over = threading.Event()

        def faults(stage, line, transaction):
            is_copy = f"<{CRM}>" in line or transaction and CRM in transaction.recipients
            return reply if stage == trouble_at and is_copy and not over.is_set() else None

        address = support.own_address()
        mailboxes = sink.Mailboxes(self, address, faults)
        upstream = {"host": address, "port": mailboxes.port, "tls": "none"}
        return support.Privet(self, upstream, trusted=True, listeners=("none",)), mailboxes, over.set

    def send(self, privet, *envelopes):
        with smtplib.SMTP("127.0.0.1", privet.ports["none"], timeout=support.DEADLINE) as session:
            session.ehlo()
            for recipients in envelopes:
                self.assertEqual(codes(transaction(session, recipients))[-1], ("content", 250))

    def test_the_client_never_hears_of_it_and_the_crm_gets_it_later(self):
        for name, (trouble_at, reply, events) in self.ROWS.items():
            with self.subTest(name):
                privet, mailboxes, end_trouble = self.start_both(trouble_at, reply)
                self.send(privet, [BOB, CRM], [BOB])
                self.assertEqual(mailboxes.count(BOB), 2)
                arrived = mailboxes.count(CRM)
                self.assertEqual(arrived, 1 if events == ["maybe"] else 0)
                waiting = [each for each in privet.queue("list") if each["kind"] == "copy"]
                self.assertEqual([each["tries"] for each in waiting], [] if events is None else [1])
                end_trouble()
                if events is None:
                    self.assertEqual(len(privet.events("copy failed")), 1)
                    self.wait_with_mail(privet, lambda: mailboxes.count(support.SENDER), "the notice to the sender")
                    continue
                shown = privet.queue("show", waiting[0]["id"])
                self.assertEqual([each["what"] for each in shown["events"]], events)
                privet.queue("flush", "--all")
                self.wait_with_mail(privet, lambda: mailboxes.count(CRM) == arrived + 1, "the copy")
                support.wait_for(lambda: privet.queue("list") == [], "an empty spool")
                self.assertEqual(mailboxes.count(support.SENDER), 0, "no notice")

    def wait_with_mail(self, privet, condition, what):
        """Copies and notices wait for their sender's next session, so there is one until they have come."""
        def met():
            self.send(privet, [BOB])
            return condition()

        support.wait_for(met, what)


if __name__ == "__main__":
    unittest.main()
