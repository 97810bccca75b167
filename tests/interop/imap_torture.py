"""Mail for the oracle: every shape of MIME that a FETCH item can ask about, and ordinary mail, seen and unseen.

Whatever a client may never see says "canary": hidden messages, stripped people, dropped fields.
"""

import base64
import random

CUSTOMER = "Bob Builder <bob@bigco.example>"
US = "Anna Berg <anna@acme.test>"
SECRET = "Tom Canary <tom.canary@acme.test>"
TEXT = b"Content-Type: text/plain; charset=utf-8\r\n"
WORDS = ("offer", "invoice", "Straße", "delivery", "meeting", "quarter", "contract", "Grüße", "budget", "x=y", "line",
         "review")
LINES = b"The offer is attached.\r\nGr\xc3\xbc\xc3\x9fe from the quarter review\r\n"


def header(number, sender=CUSTOMER, to=f"{US}, {SECRET}, jane@other.example", subject="offer", extra=b"", date=None):
    """A header as it arrives: with traces that name people, and without its empty line."""
    date = date or f"Mon, {1 + number % 28} Jan 2026 10:{number % 60:02}:00 +0100"
    return (f"Return-Path: <canary-return@acme.test>\r\nDelivered-To: canary-delivered@acme.test\r\n"
            f"Received: from canary.test by mx.test for <canary-for@acme.test>;\r\n\tMon, 5 Jan 2026 10:00:00 +0100\r\n"
            f"X-Original-To: canary-original@acme.test\r\nDKIM-Signature: v=1; d=canary.test\r\n"
            f"From: {sender}\r\nTo: {to}\r\nSubject: {subject}\r\nDate: {date}\r\n"
            f"Message-ID: <m{number}@bigco.example>\r\nX-Mailer: canary 1.0\r\n").encode() + extra


def part(kind, body, extra=b""):
    return b"Content-Type: " + kind + b"\r\n" + extra + b"\r\n" + body


def multipart(kind, parts, boundary=b"b1", preamble=b"", epilogue=b"\r\n", end=True):
    """A multipart's MIME header and body, with its empty line."""
    body = preamble + b"".join(b"--" + boundary + b"\r\n" + each + b"\r\n" for each in parts)
    body += b"--" + boundary + b"--" + epilogue if end else b""
    return b"Content-Type: multipart/" + kind + b"; boundary=" + boundary + b"\r\n\r\n" + body


def nested(number, body):
    return (f"From: Carl <carl@bigco.example>\r\nTo: Jane <jane@other.example>, dora@other.example\r\nCc: list@other.example\r\n"
            f"Subject: nested {number} budget\r\nDate: Tue, 6 Jan 2026 08:00:00 +0000\r\nMessage-ID: <n{number}@x.example>\r\n"
            ).encode() + body


