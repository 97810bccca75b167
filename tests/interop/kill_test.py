"""The split protocol's failure cases F12, F13, F21 to F25 and F33 with the binary itself: killed in front of a disk call, or
by the upstream in the middle of a transaction, or with a disk that fails (tests/support/faulty_disk.h).

Whatever happens, the client sends the same message again until it hears 250. Then must hold: the CRM has the copy, and
has it once, but where F19 and F25 say that nobody can know; never a copy of what no upstream accepted; people have the
original as often as the upstream accepted it, which is never more often than the client sent it.
"""

import contextlib
import json
import os
import signal
import smtplib
import socket
import subprocess
import threading
import unittest

import sink
import support
from refusals_test import BOB, CRM, codes, transaction

HERE = "127.0.0.1"


class Case(support.Case):
    def setUp(self):
        super().setUp()
        self.at = None  # (stage, is it the copy's, what to do): once, in the upstream
        self.mailboxes = sink.Mailboxes(self, HERE, self.upstream)
        self.process = None

    def upstream(self, stage, line, transaction):
        is_copy = f"<{CRM}>" in line or bool(transaction and CRM in transaction.recipients)
        if self.at is None or self.at[:2] != (stage, is_copy):
            return None
        act, self.at = self.at[2], None
        return act()

    def configure(self, folder, relay, port=None):
        upstream = {"host": HERE, "port": port or self.mailboxes.port, "tls": "none"}
        config = support.write_config(folder, upstream, trusted=True, listeners=("none",))
        settings = json.loads(config.read_text())
        del settings["certificates"]
        config.write_text(json.dumps(settings))
        if relay:
            tenant = folder / "tenants/acme.yaml"
            tenant.write_text(json.dumps(json.loads(tenant.read_text()) | {"copy": {"relay": upstream}}))
        return config

    @contextlib.contextmanager
    def serve(self, config, fault=None):
        """Privet until it ends or is killed; with `fault` it may be killed by itself. Yields its port."""
        environment = dict(os.environ)
        if fault:
            environment |= {"LD_PRELOAD": os.environ["PRIVET_FAULTY_DISK"], "PRIVET_FAULT": fault}
        with open(config.parent / "log", "ab") as log:
            self.process = subprocess.Popen([support.binary(), "serve", "-c", config, "--announce-ports"],
                                            stdout=subprocess.PIPE, stderr=log, env=environment)
        with self.process, self.process.stdout:
            line = self.process.stdout.readline()
            try:
                yield int(line.rpartition(b":")[2]) if line else None
            finally:
                if self.process.poll() is None:
                    self.process.terminate()
                self.status = self.process.wait(support.DEADLINE)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        return sink.LEAVE

    def submit(self, port):
        """The code of the last answer; 0 when the connection broke."""
        if port is None:
            return 0
        try:
            with smtplib.SMTP(HERE, port, timeout=support.DEADLINE) as session:
                session.ehlo()
                said = codes(transaction(session, [BOB, CRM]))
                return said[-1][1]
        except (smtplib.SMTPException, OSError):
            return 0

    def queue(self, config):
        listed = support.run(support.binary(), "queue", "list", "--json", "-c", config)
        self.assertEqual(listed.returncode, 0, listed.stderr)
        return [each["state"] for each in json.loads(listed.stdout)]

    def settle(self, config):
        """Everything that is owed arrives."""
        def empty():
            flushed = support.run(support.binary(), "queue", "flush", "--all", "-c", config)
            self.assertEqual(flushed.returncode, 0, flushed.stderr)
            return not self.queue(config)
        support.wait_for(empty, lambda: f"the spool to be empty: {self.queue(config)}")

    def folder_for(self, name):
        folder = self.folder / name.replace(" ", "_").replace(":", "_")
        folder.mkdir()
        self.mailboxes.empty()
        return folder


