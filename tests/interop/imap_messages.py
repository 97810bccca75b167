"""Headers that people, programs and enemies write: what the IMAP view answers about them is compared with Dovecot."""

import functools
import random
import re

import support

ADDRESSES = [
    "a@b.test", "<a@b.test>", "Anna <a@b.test>", '"Anna Berg" <a@b.test>', "a@b.test (Anna Berg)", "", "<>", "a", "a b",
    '"a b"', '"a b" c', '"a"@b.test', '"a \\"b\\" c" <a@b.test>', '"a\\\\b" <a@b.test>', '"1\\"2\\"3\\"4\\"5\\"" <a@b.test>',
    "Anna Berg <a@b.test", "Anna Berg a@b.test>", "a@b.test,", ",a@b.test", "a@b.test,,c@d.test", "a@b.test; c@d.test",
    "friends: a@b.test, c@d.test;", "friends:;", "friends: ;, a@b.test", "friends: a@b.test", "friends: a@b.test, c",
    '"the friends": Anna <a@b.test>;, x@y.test', ": a@b.test;", "undisclosed-recipients:;", "a: b: c@d.test;;",
    "<@r.test:a@b.test>", "<@r.test,@s.test:a@b.test>", "<@r.test a@b.test>", "<@r.test", "Anna <@r.test , @s.test : a@b.test>",
    "a.b.c@d.test", "a..b@c.test", ".a@b.test", "a.@b.test", "a. b@c.test", "a .b@c.test", "a@b .c", "a@b. test", "a@b..test",
    "a@[192.0.2.1]", "a@[192.0.2.1", "a@[a[b]", "a@[a\\]b]", "a@", "@b.test", "a@b@c.test", "<a@b.test> Anna", "Anna <a>",
    "(first) a@b.test (second)", "Anna (one) <a@b.test> (two)", "a(x)@(y)b.test(z)", "a@b.test (nested (comment) here)",
    "a@b.test (unclosed", "a@b.test (unclosed\\", "(only a comment)", "a@b.test (quoted \\) pair \\\\)", '"unclosed <a@b.test>',
    '"unclosed\\', "=?utf-8?q?Anna_M=C3=BCller?= <a@b.test>", '"=?utf-8?q?Anna?=" <a@b.test>',
    "=?utf-8?b?QW5uYSwgQmVyZw==?= <a@b.test>, =?utf-8?q?a@b.test?=", "Müller <a@b.test>", '"Müller" <mü@b.test>', "a@müller.test",
    "Anna\tBerg <a@b.test>", "  Anna   Berg   <a@b.test>  ", "Anna.Berg <a@b.test>", "Anna . Berg <a@b.test>", ". Anna <a@b.test>",
    "Anna, Berg <a@b.test>", "Anna Berg\r\n <a@b.test>", "Anna\r\n\tBerg <a@b.test>,\r\n c@d.test", '"Anna\r\n Berg" <a@b.test>',
    "a@b.test\r\n ,c@d.test", "\r\n a@b.test", "\r\n\ta@b.test,\r\n\t\r\n c@d.test", "a@b.test (Anna\r\n Berg)", "\r\n ",
    "Anna's <a@b.test>", "a'b@c.test", "NIL <nil@nil>", "nil", '"" <a@b.test>', '""@b.test', "<\"\"@b.test>", "a\\b@c.test",
    "a@b.test c@d.test", "a@b.test\x01", "\x7fa@b.test", "a@b.test:", "a:b@c.test", "<a@b.test>,<c@d.test>", "Anna<a@b.test>",
    '"a""b" <c@d.test>', 'a"b"c <d@e.test>', "<a@b.test (x) >", "< a@b.test >", "<a@b.test>>", "<<a@b.test>>",
    "a\r@b.test", "Größe Straße <gs@b.test>", "\u0130stanbul <i@b.test>", "ЖЁ <zh@b.test>", "a@b.test, (c) , d@e.test",
    "mailto:a@b.test", "a/b=c@d.test", "a%b@c.test", "a!b@c.test", "Anna [x] <a@b.test>", "[a@b.test]", "a@b.test (",
]
TEXTS = [
    "Hello", "", " ", "  Hello  there ", "Hello\r\n there", "Hello\r\n\tthere", "\r\n Hello", "\r\n", "tab\there", 'say "hi"',
    "back\\slash", '""""""', "=?utf-8?q?Gr=C3=BC=C3=9Fe?=", "=?utf-8?q?Gr=C3=BC?= =?utf-8?q?=C3=9Fe?=", "Grüße", "Gr\xfc\xdfe",
    "=?iso-8859-1?q?Gr=FC=DFe?= aus Köln", "=?utf-8?b?R3LDvMOfZQ==?=", "=?x-none?q?abc?=", "=?utf-8?q?broken", "=?utf-8?q?a?=b",
    "a =?utf-8?q?b?= c", "=?utf-8?q?a?=\r\n =?utf-8?q?b?=", "Café cafe CAFÉ", "Привет мир", "ΣΊΣΥΦΟΣ", "日本語の件名", "x" * 3000,
    "words " * 2000, "NIL", "(parens)", "{5}", "Hello\r\n \r\n there", "a\r\n  b\r\n\t\tc", "colon: in: it", "\x01\x02",
]
FIELDS = ["From", "Sender", "Reply-To", "To", "Cc", "Bcc"]