def shapes():
    """MIME headers and bodies, with the empty line between them."""
    png = base64.encodebytes(bytes(range(256)) * 12).replace(b"\n", b"\r\n")
    plain = part(b"text/plain; charset=utf-8", LINES)
    html = part(b"text/html; charset=utf-8", b"<p>The <b>offer</b> &amp; invoice</p>\r\n", b"Content-Transfer-Encoding: 8bit\r\n")
    image = part(b"image/png; name=\"a picture.png\"", png, b"Content-Transfer-Encoding: base64\r\nContent-ID: <p1@x>\r\n"
                 b"Content-Disposition: inline; filename=\"a picture.png\"; size=3072\r\nContent-Description: a \"picture\"\r\n"
                 b"Content-Location: http://x.example/a.png\r\nContent-Language: en, de\r\nContent-MD5: Q2hlY2sgSW50ZWdyaXR5IQ==\r\n")
    long_name = (b"Content-Disposition: attachment;\r\n filename*0*=utf-8''%C3%BC;\r\n filename*1=\"b.txt\"\r\n")
    message = part(b"message/rfc822", nested(1, TEXT + b"\r\n" + LINES))
    deep_message = part(b"message/rfc822", nested(2, multipart(b"mixed", [plain, message], b"in")), b"Content-Disposition: inline\r\n")
    related = multipart(b"related; type=\"text/html\"", [html, image], b"rel")
    alternative = multipart(b"alternative", [plain, related], b"alt")
    return {
        "plain": TEXT + b"\r\n" + LINES,
        "no type": b"\r\n" + b"invoice\r\n",
        "no body": TEXT + b"\r\n",
        "no end of line": TEXT + b"\r\nlast line without its end",
        "only line ends": b"\r\n\r\n\r\n",
        "type in capitals": b"CONTENT-TYPE: TEXT/PLAIN; CHARSET=\"UTF-8\"\r\nContent-Transfer-ENCODING: 8BIT\r\n\r\nx\r\n",
        "quoted-printable": TEXT + b"Content-Transfer-Encoding: quoted-printable\r\n\r\nStra=C3=9Fe x=3Dy soft=\r\n break contract\r\n",
        "base64": TEXT + b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(LINES).replace(b"\n", b"\r\n"),
        "html": b"Content-Type: text/html; charset=utf-8\r\n\r\n<p>meeting &auml;</p>\r\n",
        "format flowed": b"Content-Type: text/plain; charset=us-ascii; format=flowed; delsp=yes\r\n\r\ncontract \r\nline\r\n",
        "pdf alone": b"Content-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n" + long_name + b"\r\n" + png,
        "mixed": multipart(b"mixed", [plain, image]),
        "preamble": multipart(b"mixed", [plain, html], preamble=b"This is MIME.\r\n", epilogue=b"\r\nepilogue line\r\n"),
        "deep": multipart(b"mixed", [alternative, image, plain]),
        "alternative": multipart(b"alternative", [plain, html]),
        "one part": multipart(b"mixed", [plain]),
        "unended": multipart(b"mixed", [plain, html], end=False),
        "part without blank": multipart(b"mixed", [b"\r\njust text", plain]),
        "empty parts": multipart(b"mixed", [b"\r\n", b"Content-Type: text/plain\r\n\r\n", plain]),
        "boundary quoted": multipart(b"mixed", [plain, html], b"b 1").replace(b"boundary=b 1", b"boundary=\"b 1\""),
        "report": multipart(b"report; report-type=delivery-status",
                            [plain, part(b"message/delivery-status", b"Reporting-MTA: dns; mx.bigco.example\r\n\r\n"
                                         b"Final-Recipient: rfc822; carl@bigco.example\r\nAction: failed\r\nStatus: 5.1.1\r\n"),
                             part(b"text/rfc822-headers", nested(3, b""))]),
        "message in mixed": multipart(b"mixed", [plain, message]),
        "message in message": multipart(b"mixed", [deep_message, plain, message]),
        "digest": multipart(b"digest", [b"\r\n" + nested(4, b"\r\n" + LINES), b"\r\n" + nested(5, TEXT + b"\r\nx\r\n")]),
        "message alone": b"Content-Type: message/rfc822\r\n\r\n" + nested(6, TEXT + b"\r\n" + LINES),
        "message alone with parts": b"Content-Type: message/rfc822\r\n\r\n" + nested(7, multipart(b"mixed", [plain, image], b"in")),
        "calendar": multipart(b"alternative", [plain, part(b"text/calendar; method=REQUEST; charset=utf-8",
                                                           b"BEGIN:VCALENDAR\r\nSUMMARY:meeting\r\nEND:VCALENDAR\r\n")]),
        "long lines": TEXT + b"\r\n" + b"budget " * 140 + b"\r\n" + b"y" * 990 + b"\r\n",
        "large": TEXT + b"\r\n" + b"a line of the large message, delivery\r\n" * 4000,
        "large part": multipart(b"mixed", [plain, part(b"text/plain", b"another line of it\r\n" * 5000), image]),
        "reply to us": TEXT + b"\r\nFine.\r\n\r\nOn Monday, Anna Berg <anna@acme.test> wrote:\r\n> the offer\r\n",
        "reply with our header": TEXT + (b"\r\nFine.\r\n\r\nFrom: Anna Berg <anna@acme.test>\r\nSent: Monday\r\n"
                                         b"To: bob@bigco.example\r\nSubject: offer\r\n\r\nthe offer\r\n"),
        "message to us": multipart(b"mixed", [plain, part(b"message/rfc822", b"From: carl@bigco.example\r\nTo: anna@acme.test\r\n"
                                                          b"Subject: nested budget\r\n\r\n" + LINES)]),
        "many parts": multipart(b"mixed", [part(b"text/plain", b"part %d\r\n" % i) for i in range(30)]),
    }


def senders():
    """(From, To, Subject, further fields): what can happen to a header."""
    folded = ",\r\n ".join(f"Person {i} <person{i}@other.example>" for i in range(12))
    mixed = ", ".join(f"p{i}.canary@acme.test, Q{i} <q{i}@bigco.example>" for i in range(9))
    blocked = b"Cc: Canary Steuer <steuer@kanzlei.example>\r\n"
    return [
        (CUSTOMER, US, "only internal people", b""),
        (CUSTOMER, f"{US}, carl@bigco.example", "Re: offer", b"Cc: tom.canary@acme.test\r\nIn-Reply-To: <m0@x>\r\nReferences: <m0@x> <m1@x>\r\n"),
        (CUSTOMER, f"carl@bigco.example, {SECRET}, \"Miller, Jane\" <jane@other.example>", "quoted name", blocked),
        (CUSTOMER, folded, "folded recipients", b"Cc: " + mixed.encode() + b"\r\n"),
        (CUSTOMER, mixed, "many", b"Bcc: canary-bcc@acme.test\r\nReply-To: sales@bigco.example, c.canary@acme.test\r\n"),
        (CUSTOMER, "Team: tom.canary@acme.test, carl@bigco.example;, jane@other.example", "group", b""),
        (CUSTOMER, "Canary team: tom.canary@acme.test;, jane@other.example", "group of nobody", b""),
        (US, f"bob@bigco.example (the builder), {SECRET}", "sent by us", b"Sender: canary-sender@acme.test\r\n"),
        (US, "jane@other.example", "=?utf-8?q?Gr=C3=BC=C3=9Fe?= from us", b"Importance: high\r\nX-Priority: 1\r\nPriority: urgent\r\n"),
        (US, f"{US}, jane@other.example", "to myself, too", b"Auto-Submitted: auto-generated\r\n"),
        ("=?utf-8?b?SsO2cmc=?= <joerg@other.example>", f"anna+tag@acme.test, {SECRET}", "[private] budget", b""),
        (CUSTOMER, US, "marked", b"Sensitivity: Company-Confidential\r\n"),
        (CUSTOMER, f"\"tom.canary@acme.test\" <jane@other.example>, {US}", "telling name", b""),
        (CUSTOMER, US, "two of To", b"To: carl@bigco.example, x.canary@acme.test\r\nCc: jane@other.example\r\nCc: y.canary@acme.test\r\n"),
        (CUSTOMER, f"jane@other.example,\r\n {SECRET},\r\n\tcarl@bigco.example", "a long\r\n subject that is\r\n\tfolded", b""),
        (CUSTOMER, US, "quotes \" and \\ in it", b"Content-Language: de\r\n"),
        ("<bob@bigco.example>", "<jane@other.example> , <carl@bigco.example>", "", b""),
        (CUSTOMER, US, "f\u00fcr alle", b""),
    ]