class Killed(Case):
    """kill -9, then a life without faults on the same state folder."""

    def live_on(self, config, answered):
        """The client sends again unless it was answered; returns how often (originals, copies) arrived."""
        with self.serve(config) as port:
            if not answered:
                self.assertEqual(self.submit(port), 250)
            self.settle(config)
        self.assertEqual(self.status, 0)
        return self.mailboxes.count(BOB), self.mailboxes.count(CRM)

    def test_f21_to_f25_in_front_of_every_disk_call(self):
        deaths = 0
        for call in ("openat", "write", "renameat", "fdatasync", "fsync", "unlinkat"):
            for number in range(1, 40):
                with self.subTest(call=call, number=number):
                    folder = self.folder_for(f"{call} {number}")
                    config = self.configure(folder, relay=True)
                    with self.serve(config):
                        pass  # makes the spool, whose making is not what is killed here
                    with self.serve(config, f"{call}:{number}:KILL") as port:
                        answered = self.submit(port) == 250
                        if answered:  # what is done behind the answer
                            support.wait_for(lambda: self.process.poll() is not None or not self.queue(config),
                                             "the end of the copy, or of the process")
                    died = self.status == -signal.SIGKILL
                    before = self.mailboxes.count(BOB), self.mailboxes.count(CRM)
                    self.assertTrue(before[0] or not before[1], "a copy without its original")
                    originals, copies = self.live_on(config, answered)
                    self.assertEqual(originals, before[0] + (not answered), "nobody sends it but the client")
                    # F25: the copy was with the CRM when the process died, and nobody had noted it yet.
                    self.assertIn(copies, (1, 2) if before[1] else (1,))
                    deaths += died
                if not died:
                    break
        self.assertGreater(deaths, 10, "the calls were not found")

    def by_the_upstream(self, stage, is_copy, keeps, expected_state, duplicates):
        """keeps: the upstream took the message before it saw the connection end."""
        folder = self.folder_for(f"{stage} {is_copy} {keeps}")
        config = self.configure(folder, relay=True)
        with self.serve(config) as port:
            self.at = (stage, is_copy, self.kill)
            answered = self.submit(port) == 250
            support.wait_for(lambda: self.process.poll() is not None, "the kill")
        self.assertEqual(self.status, -signal.SIGKILL)
        self.assertEqual(answered, is_copy)
        self.assertEqual(self.queue(config), expected_state)
        before = self.mailboxes.count(BOB), self.mailboxes.count(CRM)
        self.assertEqual(before, (int(is_copy or keeps), int(is_copy and keeps)))
        originals, copies = self.live_on(config, answered)
        self.assertEqual(originals, before[0] + (not answered))
        self.assertEqual(copies, 1 + duplicates)

    def test_f21_behind_mail_nothing_is_left(self):
        self.by_the_upstream("MAIL", False, False, [], 0)

    def test_f23_behind_the_originals_dot_it_is_in_doubt_until_it_comes_again(self):
        self.by_the_upstream(".", False, True, ["in doubt"], 0)

    def test_f25_at_the_copys_beginning(self):
        self.by_the_upstream("RCPT", True, False, ["committed"], 0)

    def test_f25_in_front_of_the_copys_dot(self):
        self.by_the_upstream("DATA", True, False, ["committed"], 0)

    def test_f25_behind_the_copys_dot_it_may_come_twice(self):
        self.by_the_upstream(".", True, True, ["committed"], 1)

    def test_f23_what_never_comes_again_is_never_sent(self):
        config = self.configure(self.folder_for("F23 alone"), relay=True)
        with self.serve(config) as port:
            self.at = (".", False, self.kill)
            self.assertEqual(self.submit(port), 0)
        for _ in range(2):
            with self.serve(config) as port:
                with smtplib.SMTP(HERE, port, timeout=support.DEADLINE) as session:
                    session.ehlo()
                    self.assertEqual(codes(transaction(session, [BOB])), [
                        ("MAIL", 250), ("RCPT", 250), ("DATA", 354), ("content", 250)])
            self.assertEqual(self.status, 0)
        self.assertEqual(self.queue(config), ["in doubt"])
        self.assertEqual(self.mailboxes.count(CRM), 0)


