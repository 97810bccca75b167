"""Clients that people and scripts read mail with, against the view: mutt on a terminal that nobody sees, and Python's
imaplib.
"""

import imaplib
import os
import pty
import re
import select
import shutil
import ssl
import subprocess
import unittest

import imap_mail
import support
from imap_view import PASSWORD, SyncCase, maildir


class Mutt(SyncCase):
    """Opens each folder and copies all of it to a Maildir; its caches of headers and messages live through both runs."""

    ADDED = (b"status", b"x-status", b"content-length", b"lines")
    URLS = {"none": "imap", "starttls": "imap", "implicit": "imaps"}

    def sync(self, mode):
        support.need("mutt")
        user = imap_mail.OWNER.replace("@", "%40")
        (self.store / "muttrc").write_text(
            f'set imap_pass = "{PASSWORD}" ssl_starttls = yes ssl_force_tls = {"no" if mode == "none" else "yes"}\n'
            f'set ssl_ca_certificates_file = "{self.view.authority}"\n'
            f'set header_cache = "{self.store}/headers/" message_cachedir = "{self.store}/messages/"\n'
            'set mbox_type = Maildir confirmcreate = no confirmappend = no quit = yes auto_tag = yes wait_key = no\n'
            f'set move = no mark_old = no folder = "{self.store}/mail"\n')
        for name in ("headers", "messages"):
            (self.store / name).mkdir(exist_ok=True)
        shutil.rmtree(self.store / "mail", ignore_errors=True)
        (self.store / "mail").mkdir()
        for folder, name in zip(imap_mail.FOLDERS, imap_mail.TENANT["view"]["folders"]):
            keys = f"<tag-pattern>~A<enter><copy-message><kill-line>{self.store}/mail/{folder}<enter><quit>"
            self.on_terminal(["mutt", "-n", "-R", "-F", self.store / "muttrc", "-e", f'push "{keys}"', "-f",
                              f"{self.URLS[mode]}://{user}@localhost:{self.view.ports[mode]}/{name}"])

    def on_terminal(self, command):
        primary, terminal = pty.openpty()
        client = subprocess.Popen([str(each) for each in command], stdin=terminal, stdout=terminal, stderr=terminal,
                                  env=os.environ | {"HOME": str(self.store), "TERM": "xterm", "LC_ALL": "C.UTF-8"},
                                  cwd=self.store, start_new_session=True)
        self.addCleanup(client.kill)
        os.close(terminal)
        screen = b""
        try:
            while select.select([primary], [], [], 20)[0]:
                screen += os.read(primary, 65536)
            self.fail("it waits for somebody: " + screen.decode(errors="replace")[-2000:])
        except OSError:  # so ends a terminal that nobody has open any more
            pass
        finally:
            os.close(primary)
        with open(self.store / "output", "ab") as output:
            output.write(screen)
        self.assertEqual(client.wait(support.DEADLINE), 0, screen.decode(errors="replace")[-2000:])

    def stored(self):
        return {path.name: maildir(path) for path in (self.store / "mail").iterdir()}

    def test_all_modes(self):
        self.sync_twice(*support.MODES)


class Imaplib(SyncCase):
    """As engines with a cursor do: what is above the last UID, then which of the known ones are left."""

    AT_ONCE = 60  # seconds; who does not see it waits for 110

    def sync(self, mode):
        context = ssl.create_default_context(cafile=self.view.authority)
        if mode == "implicit":
            client = imaplib.IMAP4_SSL("localhost", self.view.ports[mode], ssl_context=context, timeout=support.DEADLINE)
        else:
            client = imaplib.IMAP4("localhost", self.view.ports[mode], timeout=support.DEADLINE)
        with client:
            if mode == "starttls":
                self.assertIn("LOGINDISABLED", client.capabilities)
                client.starttls(context)
            self.client = client
            self.do("authenticate", "PLAIN", lambda _: f"\0{imap_mail.OWNER}\0{PASSWORD}".encode())
            folders = [re.fullmatch(rb'\((.*)\) "\." "?(.*?)"?', each).groups() for each in self.do("list")]
            self.assertEqual({name.decode() for _, name in folders}, {*imap_mail.FOLDERS, "Projekte"})
            for attributes, name in folders:
                if b"\\Noselect" not in attributes:
                    self.sync_folder(name.decode())
            for name in imap_mail.UNSEEN_FOLDERS:
                self.assertEqual(client.select(name, readonly=True)[0], "NO")
                self.assertEqual(client.status(name, "(MESSAGES)")[0], "NO")

    def sync_folder(self, folder):
        kept = self.store / "mail" / folder
        kept.mkdir(parents=True, exist_ok=True)
        last = max((int(each.name) for each in kept.iterdir()), default=0)
        status = self.do("status", folder, "(MESSAGES UIDNEXT UIDVALIDITY UNSEEN RECENT)")[0]
        count = int(self.do("select", folder, True)[0])
        self.assertIn(b"MESSAGES %d " % count, status)
        self.assertIn(b"UIDNEXT %d " % int(self.client.untagged_responses["UIDNEXT"][0]), status)
        data = self.do("uid", "FETCH", f"{last + 1}:*",
                       "(FLAGS INTERNALDATE ENVELOPE BODYSTRUCTURE RFC822.SIZE BODY.PEEK[])")
        for (before, content), behind in zip(data[::2], data[1::2], strict=True):
            uid, size = (int(re.search(name + rb" (\d+)", before + behind)[1]) for name in (rb"UID", rb"RFC822\.SIZE"))
            self.assertEqual(size, len(content))
            (kept / str(uid)).write_bytes(content)
        left = set(self.do("uid", "SEARCH", f"1:{last + 1000000}")[0].split())
        for path in kept.iterdir():
            if path.name.encode() not in left:
                path.unlink()
        self.assertEqual(len(left), count)
        self.assertEqual(len(list(kept.iterdir())), count)
        self.assertEqual(self.do("search", None, "TEXT", "canary"), [b""])

    def do(self, command, *arguments):
        status, data = getattr(self.client, command)(*arguments)
        self.assertEqual(status, "OK", (command, data))
        self.log(repr(data).encode())
        return data

    def log(self, line):
        with open(self.store / "output", "ab") as output:
            output.write(line + b"\n")

    def stored(self):
        return {folder.name: [each.read_bytes() for each in folder.iterdir()]
                for folder in (self.store / "mail").iterdir()}

    def test_all_modes(self):
        self.sync_twice(*support.MODES)

    def test_idle_can_be_left_at_once(self):
        """As node-imap does before each of its commands: DONE right behind the server's word."""
        client = imaplib.IMAP4("localhost", self.view.ports["none"], timeout=self.AT_ONCE)
        with client:
            client.login(imap_mail.OWNER, PASSWORD)
            client.select("INBOX", readonly=True)
            for _ in range(50):
                client.send(b"i IDLE\r\n")
                self.assertTrue(client.readline().startswith(b"+ "))
                client.send(b"DONE\r\n")
                self.assertTrue(client.readline().startswith(b"i OK "))


if __name__ == "__main__":
    unittest.main()