def hidden():
    """Messages that must not exist."""
    text = TEXT + b"MIME-Version: 1.0\r\n\r\ncanary body\r\n"
    plain = part(b"text/plain", b"canary\r\n")
    forward = part(b"message/rfc822", b"From: tom.canary@acme.test\r\nTo: anna@acme.test\r\nSubject: canary\r\n\r\ncanary\r\n")
    return [
        header(1, US, SECRET, "canary internal") + text,
        header(2, SECRET, US, "canary internal two") + text,
        header(3, "Canary <steuer@kanzlei.example>", f"{US}, bob@bigco.example", "canary blocked") + text,
        header(4, CUSTOMER, US, "canary geheim") + text,
        header(5, CUSTOMER, f"{US}, {SECRET}", "offer") + TEXT + b"\r\ncanary: ask tom.canary@acme.test about it\r\n",
        header(6, CUSTOMER, US, "offer") + TEXT + b"\r\nWrite to steuer@kanzlei.example, canary\r\n",
        header(7, CUSTOMER, US, "fwd canary") + b"MIME-Version: 1.0\r\n" + multipart(b"mixed", [plain, forward]),
        header(10, CUSTOMER, US, "canary").replace(b"From: ", b"X-From: ") + text,
        header(11, CUSTOMER + ", carl@bigco.example", US, "canary") + text,
        header(12, CUSTOMER, US, "canary") + b"Subject: another\r\n" + text,
        header(13, CUSTOMER, US, "canary") + b"a line that is no field\r\n" + text,
        header(14, CUSTOMER, US, "canary") + b"X-Odd: a \r return\r\n" + text,
        header(15, CUSTOMER, US, "canary") + b"MIME-Version: 1.0\r\nContent-Type: application/pkcs7-mime\r\n\r\ncanary\r\n",
        header(8, US, "steuer@kanzlei.example", "canary tax") + text,
        header(9, US, f"steuer@kanzlei.example, {SECRET}", "canary tax") + multipart(b"mixed", [plain] * 3),
    ]


def torture():
    """[(name, content)] of messages that can be seen."""
    messages = []
    for name, shape in shapes().items():
        extra = b"MIME-Version: 1.0\r\n" + shape
        messages.append((name, header(len(messages), subject=f"shape {name}", extra=extra)))
    for sender, to, subject, extra in senders():
        number = len(messages)
        messages.append((subject, header(number, sender, to, subject, extra) + TEXT + b"\r\nhello line " + b"%d\r\n" % number))
    return messages


def ordinary(chance, number):
    """A message that can be seen, another each time."""
    shape = chance.choice(list(shapes().values())[:27])
    sender = chance.choice([CUSTOMER, US, "carl@bigco.example", "Dora <dora@other.example>"])
    people = chance.sample(["jane@other.example", "Bob <bob@bigco.example>", US, SECRET, "u.canary@acme.test", "Ed <ed@other.example>",
                            "\"Last, First\" <lf@bigco.example>"], chance.randint(1, 5)) + ["carl2@bigco.example"]
    subject = " ".join(chance.sample(WORDS, 3)).encode("ascii", "ignore").decode()
    month = chance.choice(["Jan", "Feb", "Mar", "Apr"])
    date = f"Wed, {chance.randint(1, 28)} {month} 2026 {chance.randint(0, 23):02}:00:00 {chance.choice(['+0000', '-0800', '+0900'])}"
    extra = b"Cc: " + chance.choice([b"v.canary@acme.test", b"Kim <kim@other.example>, w.canary@acme.test"]) + b"\r\n"
    return header(number, sender, ", ".join(people), subject, extra + b"MIME-Version: 1.0\r\n" + shape, date)


def never_seen(chance, number):
    """One that must not exist, another each time."""
    content = chance.choice(hidden())
    return content.replace(b"Message-ID: <m", b"Message-ID: <canary%d.m" % number)


def seeded(seed):
    return random.Random(seed)
