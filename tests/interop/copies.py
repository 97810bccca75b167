"""What must be true after a corpus was sent through Privet, whoever sent it and whatever stood behind: people have the
sender's bytes, CRMs have what `privet explain --copy` says and nothing that a reader of our own finds in it.
"""

import email
import email.header
import email.policy
import email.utils
import functools
import re

from support import SENDER, explain, wait_for

STRIPPED = re.compile(r"[\w.+=-]+@(?:(?:[\w-]+\.)*acme\.test|stra(?:ß|ss)e\.test|xn--strae-oqa\.test)|"
                      r"steuer(?:\+[\w-]*)?@kanzlei\.test")
ADDRESS_FIELDS = ("from", "sender", "reply-to", "to", "cc", "bcc")
IDENTIFIER_FIELDS = ("message-id", "in-reply-to", "references")
STAND_IN = b"<made-when-sent@privet.invalid>"
ADDED_ID = re.compile(rb"\AMessage-ID: (<[0-9a-f]{32}@privet\.test>)\n")
TRACE = re.compile(rb"\AReturn-Path: <anna@acme\.test>\nDelivered-To: (\S+)\n"
                   rb"Received: from [^\n]*\n(?:[ \t][^\n]*\n)+")


class Embedded:
    """How the embedded upstream files content: as it is."""

    @staticmethod
    def content_of(delivered, recipient):
        return delivered.replace(b"\r\n", b"\n")

    @staticmethod
    def form_of(content):
        return content


class Postfix:
    """How Postfix files it: three trace fields in front, and a header that breaks RFC 5322 repaired."""

    @staticmethod
    def content_of(delivered, recipient):
        trace = TRACE.match(delivered)
        assert trace and trace[1] == recipient.encode(), f"unexpected trace fields: {delivered[:400]!r}"
        return delivered[trace.end():]

    @staticmethod
    def form_of(content):
        """Its own two changes (cleanup): no blank before the colon, an empty line before what is no field."""
        header, separator, body = content.partition(b"\n\n")
        header = re.sub(rb"(?m)^([!-9;-~]+)[ \t]+:", rb"\1:", header)
        return re.sub(rb"(?m)^(?=[^\n])(?![ \t]|[!-9;-~]+:)", b"\n", header, count=1) + separator + body


class Expected:
    """What explain says of every message; asked once, because envelopes differ only in their tags."""

    def __init__(self, config, messages):
        self.copies = {}
        for message in messages:
            said = explain(config, message, 0)
            assert said.returncode in (0, 3), f"{message.name}: {said.stderr.decode()}"
            self.copies[message.name] = said.stdout.replace(b"\r\n", b"\n") if said.returncode == 0 else None
        self.sent = sum(copy is not None for copy in self.copies.values())
        assert min(self.sent, len(messages) - self.sent) > 10, "the corpus should have both kinds"


def check_deliveries(case, privet, mailboxes, sendings, expected, server):
    """sendings: [(message, number)]; server: Embedded or Postfix. Waits until all of it has arrived, then compares
    every byte."""
    copy_events = functools.partial(privet.events, "copy sent", "copy withheld", "copy failed")
    wait_for(lambda: len(copy_events()) >= len(sendings),
             lambda: f"{len(sendings)} verdicts, there are {len(copy_events())}")
    events = copy_events()
    case.assertEqual(privet.events("copy failed"), [])
    case.assertEqual(len(events), len(sendings))
    sent = sum(each["event"] == "copy sent" for each in events)
    case.assertEqual(sent, sum(expected.copies[message.name] is not None for message, _ in sendings))
    people = sum(len(message.envelope(number)[0]) for message, number in sendings)
    wait_for(lambda: mailboxes.count("acme+") >= sent and mailboxes.count() >= sent + people,
             lambda: f"{sent} copies and {people} originals, there are {mailboxes.count()}")
    case.assertEqual(mailboxes.count(), sent + people, "more was delivered than was sent")
    for message, number in sendings:
        with case.subTest(message=message.name):
            check_one(case, mailboxes, message, number, expected.copies[message.name], server)


