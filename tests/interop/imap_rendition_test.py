"""Redacted messages, item by item: what the original's server and proxy/imap put together is what a Dovecot that holds
the redacted message says.

u has the original messages, v the copies that `privet explain` makes of them: the redacted header and the same body.
"""

import re
import unittest

import imap_messages
import imap_server
import support
from imap_answers import Section, answers

NESTED = (b"From: anna@acme.test\r\nTo: bob@customer.test, tom@acme.test\r\nCc: eve@acme.test\r\nDate: Mon, 5 Oct 2026 10:00:00 "
          b"+0200\r\nMessage-ID: <n%d@acme.test>\r\nMIME-Version: 1.0\r\nContent-Type: %s\r\nSubject: s\r\n\r\n%s")
INNER = b"From: bob@customer.test\r\nTo: jane@customer.test\r\nSubject: inner\r\nContent-Type: %s\r\nMIME-Version: 1.0\r\n\r\n%s"
PARTS = (b"--x\r\nContent-Type: text/plain\r\n\r\none\r\n--x\r\nContent-Type: text/html\r\n\r\n<b>two</b>\r\n--x--\r\n")
MIXED = b"multipart/mixed; boundary=x"
ADDED = [NESTED % (1, b"text/plain", b"just text\r\n"),
         NESTED % (2, b"message/rfc822", INNER % (b"text/plain", b"inner text\r\n")),
         NESTED % (3, b"message/rfc822", INNER % (MIXED, PARTS)),
         NESTED % (4, MIXED, PARTS),
         NESTED % (5, MIXED.replace(b"=x", b"=y"), b"--y\r\nContent-Type: message/rfc822\r\n\r\n" +
                   INNER % (MIXED, PARTS) + b"\r\n--y--\r\n"),
         NESTED % (6, MIXED, b""), NESTED % (7, b"text/plain", b"")]

NAMES = ["To", "From", "Delivered-To", "Received"]
NUMBERS = ["1", "2", "1.1", "1.2", "1.1.1", "2.1", "3"]
TEXTS = [("HEADER", None), ("HEADER.FIELDS", NAMES), ("HEADER.FIELDS.NOT", NAMES), ("TEXT", None)]
PARTIALS = [(0, 1), (0, 100), (100, 300), (200, 100000), (100000, 10)]
SECTIONS = ([Section(), Section("TEXT"), Section("TEXT", None, (2, 5))] + [Section(*each) for each in TEXTS] +
            [Section("", None, each) for each in PARTIALS] + [Section("HEADER", None, each) for each in PARTIALS] +
            [Section(part=each) for each in NUMBERS] + [Section("", None, (3, 4), each) for each in NUMBERS[:2]] +
            [Section("MIME", part=each) for each in NUMBERS] + [Section("MIME", None, (10, 50), "1")] +
            [Section(text, names, None, part) for text, names in TEXTS for part in NUMBERS])
WHOLE = ["RFC822", "RFC822.HEADER", "RFC822.TEXT", "RFC822.SIZE"]


class Added:
    """A message like those of the corpus."""

    def __init__(self, content):
        self.content = content

    envelope = staticmethod(support.Message.envelope)


class Rendition(support.Case):
    def setUp(self):
        super().setUp()
        config = support.write_config(self.folder, support.embedded(self.folder / "unused"))
        support.make_certificates(self.folder / "certificates", "localhost")
        self.originals, self.copies = [], []
        for message in support.corpus() + [Added(each) for each in ADDED]:
            copy = support.explain(config, message, 0)
            if copy.returncode == 0:
                self.originals.append(message.content)
                self.copies.append(re.sub(rb"\r?\n", b"\r\n", copy.stdout))
        self.assertGreater(len(self.copies), 60)
        dovecot = imap_server.Dovecot(self)
        dovecot.fill("u", self.originals)
        dovecot.fill("v", self.copies)
        self.upstream, self.oracle = dovecot.client(self, "u"), dovecot.client(self, "v")

    def expected(self, uid, note, local, item, header):
        """What the session would make of an answer's note with the upstream's help."""
        if note == "s":
            size = int(self.upstream.fetch(uid, b"RFC822.SIZE"))
            return str(size - len(imap_messages.parts_of(self.originals[uid - 1])[0]) + len(header)).encode()
        if note == "i":
            return self.upstream.fetch(uid, item)
        need, _, partial = note.partition(":")
        if "t" in need:
            local += self.upstream.fetch(uid, b"BODY.PEEK[TEXT]" + (f"<{partial}>".encode() if partial else b""))
        return local

    def test_every_item(self):
        different = []
        for uid, copy in enumerate(self.copies, 1):
            header = imap_messages.parts_of(copy)[0]
            structure = self.upstream.fetch(uid, b"BODYSTRUCTURE")
            if structure != self.oracle.fetch(uid, b"BODYSTRUCTURE"):
                different.append(f"BODYSTRUCTURE of {uid}")
            asked = ([(each.item(), each.question(structure.decode("latin-1"))) for each in SECTIONS] + [(b"ENVELOPE", "ENVELOPE")] +
                     [(each.encode(), "\t".join(["FETCH", "(", each, "-", "-", "-", "-"])) for each in WHOLE])
            for (item, _), (note, local) in zip(asked, answers(header, [each for _, each in asked])):
                ours, theirs = self.expected(uid, note, local, item, header), self.oracle.fetch(uid, item)
                if ours != theirs:
                    different.append(f"{item.decode()} of {copy[:200]!r} ({note})\n  Dovecot {theirs[:300]!r}\n  we      {ours[:300]!r}")
        self.assertEqual(different, [], f"{len(different)} differences:\n" + "\n".join(different[:20]))


if __name__ == "__main__":
    unittest.main()
