"""Mailboxes for the tests of IMAP clients: mail that a CRM's sync may see, mail that it may not, and how each visible
message must look to it.

Promise: every text that must stay unseen (a colleague's or a blocked address, any word of a hidden message) holds
CANARY. What a client may have is written down by hand beside what the mail server has, line by line: nothing here asks
Privet what it thinks.
"""

import base64
import re

OWNER = "anna@acme.test"
CANARY = b"canary"  # in any case
COLLEAGUE = "tom.canary@acme.test"
BLOCKED = "canary@kanzlei.test"
CUSTOMER = "bob@bigco.test"
STRANGER = "jane@other.test"
VERDICTS = {"share": ["X-Privet-Verdict: share"], "private": ["X-Privet-Verdict: private", "Sensitivity: Private"]}
NOBODY = "To: undisclosed-recipients:;"  # what is left of a To without anybody

TENANT = {
    "privet": 1, "tenant": "acme", "domains": ["acme.test"],
    "crm": [{"profile": "pipedrive", "addresses": ["acme@pipedrivemail.com"]}],
    "lists": {"blocked": ["kanzlei.test"], "customers": ["bigco.test"]},
    "rules": [{"when": {"any": "customers"}, "do": "share"}],
    "view": {"folders": ["INBOX", "Sent", "Projekte.Größe"]},
}
FOLDERS = ("INBOX", "Sent", "Projekte.Gr&APYA3w-e")  # as IMAP spells them
UNSEEN_FOLDERS = ("Canary", "Projekte", "Sent.Canary")  # the second is in the list, as the third one's parent, and is no mailbox


class Mail:
    """sent: what the mail server gets. shown: what of it a client may have, None if nothing."""

    def __init__(self, name, header, body, verdict="share"):
        """header: lines, or pairs of a line and of what is shown of it (None: nothing)."""
        self.name = name
        header = [(None, line) for line in VERDICTS[verdict]] + header
        pairs = [each if isinstance(each, tuple) else (each, each) for each in header]
        pairs.append((f"Message-ID: <{name}>", f"Message-ID: <{name}>"))
        self.sent = "\r\n".join(line for line, _ in pairs if line is not None).encode() + b"\r\n\r\n" + body
        self.shown = "\r\n".join(line for _, line in pairs if line is not None).encode() + b"\r\n\r\n" + body


class Hidden(Mail):
    def __init__(self, name, header, body):
        super().__init__(name, header, body)
        self.shown = None
        assert CANARY in self.sent.lower(), name


def customer_writes(name, body=b"Hello Anna,\r\n.\r\n..two dots\r\nFrom here on it is simple.\r\n"):
    return Mail(name, [
        (f"Received: from mail.bigco.test by mx.acme.test for <{OWNER}>; Mon, 5 Jan 2026 10:00:00 +0100", None),
        f"From: Bob <{CUSTOMER}>",
        (f"To: Anna <{OWNER}>", NOBODY),
        (f"Cc: Tom <{COLLEAGUE}>,\r\n =?utf-8?q?Kanzlei?= <{BLOCKED}>", None),
        f"Subject: =?utf-8?q?Gr=C3=B6=C3=9Fe?= of {name}",
        "Date: Mon, 5 Jan 2026 10:00:00 +0100",
    ], body)


def owner_writes(name, body=b"Hello Bob,\r\nsee below.\r\n\r\n-- \r\nAnna\r\n"):
    return Mail(name, [
        f"From: Anna <{OWNER}>",
        (f"To: Bob <{CUSTOMER}>, Tom <{COLLEAGUE}>", f"To: Bob <{CUSTOMER}>"),
        (f"Bcc: {BLOCKED}", None),
        f"Subject: {name}",
        "Date: Tue, 6 Jan 2026 10:00:00 +0100",
    ], body)


def with_attachment(name):
    file = base64.encodebytes(bytes(range(256)) * 40).replace(b"\n", b"\r\n")
    body = (b"--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
            b"Gr\xc3\xbc\xc3\x9fe\r\n--b\r\nContent-Type: application/pdf; name=offer.pdf\r\n"
            b"Content-Disposition: attachment; filename=offer.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n" + file +
            b"\r\n--b--\r\n")
    return Mail(name, [
        f"From: {STRANGER}",
        (f"To: {OWNER}, {COLLEAGUE}", NOBODY),
        f"Subject: {name}",
        "Date: Wed, 7 Jan 2026 10:00:00 +0100",
        "MIME-Version: 1.0",
        "Content-Type: multipart/mixed; boundary=b",
    ], body, "private")


def colleagues_write(name):
    return Hidden(name, [
        f"From: {COLLEAGUE}", f"To: {OWNER}", f"Subject: canary {name}", "Date: Thu, 8 Jan 2026 10:00:00 +0100",
    ], b"A canary of our own.\r\n")


def blocked_writes(name):
    return Hidden(name, [
        f"From: {BLOCKED}", f"To: {OWNER}, {CUSTOMER}", f"Subject: canary {name}",
        "Date: Fri, 9 Jan 2026 10:00:00 +0100",
    ], b"A canary of the lawyer's.\r\n" * 3000)


def customer_quotes(name):
    """Hidden, because its text names somebody who is stripped from the header."""
    return Hidden(name, [
        f"From: {CUSTOMER}", f"To: {OWNER}, {COLLEAGUE}", f"Subject: Re: {name}", "Date: Sat, 10 Jan 2026 10:00:00 +0100",
    ], f"Please ask {COLLEAGUE}.\r\n".encode())


LARGE = b"0123456789abcdef" * 4 + b"\r\n"


def first_mails(folder):
    """What is in a folder before anybody looks: hidden ones first, between and last."""
    f = f"{FOLDERS.index(folder)}@mail.test"
    return [
        colleagues_write(f"canary.1.{f}"), customer_writes(f"2.{f}"), blocked_writes(f"canary.3.{f}"),
        customer_quotes(f"canary.4.{f}"), owner_writes(f"5.{f}"), with_attachment(f"6.{f}"),
        customer_writes(f"7.{f}", LARGE * 5000), owner_writes(f"8.{f}", b""), customer_writes(f"9.{f}"),
        colleagues_write(f"canary.10.{f}"),
    ]


def later_mails(folder):
    f = f"{FOLDERS.index(folder)}@mail.test"
    return [blocked_writes(f"canary.11.{f}"), owner_writes(f"12.{f}"), colleagues_write(f"canary.13.{f}"),
            with_attachment(f"14.{f}"), customer_quotes(f"canary.15.{f}")]


def gone_later(folder):
    """Names of what is expunged before the second run: a hidden one, and visible ones that are not the last."""
    f = f"{FOLDERS.index(folder)}@mail.test"
    return [f"canary.1.{f}", f"2.{f}", f"6.{f}", f"canary.10.{f}"]


def shown(mails):
    return [each.shown for each in mails if each.shown is not None]


def comparable(content, added=()):
    """A message in a client's store, without the header fields that the client added and with the line ends of IMAP."""
    content = re.sub(rb"\r?\n", b"\r\n", content)
    header, separator, body = content.partition(b"\r\n\r\n")
    fields = re.split(rb"\r\n(?![ \t])", header)
    kept = [each for each in fields if each.partition(b":")[0].lower() not in added]
    return b"\r\n".join(kept) + separator + body
