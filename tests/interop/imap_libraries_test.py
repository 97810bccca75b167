"""Libraries of npm that sync engines are built on, against the view: imapflow (EmailEngine, Twenty) and node-imap."""

import json
import subprocess
import threading
import time
import unittest

import imap_mail
import support
from imap_view import PASSWORD, SyncCase
from nodemailer_test import PACKAGES, installed_packages

PROMPT = 10  # seconds; who polls takes 30 and more


def job(view, mode):
    return {"port": view.ports[mode], "mode": mode, "ca": str(view.authority), "login": imap_mail.OWNER,
            "password": PASSWORD}


class Library(SyncCase):
    FOLDERS = tuple(imap_mail.TENANT["view"]["folders"])

    def sync(self, mode):
        self.program("node", PACKAGES / "sync.js", cwd=installed_packages(), input=json.dumps(
            job(self.view, mode) | {"library": self.NAME, "store": str(self.store)}).encode())

    def stored(self):
        return {folder.name: [each.read_bytes() for each in folder.iterdir()]
                for folder in (self.store / "mail").iterdir()}

    def expected(self):
        return {shown: imap_mail.shown(self.server.mails[folder])
                for folder, shown in zip(imap_mail.FOLDERS, self.FOLDERS)}


class Imapflow(Library):
    NAME = "imapflow"

    def test_all_modes(self):
        self.sync_twice(*support.MODES)

    def test_idle(self):
        """A visible arrival and removal is seen at once; a hidden one makes the server say nothing."""
        errors = self.folder / "errors"
        with open(errors, "wb") as output:
            client = subprocess.Popen(["node", str(PACKAGES / "idle.js"), json.dumps(job(self.view, "implicit")), "INBOX"],
                                      cwd=installed_packages(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=output)
        self.addCleanup(client.stdout.close)
        self.addCleanup(client.stdin.close)
        self.addCleanup(client.wait)
        self.addCleanup(client.kill)
        patience = threading.Timer(support.DEADLINE, client.kill)  # then there is nothing more to read
        patience.start()
        self.addCleanup(patience.cancel)

        def event():
            line = client.stdout.readline()
            self.assertTrue(line, errors.read_text())
            return json.loads(line)

        def happens(change, *expected):
            """Nothing else is said, and soon."""
            change()
            changed = time.monotonic()
            self.assertEqual([event() for _ in expected], list(expected))
            self.assertLess(time.monotonic() - changed, PROMPT)

        self.assertEqual(event(), {"idle": True})
        hidden = [imap_mail.colleagues_write("canary.20@mail.test"), imap_mail.blocked_writes("canary.21@mail.test")]
        visible = imap_mail.customer_writes("22@mail.test")
        count = len(imap_mail.shown(self.server.mails["INBOX"])) + 1
        self.server.file("INBOX", *hidden)
        happens(lambda: self.server.file("INBOX", visible),
                {"line": f"* {count} EXISTS"}, {"exists": count}, {"line": "* 0 RECENT"})
        self.server.remove("INBOX", hidden[0].name)
        happens(lambda: self.server.remove("INBOX", "2.0@mail.test"), {"line": "* 1 EXPUNGE"}, {"expunge": 1})
        self.server.file("INBOX", imap_mail.colleagues_write("canary.23@mail.test"))
        client.stdin.close()
        self.assertEqual(event(), {"new": visible.shown.decode("latin1")})


class NodeImap(Library):
    NAME = "node-imap"

    def test_all_modes(self):
        self.sync_twice(*support.MODES)


if __name__ == "__main__":
    unittest.main()