class DiskFails(Case):
    ERRORS = ("ENOSPC", "EIO", "EROFS")

    def attempt(self, fault):
        """Sends with this fault, then to people alone; (the code heard first, what is left in the spool)."""
        config = self.configure(self.folder_for(fault), relay=False)
        with self.serve(config):
            pass  # makes the spool, so that the faults below count from its next opening
        with self.serve(config, fault) as port:
            code = self.submit(port)
            with smtplib.SMTP(HERE, port, timeout=support.DEADLINE) as session:
                session.ehlo()
                self.assertEqual(codes(transaction(session, [BOB]))[-1], ("content", 250), "people's mail")
        self.assertEqual(self.status, 0)
        return code, self.queue(config)

    def test_f12_no_copy_can_be_prepared(self):
        # The first write and fdatasync are those of the probe at the start.
        for first in ("write:2+", "renameat:1+", "fdatasync:2+", "fsync:2+"):
            for error in self.ERRORS:
                with self.subTest(first=first, error=error):
                    self.assertEqual(self.attempt(f"{first}:{error}"), (452, []))
                    self.assertEqual((self.mailboxes.count(BOB), self.mailboxes.count(CRM)), (1, 0))

    def test_f12_a_disk_that_fails_from_the_start_takes_no_crm_recipient(self):
        for error in self.ERRORS:
            with self.subTest(error=error):
                self.assertEqual(self.attempt(f"write:1+:{error}"), (250, []), "people's mail, without the CRM")
                self.assertEqual((self.mailboxes.count(BOB), self.mailboxes.count(CRM)), (2, 0))

    def test_f13_no_copy_can_be_committed(self):
        for error in self.ERRORS:
            with self.subTest(error=error):
                self.assertEqual(self.attempt(f"renameat:2+:{error}"), (250, []))
                self.assertEqual((self.mailboxes.count(BOB), self.mailboxes.count(CRM)), (2, 1))


class CopyHangs(Case):
    def test_f33_people_wait_half_a_minute_for_a_copy_that_hangs_and_no_longer(self):
        """Then their mail goes by a second connection, where no login is needed; and by a 421, where one is."""
        with socket.create_server((HERE, 0)) as listener:
            listener.settimeout(support.DEADLINE)
            config = self.configure(self.folder_for("F33"), relay=False, port=listener.getsockname()[1])
            upstream = threading.Thread(target=self.be_the_upstream, args=(listener,))
            upstream.start()
            with self.serve(config) as port, smtplib.SMTP(HERE, port, timeout=support.DEADLINE) as session:
                session.ehlo()
                self.assertEqual(codes(transaction(session, [BOB, CRM]))[-1], ("content", 250))
                self.assertEqual(codes(transaction(session, [BOB]))[-1], ("content", 250))
            self.assertEqual(self.status, 0)
            upstream.join()
            self.assertEqual(self.queue(config), ["deferred"])

    def be_the_upstream(self, listener):
        """Silent from the copy's MAIL on; answers on a second connection."""
        hello = [b"220 hi", b"250 mail.test"]
        with listener.accept()[0] as first, first.makefile("rwb") as lines:
            self.take_one(lines, [*hello, b"250 ok", b"250 ok", b"354 go on"])
            with listener.accept()[0] as second, second.makefile("rwb") as more:
                self.take_one(more, [*hello, b"250 ok", b"250 ok", b"354 go on"])
                more.readline()

    @staticmethod
    def take_one(lines, answers):
        for answer in answers:
            lines.write(answer + b"\r\n")
            lines.flush()
            lines.readline()
        while lines.readline() not in (b".\r\n", b""):
            pass
        lines.write(b"250 2.0.0 queued\r\n")
        lines.flush()


if __name__ == "__main__":
    unittest.main()
