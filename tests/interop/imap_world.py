"""One Dovecot with two accounts: u holds everything and stands behind Privet, v holds exactly what the view must show.

v is made by imap_reference.py, never by Privet. Both get the same UIDs, UIDVALIDITY and dates; what is done to u is done to
v where it can be seen there.
"""

import calendar
import dataclasses
import json
import os
import signal
import time

import support
from imap_reference import Policy
from imap_server import OWNER, Dovecot
from imap_wire import Wire

UID_VALIDITY = 1700000000
ALL = "anna@acme.test"  # u
SEEN = "oracle@oracle.test"  # v
LETTERS = {b"\\Draft": "D", b"\\Flagged": "F", b"\\Answered": "R", b"\\Seen": "S", b"\\Deleted": "T"}
PRIVATE = b"$Private"


@dataclasses.dataclass
class Mail:
    uid: int
    content: bytes
    date: int  # of arrival, seconds since 1970
    flags: tuple = ()
    view: tuple = None  # (redacted, marked private); None: hidden


class World:
    """Folders are INBOX and those in `folders`: {name: [Mail]}; `seen` are those that the tenant's view has."""

    def __init__(self, case, inbox, folders=None, seen=("INBOX",), policy=None, view=None, tenant=None):
        self.case = case
        self.policy = policy or Policy()
        self.dovecot = Dovecot(case)
        self.mails = {"INBOX": inbox} | (folders or {})
        self.seen = seen
        for name, mails in self.mails.items():
            for mail in mails:
                mail.view = self.policy.view(mail.content)
            self._write(ALL, name, [(mail, mail.content, mail.flags) for mail in mails])
            if name in seen:
                self._write(SEEN, name, self._visible(mails))
        for user, names in ((ALL, self.mails), (SEEN, seen)):
            self._own(self._maildir(user) / "subscriptions", "".join(f"{name}\n" for name in names))
        self.folder = case.folder / "privet"
        (self.folder / "tenants").mkdir(parents=True)
        self.write_tenant(view=view or {"folders": list(seen)}, **(tenant or {}))
        (self.folder / "privet.yaml").write_text(json.dumps({
            "privet": 1, "hostname": "mx.test", "tenants": "tenants", "state": "state", "log": {"level": "info"},
            "listen": [{"address": "127.0.0.1:0", "tls": "none", "protocol": "imap"}]}))
        self.starts = 0
        self.privet = None
        self._sides = {}
        self.start_privet()

    @staticmethod
    def _visible(mails):
        return [(mail, mail.view[0], mail.flags + (PRIVATE,) * mail.view[1]) for mail in mails if mail.view]

    def write_tenant(self, blocked=(), hidden_words=("geheim",), customers=("bigco.example",), **more):
        """The tenant file that says what imap_reference.py's Policy with these arguments says."""
        rules = [{"when": {"subject": list(hidden_words)}, "do": "hide"}] if hidden_words else []
        rules += [{"when": {"subject": ["[private]"]}, "do": "private"}, {"when": {"any": "customers"}, "do": "share"}]
        (self.folder / "tenants/acme.yaml").write_text(json.dumps({
            "privet": 1, "tenant": "acme", "domains": ["acme.test"],
            "upstream": {"smtp": {"maildir": "mail"},
                         "imap": {"host": self.dovecot.address, "port": self.dovecot.port, "tls": "none"}},
            "crm": [{"profile": "pipedrive", "addresses": ["acme@pipedrivemail.com"]}],
            "lists": {"blocked": ["steuer@kanzlei.example", *blocked], "customers": list(customers)},
            "rules": rules} | more))

    def start_privet(self):
        self.starts += 1
        announced, log = self.folder / f"announced{self.starts}", self.folder / "log"
        self.privet = self.case.start([support.binary(), "serve", "-c", self.folder / "privet.yaml", "--announce-ports"],
                                      announced, log)

        def port():
            assert self.privet.poll() is None, log.read_text(errors="replace")
            return announced.read_text().strip().rpartition(":")[2]

        self.port = int(support.wait_for(port, "Privet's port"))

    def restart_privet(self):
        self.privet.terminate()
        assert self.privet.wait(support.DEADLINE) == 0
        self.start_privet()

    def reload(self):
        """SIGHUP, and until the new rules hold."""
        log = self.folder / "log"
        before = log.read_text(errors="replace").count("reload")
        self.privet.send_signal(signal.SIGHUP)
        support.wait_for(lambda: log.read_text(errors="replace").count("reload") > before, lambda: log.read_text())

    def log(self):
        return (self.folder / "log").read_text(errors="replace")

    def client(self, examine=True):
        """A client of Privet, and one that speaks to v's Dovecot."""
        pair = (Wire(self.case, "127.0.0.1", self.port, watched=True),
                Wire(self.case, self.dovecot.address, self.dovecot.port, watched=False))
        for wire, user in zip(pair, (ALL, SEEN)):
            wire.ok(b"LOGIN %s any" % user.encode())
            if examine:
                wire.ok(b"EXAMINE INBOX")
        return pair

    def side(self, user):
        """A connection to Dovecot that changes u's or v's INBOX."""
        if user not in self._sides:
            wire = Wire(self.case, self.dovecot.address, self.dovecot.port, watched=False)
            wire.ok(b"LOGIN %s any" % user.encode())
            wire.ok(b"SELECT INBOX")
            self._sides[user] = wire
        return self._sides[user]

    # What happens in u's INBOX, and in v's where it shows

    def arrive(self, content, date, flags=(), mirror=True):
        """A new message; its Mail. With `mirror` false v gets it with mirror_arrivals()."""
        mail = Mail(0, content, date, flags, self.policy.view(content))
        mail.uid = self.side(ALL).append(b"INBOX", content, flags, date_time(date))
        self.mails["INBOX"].append(mail)
        if mirror and mail.view:
            self.mirror_arrival(mail)
        return mail

    def mirror_arrival(self, mail):
        side = self.side(SEEN)
        content, private = mail.view
        flags = mail.flags + (PRIVATE,) * private
        while True:
            uid = side.append(b"INBOX", content, flags, date_time(mail.date))
            if uid == mail.uid:
                return
            assert uid < mail.uid, (uid, mail.uid)
            self._remove(side, uid)  # its UID belonged to a hidden message

    def expunge(self, mail, mirror=True):
        self.mails["INBOX"].remove(mail)
        self._remove(self.side(ALL), mail.uid)
        if mirror and mail.view:
            self.mirror_expunge(mail)

    def mirror_expunge(self, mail):
        self._remove(self.side(SEEN), mail.uid)

    @staticmethod
    def _remove(side, uid):
        side.ok(b"UID STORE %d +FLAGS.SILENT (\\Deleted)" % uid)
        side.ok(b"UID EXPUNGE %d" % uid)

    def change_flags(self, mail, change, mirror=True):
        """`change` is "+FLAGS (...)" or "-FLAGS (...)"."""
        for user in (ALL, SEEN)[:1 + bool(mirror and mail.view)]:
            self.side(user).ok(b"UID STORE %d %s" % (mail.uid, change))

    # Maildirs

    def _maildir(self, user, folder="INBOX"):
        path = self.dovecot.folder / "mail" / user
        return path if folder == "INBOX" else path / ("." + folder)

    def _own(self, path, text=None):
        if text is not None:
            path.write_text(text)
        os.chown(path, OWNER, OWNER)

    def _write(self, user, folder, messages):
        """A Maildir that Dovecot has never seen; [(Mail, content, flags)]."""
        maildir = self._maildir(user, folder)
        for name in ("", "cur", "new", "tmp"):
            (maildir / name).mkdir(exist_ok=True)
            self._own(maildir / name)
        keywords = sorted({flag for _, _, flags in messages for flag in flags if flag not in LETTERS})
        last = max((mail.uid for mail, _, _ in messages), default=0)
        guid = f"{abs(hash((user, folder))):032x}"[-32:]
        uids = [f"3 V{UID_VALIDITY} N{last + 1} G{guid}"]
        for mail, content, flags in messages:
            stored = content.replace(b"\r\n", b"\n")
            base = f"{mail.date}.M{mail.uid}P1.test,S={len(stored)},W={len(stored) + stored.count(bytes([10]))}"
            letters = "".join(sorted(LETTERS[flag] for flag in flags if flag in LETTERS))
            letters += "".join(chr(ord("a") + keywords.index(flag)) for flag in flags if flag not in LETTERS)
            path = maildir / "cur" / f"{base}:2,{letters}"
            path.write_bytes(stored)
            os.utime(path, (mail.date, mail.date))
            self._own(path)
            uids.append(f"{mail.uid} :{base}")
        self._own(maildir / "dovecot-uidlist", "".join(f"{line}\n" for line in uids))
        if keywords:
            self._own(maildir / "dovecot-keywords", "".join(f"{i} {word.decode()}\n" for i, word in enumerate(keywords)))


def date_time(seconds):
    return time.strftime("%d-%b-%Y %H:%M:%S +0000", time.gmtime(seconds)).encode()


def day(year, month, number):
    return calendar.timegm((year, month, number, 12, 0, 0))


def mailbox(contents, chance=None, first=1):
    """[Mail] with ascending UIDs, gaps, dates and flags."""
    mails = []
    uid = first
    for at, content in enumerate(contents):
        flags = ()
        if chance:
            flags = tuple(flag for flag in (b"\\Seen", b"\\Flagged", b"\\Answered", b"\\Draft", b"\\Deleted", b"$Forwarded")
                          if chance.random() < 0.3)
            uid += chance.choice((0, 0, 0, 1, 5))
        mails.append(Mail(uid, content, day(2026, 1 + at % 4, 1 + at % 28), flags))
        uid += 1
    return mails
