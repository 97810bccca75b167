"""A view to test IMAP clients with: Privet between a client and a private Dovecot whose mailboxes hold what imap_mail.py
makes, and what each client's test has in common.
"""

import imaplib
import json
import shutil

import imap_mail
import imap_server
import support

PASSWORD = "pass word"


class Server:
    """Dovecot, and the mailboxes' owner at it: files and removes mail, unseen by Privet."""

    def __init__(self, case):
        self._dovecot = imap_server.Dovecot(case)
        self.upstream = {"host": self._dovecot.address, "port": self._dovecot.port, "tls": "none"}
        self.mails = {}  # what is there now, by folder
        (self._dovecot.folder / "mail" / imap_mail.OWNER).mkdir()
        shutil.chown(self._dovecot.folder / "mail" / imap_mail.OWNER, imap_server.OWNER, imap_server.OWNER)
        self._owner = imaplib.IMAP4(self._dovecot.address, self._dovecot.port, support.DEADLINE)
        case.addCleanup(self._owner.shutdown)
        self._do("login", imap_mail.OWNER, "any")
        for folder in (*imap_mail.FOLDERS, *imap_mail.UNSEEN_FOLDERS):
            if folder != "INBOX":
                self._do("create", folder)
                self._do("subscribe", folder)
        for folder in imap_mail.UNSEEN_FOLDERS:
            self._do("append", folder, None, None, imap_mail.customer_writes("canary.unseen@mail.test").sent)
        for folder in imap_mail.FOLDERS:
            self.mails[folder] = []
            self.file(folder, *imap_mail.first_mails(folder))

    def file(self, folder, *mails):
        for mail in mails:
            self._do("append", folder, None, '"05-Jan-2026 10:00:00 +0100"', mail.sent)
        self.mails[folder] += mails

    def remove(self, folder, *names):
        self._do("select", folder)
        for name in names:
            (numbers,) = self._do("search", None, "HEADER", "Message-ID", f'"<{name}>"')
            self._do("store", numbers.decode(), "+FLAGS.SILENT", "(\\Deleted)")
        self._do("expunge")
        self._do("unselect")
        self.mails[folder] = [each for each in self.mails[folder] if each.name not in names]

    def change(self):
        """Arrivals and removals, hidden and visible, in each folder."""
        for folder in imap_mail.FOLDERS:
            self.remove(folder, *imap_mail.gone_later(folder))
            self.file(folder, *imap_mail.later_mails(folder))

    def flags(self, folder):
        """Flags of each message, by name."""
        self._do("select", folder, True)
        flags = {}
        for item in self._do("fetch", "1:*", "(FLAGS BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])"):
            if isinstance(item, tuple):
                flags[item[1].strip()] = imaplib.ParseFlags(item[0])
        self._do("unselect")
        return flags

    def _do(self, command, *arguments):
        status, data = getattr(self._owner, command)(*arguments)
        assert status == "OK", (command, arguments, data)
        return data


class View:
    """`privet serve` with one IMAP listener per mode; ports[mode] is where it listens."""

    def __init__(self, case, upstream, modes=support.MODES):
        self.folder = case.folder / "privet"
        self.certificates = support.make_certificates(self.folder / "certificates", "localhost", "127.0.0.1")
        self.authority = self.certificates / "authority.pub"
        (self.folder / "tenants").mkdir()
        (self.folder / "tenants/acme.yaml").write_text(json.dumps(
            imap_mail.TENANT | {"upstream": {"imap": upstream}}))
        (self.folder / "privet.yaml").write_text(json.dumps({
            "privet": 1, "hostname": "privet.test", "certificates": "certificates", "tenants": "tenants",
            "state": "state", "log": {"level": "debug"},
            "listen": [{"address": "127.0.0.1:0", "protocol": "imap", "tls": mode} for mode in modes]}))
        announced, log = self.folder / "announced", self.folder / "log"
        process = case.start([support.binary(), "serve", "-c", self.folder / "privet.yaml", "--announce-ports"],
                             announced, log)

        def places():
            assert process.poll() is None, log.read_text(errors="replace")
            lines = announced.read_text().splitlines()
            return lines if len(lines) == len(modes) else None

        self.ports = dict(zip(modes, (int(line.rpartition(":")[2]) for line in support.wait_for(places, "ports"))))


class SyncCase(support.Case):
    """A client implements sync(mode): one run, into a store that it makes in self.store at its first run.

    stored() tells what is there then, by folder. Both runs of a mode have a store of their own."""

    ADDED = ()  # header fields that the client adds, in lower case
    FOLDERS = imap_mail.FOLDERS  # what it syncs

    def setUp(self):
        super().setUp()
        self.server = Server(self)
        self.view = View(self, self.server.upstream)

    def sync_twice(self, *modes):
        """Each mode before and after changes that all of them see."""
        for mode in modes:
            self.run_once(mode)
        before = {folder: self.server.flags(folder) for folder in imap_mail.FOLDERS}
        self.assertEqual({flag for each in before.values() for flags in each.values() for flag in flags}, {b"\\Recent"})
        self.server.change()
        for mode in modes:
            self.run_once(mode)

    def run_once(self, mode):
        self.store = self.folder / f"store-{mode}"
        first = not self.store.exists()
        self.store.mkdir(exist_ok=True)
        with self.subTest(mode=mode, run="first" if first else "second"):
            self.sync(mode)
            self.check(self.stored(), self.expected())
            self.assert_no_canary()

    def expected(self):
        return {folder: imap_mail.shown(self.server.mails[folder]) for folder in self.FOLDERS}

    def check(self, stored, expected):
        self.assertEqual(set(stored), set(expected))
        for folder, mails in expected.items():
            found = sorted(imap_mail.comparable(each, self.ADDED) for each in stored[folder])
            names = [[line for line in each.splitlines() if line.startswith(b"Message-ID")] for each in found]
            self.assertEqual(len(found), len(mails), names)
            for ours, theirs in zip(sorted(mails), found):
                self.assertEqual(theirs, ours)

    def assert_no_canary(self):
        """In nothing that the client wrote: its store, its databases and logs, and the names of all these."""
        for path in self.store.rglob("*"):
            self.assertNotIn(imap_mail.CANARY, str(path.relative_to(self.store)).lower().encode())
            if path.is_file():
                self.assertNotIn(imap_mail.CANARY, path.read_bytes().lower(), path)

    def program(self, *arguments, **options):
        """Runs the client; what it says is kept in its store, where no canary may be either."""
        done = support.run(*arguments, **({"cwd": self.store} | options))
        with open(self.store / "output", "ab") as output:
            output.write(done.stdout + done.stderr)
        self.assertEqual(done.returncode, 0, (done.stdout + done.stderr).decode(errors="replace")[-4000:])
        return done


def maildir(folder):
    """The messages of a Maildir."""
    return [path.read_bytes() for name in ("cur", "new") for path in sorted((folder / name).glob("*"))]
