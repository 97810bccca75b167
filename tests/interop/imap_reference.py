"""What the filtered view has to show of a message, worked out anew from policy/README.md and the rules of mime/redaction.h.

It knows the one tenant of imap_world.py and the messages of imap_torture.py, not mail in general: what it could misread
is not in there. No line of it comes from the product.
"""

import email
import email.policy
import re

INTERNAL = re.compile(r"@(?:[\w-]+\.)*acme\.test\Z")
BLOCKED = {"steuer@kanzlei.example"}
CUSTOMERS = re.compile(r"@bigco\.example\Z")
STRIPPED_FIELDS = {b"from", b"sender", b"reply-to", b"to", b"cc"}
KEPT_FIELDS = {b"date", b"subject", b"message-id", b"in-reply-to", b"references", b"mime-version", b"importance",
               b"priority",
               b"x-priority", b"auto-submitted"}
PARTY_FIELDS = {b"sender", b"reply-to", b"to", b"cc", b"bcc"}
TEXT_ADDRESS = re.compile(r"[\w.+-]+@[\w.-]*\w")


def key_of(address):
    local, _, domain = address.lower().rpartition("@")
    return local.split("+")[0] + "@" + domain


class Policy:
    """The parts of the tenant's rules that differ from test to test; `owner` is the mailbox's."""

    def __init__(self, blocked=(), hidden_words=("geheim",), shared=CUSTOMERS, owner="anna@acme.test"):
        self.owner = owner
        self.blocked = BLOCKED | set(blocked)
        self.hidden_words = hidden_words
        self.shared = shared

    def strips(self, key):
        return key in self.blocked or bool(INTERNAL.search(key))

    def view(self, content):
        """(redacted bytes, marked private), or None for a message that does not exist."""
        header, body = content.split(b"\r\n\r\n", 1) if b"\r\n\r\n" in content else (content[:-2], b"")
        fields = fields_of(header + b"\r\n")
        named = {name: [one for field in fields if field[0] == name for one in addresses_of(field[1])]
                 for name in PARTY_FIELDS | {b"from"}}
        if len(named[b"from"]) != 1 or sum(name == b"subject" for name, _ in fields) > 1 or not_mail(header):
            return None
        author = named[b"from"][0].key
        others = {one.key for name in PARTY_FIELDS for one in named[name]} - {author}
        verdict = self.verdict(author, others, fields)
        if verdict == "hide":
            return None
        redacted = [b"X-Privet-Verdict: " + verdict.encode()]
        if verdict == "private":
            redacted.append(b"Sensitivity: Private")
        gone = set()
        kept = []
        for name, raw in fields:
            if name in STRIPPED_FIELDS:
                kept.append((name, self.stripped(raw, author, gone)))
            elif name in KEPT_FIELDS or name.startswith(b"content-"):
                kept.append((name, raw))
        if any(name == b"to" for name, _ in kept) and not any(name == b"to" and raw for name, raw in kept):
            place = [name for name, _ in kept].index(b"to")
            kept[place] = (b"to", b"To: undisclosed-recipients:;")
        redacted += [raw for _, raw in kept if raw]
        # Bcc is not shown, but who was stripped from it may not be found either.
        gone |= {one.key for one in named[b"bcc"] if self.strips(one.key)} - {author}
        rest = b"\r\n".join(redacted) + b"\r\n\r\n" + body
        return None if self.names_somebody(rest, gone - {self.owner}, {author, self.owner}) else (rest, verdict == "private")

    def verdict(self, author, others, fields):
        if author in self.blocked:
            return "hide"
        if not any(not self.strips(one) for one in others) and (INTERNAL.search(author) or not others):
            return "hide"
        subject = b" ".join(raw for name, raw in fields if name == b"subject").decode("utf-8", "replace").lower()
        if any(word in subject for word in self.hidden_words):
            return "hide"
        if "[private]" in subject or not any(self.shared.search(one) for one in others | {author}):
            return "private"
        marked = any(name == b"sensitivity" and b"normal" not in raw.lower() for name, raw in fields)
        return "private" if marked else "share"

    def stripped(self, raw, author, gone):
        """The field without those who must go; b"" when nobody is left."""
        everybody = addresses_of(raw)
        is_from = raw[:5].lower() == b"from:"
        stays = [one for one in everybody if is_from or one.key == author or not self.strips(one.key)]
        gone |= {one.key for one in everybody} - {one.key for one in stays}
        telling = [one for one in stays if any(self.strips(key_of(each)) and key_of(each) != author
                                               for each in TEXT_ADDRESS.findall(one.display))]
        if len(stays) == len(everybody) and not telling:
            return raw
        if not stays:
            return b""
        items = []
        group = None
        for one in stays:
            item = one.address.encode() if one in telling else one.raw
            if one.group != group:
                if group is not None:
                    items[-1] += b";"
                group = one.group
                if group is not None:
                    item = group[1] + b": " + item
            items.append(item)
        if group is not None:
            items[-1] += b";"
        return folded(raw.split(b":")[0], items)

    def names_somebody(self, content, gone, known):
        """Whether a part, also a nested message's header, names somebody who was stripped, or who is blocked."""
        message = email.message_from_bytes(content, policy=email.policy.compat32)
        parts = list(message.walk())
        texts = [str(value) for name, value in message.items() if name.lower().encode() not in STRIPPED_FIELDS]
        for part in parts[1:]:
            headers = [str(value) for _, value in part.items()]
            if any(self.strips(key_of(each)) and key_of(each) not in known
                   for value in headers for each in TEXT_ADDRESS.findall(value)):
                return True
        for part in parts:
            if part.get_content_type() == "application/pkcs7-mime":
                return True  # nobody can look into it
            if part.get_content_maintype() == "text":
                texts.append(part.get_payload(decode=True).decode("utf-8", "replace"))
        keys = {key_of(each) for text in texts for each in TEXT_ADDRESS.findall(text)}
        return bool(keys & (gone | self.blocked))