def _bytes(text):
    """UTF-8, but for the text that stands for raw Latin-1."""
    return text.encode("latin-1" if text == "Gr\xfc\xdfe" else "utf-8")


def _field(name, text):
    return name.encode() + b": " + _bytes(text) + b"\r\n"


@functools.cache
def generated():
    """The same headers in every run, each with its empty line."""
    chance = random.Random(9051)
    headers = [_field("From", each) + _field("Subject", "an address") + b"\r\n" for each in ADDRESSES]
    headers += [_field("Subject", each) + _field("Date", each) + _field("Message-ID", each) +
                _field("In-Reply-To", each) + b"\r\n" for each in TEXTS]
    headers += [
        b"\r\n", b"Subject:no blank\r\nTo:a@b.test\r\n\r\n", b"subject : blank before colon\r\nTO\t:a@b.test\r\n\r\n",
        b"Subject: one\r\nSubject: two\r\nTo: a@b.test\r\nTo: c@d.test\r\nDate: x\r\nDate: y\r\n\r\n",
        b"no colon here\r\nSubject: s\r\n\r\n", b"From nobody Thu Jan  1 00:00:00 1970\r\nSubject: s\r\n\r\n",
        b" leading blank\r\nSubject: s\r\n\r\n", b"X" * 1200 + b": long\r\nSubject: s\r\n\r\n", b"Subject: s\r\n",
        b"Subject: s\r\n\tmore\r\n", b"Subject:\r\n\r\n", b": no name\r\nSubject: s\r\n\r\n",
        b"To:" + b",".join(b"\r\n person %d <p%d@b.test>" % (i, i) for i in range(2000)) + b"\r\n\r\n",
        b"To: " + b"(" * 5000 + b"\r\n\r\n", b"To: " + b"g: a@b.test, " * 500 + b"\r\n\r\n",
    ]
    for number in range(120):
        header = b""
        for name in chance.sample(FIELDS + ["Subject", "Date", "Message-ID", "In-Reply-To", "X-Other"], chance.randint(3, 11)):
            parts = [chance.choice(ADDRESSES) for _ in range(chance.randint(1, 4))]
            text = ", ".join(parts) if name in FIELDS else chance.choice(TEXTS)
            name = chance.choice([name, name.lower(), name.upper()])
            header += _field(name, text)
        headers.append(header + b"X-Number: %d\r\n\r\n" % number)
    return [parts_of(each)[0] for each in headers]


@functools.cache
def of_the_corpus():
    """(header section, body) of each test message that has an empty line."""
    parts = [parts_of(message.content) for message in support.corpus()]
    return [(header, body) for header, body in parts if header.endswith(b"\r\n\r\n")]


def parts_of(content):
    """(header section with its empty line, body)."""
    end = re.match(rb"\r\n|.*?\r?\n\r?\n", content, re.DOTALL)
    return (content[:end.end()], content[end.end():]) if end else (content, b"")
