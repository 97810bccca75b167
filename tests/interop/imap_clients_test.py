"""Programs that keep copies of mailboxes in step, against the view: mbsync (isync) and offlineimap."""

import os
import unittest

import imap_mail
import support
from imap_view import PASSWORD, SyncCase, maildir


class Mbsync(SyncCase):
    ADDED = (b"x-tuid",)
    TLS = {"none": "None", "starttls": "STARTTLS", "implicit": "IMAPS"}

    def sync(self, mode):
        support.need("mbsync")
        (self.store / "mail").mkdir(exist_ok=True)
        (self.store / "mbsyncrc").write_text(f"""
IMAPAccount view
Host localhost
Port {self.view.ports[mode]}
User {imap_mail.OWNER}
Pass "{PASSWORD}"
SSLType {self.TLS[mode]}
CertificateFile {self.view.authority}
AuthMechs PLAIN LOGIN

IMAPStore far
Account view

MaildirStore near
Path {self.store}/mail/
Inbox {self.store}/mail/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns *
Sync Pull
Create Near
Remove Near
Expunge Near
SyncState *
CopyArrivalDate yes
""")
        self.program("mbsync", "-c", self.store / "mbsyncrc", "-V", "all")

    def stored(self):
        mailboxes = (path.parent for path in (self.store / "mail").rglob("cur"))
        return {str(each.relative_to(self.store / "mail")).replace("/", "."): maildir(each) for each in mailboxes}

    def test_all_modes(self):
        self.sync_twice(*support.MODES)


class OfflineImap(SyncCase):
    TLS = {"none": "ssl = no\nstarttls = no", "starttls": "ssl = no\nstarttls = yes", "implicit": "ssl = yes\nstarttls = no"}

    def sync(self, mode):
        support.need("offlineimap")
        (self.store / "rc").write_text(f"""
[general]
accounts = view
metadata = {self.store}/metadata
socktimeout = 60

[Account view]
localrepository = near
remoterepository = far

[Repository near]
type = Maildir
localfolders = {self.store}/mail

[Repository far]
type = IMAP
readonly = yes
remotehost = localhost
remoteport = {self.view.ports[mode]}
remoteuser = {imap_mail.OWNER}
remotepass = {PASSWORD}
{self.TLS[mode]}
sslcacertfile = {self.view.authority}
""")
        self.program("offlineimap", "-c", self.store / "rc", "-o", "-u", "basic", "-d", "imap")

    def stored(self):
        return {path.name: maildir(path) for path in (self.store / "mail").iterdir()}

    def test_all_modes(self):
        self.sync_twice(*support.MODES)


if __name__ == "__main__":
    unittest.main()
