"""ENVELOPE and header sections of odd headers: what proxy/imap makes of them is what Dovecot says of the same message.

One difference, Dovecot's mistake: a range of selected fields that begins between CR and LF begins with another CR there.
"""

import unittest

import imap_messages
import imap_server
import support
from imap_answers import Section, answers

LISTS = [["To", "Cc", "From"], ["subject", "DATE", "Message-Id"], ["X-Number", "x-missing"], ["Bcc"]]
PARTIALS = [(0, 1), (0, 10), (5, 20), (17, 100000), (100000, 5)]


class Envelope(support.Case):
    def setUp(self):
        super().setUp()
        self.headers = imap_messages.generated() + [header for header, _ in imap_messages.of_the_corpus()]
        dovecot = imap_server.Dovecot(self)
        dovecot.fill("v", [header + b"body\r\n" if header.endswith(b"\n\r\n") else header for header in self.headers])
        self.client = dovecot.client(self, "v")

    def compare(self, asked):
        """asked: [(FETCH item, question)]."""
        different = []
        for uid, header in enumerate(self.headers, 1):
            ours = [answer for _, answer in answers(header, [each for _, each in asked])]
            for (name, _), our in zip(asked, ours):
                theirs = self.client.fetch(uid, name)
                if our != theirs and not (b".FIELDS" in name and our == b"\n" + theirs[1:] and theirs[:1] == b"\r"):
                    different.append(f"{name.decode()} of {header[:300]!r}\n  Dovecot {theirs[:600]!r}\n  we      {our[:600]!r}")
        self.assertGreater(len(self.headers), 300)
        self.assertEqual(different, [], f"{len(different)} differences:\n" + "\n".join(different[:20]))

    def compare_sections(self, sections):
        self.compare([(each.item(), each.question()) for each in sections])

    def test_envelope(self):
        self.compare([(b"ENVELOPE", "ENVELOPE")])

    def test_header_fields(self):
        self.compare_sections([Section(text, names) for names in LISTS for text in ("HEADER.FIELDS", "HEADER.FIELDS.NOT")])

    def test_partials(self):
        self.compare_sections([Section(text, names, partial) for partial in PARTIALS for text, names in (
            ("HEADER", None), ("HEADER.FIELDS", LISTS[0]), ("HEADER.FIELDS.NOT", LISTS[0]))])


if __name__ == "__main__":
    unittest.main()
