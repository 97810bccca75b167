"""SEARCH keys that look into the header: proxy/imap finds the messages that Dovecot finds.

We find more, in messages that Dovecot cannot decode: raw text that is no UTF-8 is read as windows-1252, text in an
unknown charset as far as it is ASCII (Dovecot forgets to fold its case), and a CR inside a line is nothing.
"""

import re
import unittest

import imap_messages
import imap_server
import support
from imap_answers import answers

QUERIES = [
    ("FROM", "", "a@b.test"), ("FROM", "", "A@B.TEST"), ("FROM", "", "anna berg"), ("FROM", "", '"anna berg" <a@b'), ("FROM", "", "<a@b.test>"),
    ("FROM", "", "berg, "), ("FROM", "", "müller"), ("FROM", "", "MÜLLER"), ("FROM", "", "mu"), ("FROM", "", "friends: <"), ("FROM", "", ";"),
    ("FROM", "", "@r.test:"), ("FROM", "", "MISSING_DOMAIN"), ("FROM", "", "syntax_error"), ("FROM", "", "nil"), ("FROM", "", "straße"),
    ("FROM", "", "i̇stanbul"), ("FROM", "", "жё"), ("FROM", "", "ЖЁ"), ("FROM", "", "\\'"), ("FROM", "", ""), ("FROM", "", "(x)"), ("FROM", "", "@"),
    ("TO", "", "c@d.test"), ("TO", "", "anna"), ("TO", "", "p1999@b.test"), ("TO", "", ""), ("TO", "", "jane@customer.test"), ("TO", "", "a b"),
    ("CC", "", "a@b.test"), ("CC", "", "quoted"), ("CC", "", ""), ("BCC", "", "a@b.test"), ("BCC", "", "undisclosed-recipients:;"), ("BCC", "", ""),
    ("SUBJECT", "", "hello there"), ("SUBJECT", "", "HELLO"), ("SUBJECT", "", "grüße"), ("SUBJECT", "", "GRÜSSE"), ("SUBJECT", "", "grüße aus"),
    ("SUBJECT", "", "café"), ("SUBJECT", "", "cafe"), ("SUBJECT", "", "привет"), ("SUBJECT", "", "σίσυφος"), ("SUBJECT", "", "件名"),
    ("SUBJECT", "", "a b"), ("SUBJECT", "", "ab"), ("SUBJECT", "", "ab c"), ("SUBJECT", "", ' "hi"'), ("SUBJECT", "", "words words"),
    ("SUBJECT", "", "=?utf-8?q?broken"), ("SUBJECT", "", "q?"), ("SUBJECT", "", "tab here"), ("SUBJECT", "", "abc"), ("SUBJECT", "", ""),
    ("HEADER", "Subject", "hello  there"), ("HEADER", "subject", "tab"), ("HEADER", "X-Number", "1"), ("HEADER", "X-Number", ""),
    ("HEADER", "Message-ID", "grüße"), ("HEADER", "To", "anna berg <a@b.test>"), ("HEADER", "To", "(two)"), ("HEADER", "Reply-To", ",c@d"),
    ("HEADER", "X-Privet-Verdict", "private"), ("HEADER", "Date", "a b"), ("HEADER", "No-Such", ""), ("HEADER", "Content-Type", "UTF-8"),
    ("TEXT", "", "x-number: 7"), ("TEXT", "", "subject: hello"), ("TEXT", "", "hello there"), ("TEXT", "", "müller"), ("TEXT", "", "grüße"),
    ("TEXT", "", "café"), ("TEXT", "", "no colon"), ("TEXT", "", "a@b.test"), ("TEXT", "", "privet"), ("TEXT", "", "body"),
]
UNDECODED = re.compile(rb"=\?x-none\?|\r(?!\n)")


def is_undecoded(header):
    try:
        header.decode()
    except UnicodeDecodeError:
        return True
    return UNDECODED.search(header) is not None


class HeaderSearch(support.Case):
    def test_same_messages(self):
        headers = imap_messages.generated() + [header for header, _ in imap_messages.of_the_corpus()]
        self.assertGreater(len(headers), 300)
        dovecot = imap_server.Dovecot(self)
        dovecot.fill("v", headers)
        client = dovecot.client(self, "v")
        found = {query: set() for query in QUERIES}
        for uid, header in enumerate(headers, 1):
            for query, (note, _) in zip(QUERIES, answers(header, ["\t".join(("SEARCH",) + each) for each in QUERIES])):
                if note == "yes":
                    found[query].add(uid)
        different = []
        for query, ours in found.items():
            key, field, text = query
            theirs = client.search(f"{key} {field}".encode(), text.encode())
            for uid in sorted(ours ^ theirs):
                if uid in ours and is_undecoded(headers[uid - 1]):
                    continue
                different.append(f"{query} {'only we' if uid in ours else 'only Dovecot'}: {headers[uid - 1][:400]!r}")
        self.assertEqual(different, [], f"{len(different)} differences:\n" + "\n".join(different))


if __name__ == "__main__":
    unittest.main()