def not_mail(header):
    """What no two readers need to understand alike, as far as imap_torture.py has it."""
    return re.search(rb"\r(?!\n)|\0", header) or not re.fullmatch(rb"(?:[!-9;-~]+[ \t]*:.*(?:\r\n[ \t].*)*\r\n)*",
                                                                  header + b"\r\n")


def fields_of(header):
    """[(lower-case name, raw without its last line end)]."""
    raws = re.split(rb"\r\n(?![ \t])", header.removesuffix(b"\r\n"))
    return [(raw.split(b":")[0].strip().lower(), raw) for raw in raws]


class Named:
    def __init__(self, raw, group):
        self.raw, self.group = raw, group
        text = raw.decode("utf-8", "replace")
        angle = re.search(r"<([^<>]*)>(?:\s|\([^()]*\))*\Z", text)
        self.address = angle[1] if angle else re.sub(r"\([^()]*\)", "", text).strip()
        self.display = text.replace("<" + self.address + ">", "") if angle else " ".join(re.findall(r"\(([^()]*)\)", text))
        self.key = key_of(self.address)


def addresses_of(raw):
    """The mailboxes of an address field, with the group (place, name) they stand in."""
    value = raw.split(b":", 1)[1]
    found = []
    group = None
    start = 0
    in_quotes = in_angle = False
    depth = 0
    places = list(enumerate(value)) + [(len(value), ord(","))]
    skip = False
    for at, code in places:
        char = chr(code)
        if skip:
            skip = False
        elif char == "\\" and (in_quotes or depth):
            skip = True
        elif in_quotes:
            in_quotes = char != '"'
        elif char == "(":
            depth += 1
        elif depth:
            depth -= char == ")"
        elif char == '"':
            in_quotes = True
        elif char in "<>":
            in_angle = char == "<"
        elif char == ":" and not in_angle:
            group = (at, value[start:at].strip())
            start = at + 1
        elif char in ",;" and not in_angle:
            item = value[start:at].strip()
            if item:
                found.append(Named(item, group))
            start = at + 1
            if char == ";":
                group = None
    return found


def folded(name, items):
    """The field anew: items on a line while it stays below 78 columns."""
    lines = [name + b": " + items[0]]
    for item in items[1:]:
        first = item.split(b"\r\n")[0]
        last = lines[-1].split(b"\r\n")[-1]
        if len(last) + len(first) + 2 < 78:
            lines[-1] += b", " + item
        else:
            lines[-1] += b","
            lines.append(b" " + item)
    return b"\r\n".join(lines)