def check_one(case, mailboxes, message, number, expected, server):
    people, crm = message.envelope(number)
    original = server.form_of(message.content.replace(b"\r\n", b"\n"))
    added_ids = set()
    for recipient in people:
        delivered = mailboxes.read(recipient)
        case.assertEqual(len(delivered), 1, recipient)
        content = server.content_of(delivered[0], recipient)
        if not message.has_message_id() and expected is not None:
            added_ids.add(ADDED_ID.match(content)[1])
            content = ADDED_ID.sub(b"", content)
        case.assertEqual(content, original, recipient)
    delivered = mailboxes.read(crm[0])
    if expected is None:
        case.assertEqual(delivered, [], "this message is withheld from the CRM")
        return
    case.assertEqual(len(delivered), 1)
    copy = server.content_of(delivered[0], crm[0])
    if added_ids:
        case.assertEqual(len(added_ids), 1, "people and CRM must see one Message-ID")
        copy = copy.replace(added_ids.pop(), STAND_IN)
    case.assertEqual(copy, expected)
    check_copy(case, copy, original, people + crm)


# ---- An independent reader ------------------------------------------------------------------------------------------


def decoded_values(value):
    """A header's value as different readers see it: raw, unfolded, with its encoded words decoded."""
    text = value if isinstance(value, str) else value.decode("latin-1")
    unfolded = re.sub(r"\r?\n(?=[ \t])", "", text)
    yield text
    yield unfolded
    try:
        yield str(email.header.make_header(email.header.decode_header(unfolded)))
    except (LookupError, UnicodeError, email.errors.HeaderParseError):
        pass


def texts(message):
    """Every header value and text of a parsed message, decoded, with the name of the field (body: '')."""
    for part in message.walk():
        for name, value in part.items():
            for text in decoded_values(str(value)):
                yield name.lower(), text.lower()
        payload = part.get_payload(decode=True)
        if payload:
            for charset in {part.get_content_charset("utf-8"), "utf-8", "latin-1"}:
                try:
                    yield "", payload.decode(charset, "replace").lower()
                except LookupError:
                    pass


def readers(content):
    return [email.message_from_bytes(content, policy=policy) for policy in (email.policy.compat32,
                                                                           email.policy.default)]


def own_addresses(content):
    """The sender's own: the CRM has to know who wrote."""
    values = email.message_from_bytes(content).get_all("From", [])
    found = {SENDER}
    for value in values:
        for text in decoded_values(str(value)):
            found |= {address.lower() for _, address in email.utils.getaddresses([text])}
    return found


def check_copy(case, copy, original, recipients):
    own = own_addresses(original)
    named = set(recipients) | {re.sub(r"\+[^@]*", "", each) for each in recipients}
    for message in readers(original):
        for name, text in texts(message):
            if name in ADDRESS_FIELDS:
                named |= set(STRIPPED.findall(text))
    stripped = {each for each in named if STRIPPED.fullmatch(each)} - own
    case.assertTrue(stripped, "carl is always there")
    for address in stripped:
        case.assertNotIn(address.encode(), copy.lower())
    for message in readers(copy):
        for name, text in texts(message):
            for address in stripped:
                case.assertNotIn(address, text, f"in {name or 'the body'}")
            if name and name not in IDENTIFIER_FIELDS:
                case.assertEqual(set(STRIPPED.findall(text)) - own, set(), f"in {name}")
    marks = email.message_from_bytes(copy)
    case.assertIn(marks.get_all("X-Privet-Verdict"), (["share"], ["private"]))
    private = marks["X-Privet-Verdict"] == "private"
    case.assertEqual(marks.get_all("Sensitivity"), ["Private"] if private else None)
    case.assertIsNone(marks["Bcc"])
