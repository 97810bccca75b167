"""Programs that fetch mail once and keep no mailboxes, against the view: getmail, fetchmail and curl."""

import os
import re
import shutil
import unittest
import urllib.parse

import imap_mail
import support
from imap_view import PASSWORD, SyncCase, maildir


class Getmail(SyncCase):
    """Has what it fetched for ever: what was expunged since stays. Knows no STARTTLS."""

    ADDED = (b"delivered-to", b"received", b"return-path", b"x-getmail-retrieved-from-mailbox")
    RETRIEVERS = {"none": "SimpleIMAPRetriever", "implicit": "SimpleIMAPSSLRetriever"}

    def sync(self, mode):
        support.need("getmail")
        self.store.chmod(0o711)
        for name in ("mail", "mail/cur", "mail/new", "mail/tmp"):
            (self.store / name).mkdir(exist_ok=True)
            shutil.chown(self.store / name, "nobody")  # it delivers nothing as root
        mailboxes = "".join(f'"{each}", ' for each in imap_mail.TENANT["view"]["folders"])
        (self.store / "rc").write_text(f"""[retriever]
type = {self.RETRIEVERS[mode]}
server = localhost
port = {self.view.ports[mode]}
username = {imap_mail.OWNER}
password = {PASSWORD}
mailboxes = ({mailboxes})
{f"ca_certs = {self.view.authority}" if mode == "implicit" else ""}

[destination]
type = Maildir
path = {self.store}/mail/
user = nobody

[options]
delete = false
read_all = false
delivered_to = false
received = false
verbose = 2
""")
        self.program("getmail", "--getmaildir", self.store, "--rcfile", "rc")

    def stored(self):
        return {"": maildir(self.store / "mail")}

    def expected(self):
        """What was there at either run."""
        mails = [mail for folder in imap_mail.FOLDERS
                 for mail in {each.name: each
                              for each in (*imap_mail.first_mails(folder), *self.server.mails[folder])}.values()]
        return {"": imap_mail.shown(mails)}

    def test_clear_and_implicit_tls(self):
        self.sync_twice("none", "implicit")


class Fetchmail(SyncCase):
    """Goes by \\Seen, which it may not set here: each run fetches all that is visible."""

    ADDED = (b"received", b"return-path", b"delivered-to")
    TLS = {"none": 'sslproto ""', "starttls": "sslproto tls1.2+ sslcertck", "implicit": "ssl sslcertck"}

    def sync(self, mode):
        support.need("fetchmail")
        if (self.store / "mail").exists():
            shutil.rmtree(self.store / "mail")
        (self.store / "mail").mkdir()
        folders = " ".join(f'"{each}"' for each in imap_mail.FOLDERS)
        rc = self.store / "rc"
        rc.write_text(f"""
poll localhost protocol imap port {self.view.ports[mode]} auth password
  user "{imap_mail.OWNER}" password "{PASSWORD}" folder {folders}
  keep no rewrite no mimedecode {self.TLS[mode]} sslcertfile "{self.view.authority}"
  mda "/bin/sh -c 'exec cat >$(mktemp {self.store}/mail/XXXXXX)'"
""")
        rc.chmod(0o600)
        self.program("fetchmail", "-f", rc, "-vv", "--pidfile", self.store / "pid", "-i", self.store / "ids",
                     env=os.environ | {"HOME": str(self.store), "HOMEFETCHMAIL": str(self.store)})

    def stored(self):
        return {"": [path.read_bytes() for path in (self.store / "mail").iterdir()]}

    def expected(self):
        return {"": [each for mails in super().expected().values() for each in mails]}

    def test_all_modes(self):
        self.sync_twice(*support.MODES)


class Curl(SyncCase):
    """A script that keeps a folder in step with curl alone: which UIDs there are, and those that it has not."""

    URLS = {"none": ("imap", []), "starttls": ("imap", ["--ssl-reqd"]), "implicit": ("imaps", [])}

    def sync(self, mode):
        support.need("curl")
        listed = self.curl(mode, "")
        for folder in re.findall(rb'^\* LIST \((?!\\Noselect)[^)]*\) "\." "?(.*?)"?\r?$', listed, re.M):
            self.sync_folder(mode, folder.decode())

    def sync_folder(self, mode, folder):
        kept = self.store / "mail" / folder
        kept.mkdir(parents=True, exist_ok=True)
        path = urllib.parse.quote(folder)
        uids = set(self.curl(mode, path, "--request", "UID SEARCH ALL").removeprefix(b"* SEARCH").decode().split())
        for gone in {each.name for each in kept.iterdir()} - uids:
            (kept / gone).unlink()
        if wanted := uids - {each.name for each in kept.iterdir()}:
            self.curl(mode, f"{path};UID={{{','.join(sorted(wanted, key=int))}}}", "--output", kept / "#1")

    def curl(self, mode, path, *arguments):
        scheme, options = self.URLS[mode]
        return self.program("curl", "--silent", "--show-error", *options, "--cacert", self.view.authority, "--user",
                            f"{imap_mail.OWNER}:{PASSWORD}", *arguments,
                            f"{scheme}://localhost:{self.view.ports[mode]}/{path}").stdout

    def stored(self):
        return {folder.name: [each.read_bytes() for each in folder.iterdir()]
                for folder in (self.store / "mail").iterdir()}

    def test_all_modes(self):
        self.sync_twice(*support.MODES)


if __name__ == "__main__":
    unittest.main()
