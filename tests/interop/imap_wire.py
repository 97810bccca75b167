"""The bytes of an IMAP connection as values: responses with their literals, and what of them two servers must agree on.

Promise: every byte that a watched connection receives is searched for canaries, whatever the test looks at.
"""

import re
import socket

import support

CANARY = re.compile(rb"canary", re.IGNORECASE)  # in everything that a client may never see
KEPT_CODES = {"NOMODSEQ", "UNSEEN", "UIDVALIDITY", "UIDNEXT", "CLOSED", "READ-ONLY", "BADCHARSET"}
LITERAL = re.compile(rb"\{(\d+)\}\r\n\Z")


class Wire:
    """One connection. `watched`: a canary in what it receives fails the test."""

    def __init__(self, case, address, port, watched):
        self._socket = socket.create_connection((address, port), support.DEADLINE)
        self._socket.settimeout(support.DEADLINE)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # commands that are sent ahead
        self._input = self._socket.makefile("rb")
        self._watched = watched
        self._tags = 0
        self.received = 0
        case.addCleanup(self.close)
        self.greeting = self.response()

    def close(self):
        self._input.close()
        self._socket.close()

    def send(self, line):
        """Sends the line (bytes, without its end) with a new tag, which comes back."""
        self._tags += 1
        tag = b"t%d" % self._tags
        self._socket.sendall(tag + b" " + line + b"\r\n")
        return tag

    def send_raw(self, octets):
        self._socket.sendall(octets)

    def response(self):
        """One response, its literals in place; b"" at the end of the stream."""
        response = self._input.readline()
        while literal := LITERAL.search(response):
            response += self._input.read(int(literal[1])) + self._input.readline()
        self.received += len(response)
        if self._watched and CANARY.search(response):
            raise AssertionError(f"a canary was seen: {response[:2000]!r}")
        return response

    def result(self, tag):
        """(untagged responses, tagged one)."""
        untagged = []
        while not (response := self.response()).startswith(tag + b" "):
            assert response, (tag, untagged[-3:], "hung up")
            untagged.append(response)
        return untagged, response

    def run(self, line):
        return self.result(self.send(line))

    def ok(self, line):
        untagged, tagged = self.run(line)
        assert tagged.split(b" ", 2)[1] == b"OK", (line[:200], tagged)
        return untagged

    def append(self, mailbox, content, flags, date):
        """Files a message; its UID."""
        line = b'APPEND %s (%s) "%s" {%d+}\r\n' % (mailbox, b" ".join(flags), date, len(content))
        untagged, tagged = self.run(line + content)
        uid = re.search(rb"\[APPENDUID \d+ (\d+)\]", tagged)
        assert uid, (untagged, tagged)
        return int(uid[1])

    def silent(self, seconds):
        """Whether nothing at all arrives for that long."""
        self._socket.settimeout(seconds)
        try:
            return not self._socket.recv(1, socket.MSG_PEEK)
        except TimeoutError:
            return True
        finally:
            self._socket.settimeout(support.DEADLINE)


class String(bytes):
    """Quoted or literal; an atom is plain bytes."""

    def __repr__(self):
        return f"S({bytes(self)!r})"

    def __eq__(self, other):
        return isinstance(other, String) and bytes(self) == bytes(other)

    __hash__ = bytes.__hash__


class Reader:
    """One response as nested tuples of atoms (bytes), String and None for NIL."""

    ATOM = re.compile(rb'[^ ()\r\n"]+')

    def __init__(self, octets, at=0):
        self.octets, self.at = octets, at

    def blank(self):
        while self.octets[self.at:self.at + 1] == b" ":
            self.at += 1

    def value(self):
        self.blank()
        first = self.octets[self.at:self.at + 1]
        if first == b"(":
            return self.list()
        if first == b'"':
            quoted = re.compile(rb'"((?:[^"\\]|\\.)*)"', re.DOTALL).match(self.octets, self.at)
            self.at = quoted.end()
            return String(re.sub(rb"\\(.)", rb"\1", quoted[1]))
        if literal := re.compile(rb"\{(\d+)\}\r\n").match(self.octets, self.at):
            self.at = literal.end() + int(literal[1])
            return String(self.octets[literal.end():self.at])
        atom = self.ATOM.match(self.octets, self.at)
        assert atom, self.octets[self.at:self.at + 40]
        self.at = atom.end()
        return None if atom[0].upper() == b"NIL" else atom[0]

    def list(self):
        self.at += 1
        values = []
        while True:
            self.blank()
            if self.octets[self.at:self.at + 1] == b")":
                self.at += 1
                return tuple(values)
            values.append(self.value())

    def fetch_items(self):
        """[(name, value)] of what stands in a FETCH response's parentheses, and that it ends there."""
        assert self.octets[self.at:self.at + 1] == b"(", self.octets[:80]
        self.at += 1
        items = []
        while self.octets[self.at:self.at + 1] != b")":
            name = re.compile(rb" ?((?:[^\[ ()]+)(?:\[[^\]]*\](?:<\d+>)?)?) ").match(self.octets, self.at)
            assert name, self.octets[self.at - 20:self.at + 60]
            self.at = name.end()
            items.append((name_of(name[1]), self.value()))
        assert self.octets[self.at:] == b")\r\n", self.octets[self.at:][:80]
        return items


def name_of(item):
    """One spelling of an item's name: servers echo a section each in its own capitals and quotes."""
    return item.upper().replace(b'"', b"").decode("latin-1")


FETCH = re.compile(rb"\* (\d+) FETCH ")
NUMBERED = re.compile(rb"\* (\d+) (EXISTS|EXPUNGE|RECENT)\r\n")


def fetched(response):
    """(number, [(name, value)]) of a FETCH response, else None. Flags are sorted and know no \\Recent."""
    head = FETCH.match(response)
    if not head:
        return None
    items = Reader(response, head.end()).fetch_items()
    return int(head[1]), [(name, flags_of(value) if name == "FLAGS" else value) for name, value in items]


class Model:
    """A mailbox as a client has to believe it, from what it is told: numbers to UIDs (0: not known yet) and flags.

    Whatever a server says has to fit what it has said before (RFC 9051 5.2, 5.5, 7.5.1).
    """

    def __init__(self):
        self.uids, self.flags = [], {}

    def note(self, line, untagged):
        """What came for the command `line`."""
        if line.startswith((b"EXAMINE", b"SELECT")):
            self.uids, self.flags = [], {}
        keeps_numbers = re.match(rb"(FETCH|SEARCH|STORE) ", line)
        for response in untagged:
            if message := fetched(response):
                self._fetched(message, line)
            elif numbered := NUMBERED.match(response):
                number = int(numbered[1])
                if numbered[2] == b"EXPUNGE":
                    assert not keeps_numbers, (line, response)
                    assert 1 <= number <= len(self.uids), (line, response, len(self.uids))
                    self.flags.pop(self.uids.pop(number - 1), None)
                elif numbered[2] == b"EXISTS":
                    assert number >= len(self.uids), (line, response, len(self.uids))
                    self.uids += [0] * (number - len(self.uids))

    def _fetched(self, message, line):
        number, items = message
        assert 1 <= number <= len(self.uids), (line, number, len(self.uids))
        items = dict(items)
        uid = int(items.get("UID", 0))
        solicited = items.keys() - {"FLAGS", "UID"}
        assert uid or not line.startswith(b"UID FETCH") or not solicited, (line, number, "no UID")
        if uid:
            assert self.uids[number - 1] in (0, uid), (line, number, uid, self.uids[number - 1])
            self.uids[number - 1] = uid
            known = [each for each in self.uids if each]
            assert known == sorted(set(known)), (line, "UIDs do not ascend")
        if "FLAGS" in items:
            self.flags[self.uids[number - 1]] = items["FLAGS"]


def flags_of(value):
    return tuple(sorted(each.lower() for each in value if each.lower() != b"\\recent"))


def code_of(text):
    """The response code that stands in front of a text: what is kept of it, else None."""
    code = re.match(rb"\[([A-Z-]+)([^\]]*)\]", text)
    name = code[1].decode() if code else ""
    return name + code[2].decode() if name in KEPT_CODES else None


def normalised(untagged, tagged):
    """What two servers have to agree on, as section 4 of the oracle's rules has it: no human text, no \\Recent, no order of
    items, messages or keywords, no codes of extensions."""
    values = []
    messages = {}
    for response in untagged:
        if message := fetched(response):
            known = messages.setdefault(message[0], {})
            for name, value in message[1]:
                assert known.setdefault(name, value) == value, (response[:200], name)
        elif numbered := NUMBERED.match(response):
            if numbered[2] != b"RECENT":
                values.append((numbered[2].decode(), int(numbered[1])))
        elif response.startswith(b"* SEARCH"):
            values.append(("SEARCH", tuple(sorted({int(each) for each in response.split()[2:]}))))
        elif response.startswith(b"* ESEARCH "):
            values.append(extended_search(response, tagged.split(b" ", 1)[0]))
        elif re.match(rb"\* (LIST|LSUB) ", response):
            values.append(folder_of(response))
        elif response.startswith(b"* STATUS "):
            reader = Reader(response, 9)
            name, items = bytes(reader.value()), reader.value()
            values.append(("STATUS", name, tuple(sorted(zip(items[::2], items[1::2])))))
        elif response.startswith(b"* OK "):
            code = code_of(response[5:])
            if code:
                values.append(("OK", code))
        elif not re.match(rb"\* (FLAGS|CAPABILITY) ", response):
            values.append(("?", response[:60]))
    status, _, text = tagged.split(b" ", 1)[1].partition(b" ")
    return {"tagged": (status.decode(), code_of(text)), "other": sorted(values, key=repr),
            "messages": messages}


def numbers_of(text):
    """The numbers of a sequence set, ascending."""
    found = set()
    for part in text.split(b","):
        first, _, last = part.partition(b":")
        found.update(range(int(first), int(last or first) + 1))
    return tuple(sorted(found))


def extended_search(response, tag):
    """An ESEARCH response to the command with this tag: whether it speaks of UIDs, and its items with sets written out."""
    reader = Reader(response, 10)
    assert reader.value() == (b"TAG", String(tag)), (tag, response)
    words = reader.octets[reader.at:].split()
    uid = words[:1] == [b"UID"]
    words = words[uid:]
    items = {words[at].decode(): numbers_of(words[at + 1]) for at in range(0, len(words), 2)}
    return "ESEARCH", uid, tuple(sorted(items.items()))


def folder_of(response):
    reader = Reader(response, 2)
    kind, attributes, delimiter, name = (reader.value() for _ in range(4))
    unsaid = {b"\\marked", b"\\unmarked"}
    shown = tuple(sorted(each.lower() for each in attributes if each.lower() not in unsaid))
    reader.blank()
    extended = reader.value() if reader.octets[reader.at:reader.at + 1] == b"(" else ()
    more = tuple((bytes(tag), tuple(map(bytes, value))) for tag, value in zip(extended[::2], extended[1::2]))
    return kind.decode(), shown, delimiter, bytes(name), more


def difference(expected, got):
    """The first things that differ, short enough to print."""
    found = []
    for key in ("tagged", "other"):
        if expected[key] != got[key]:
            found.append(f"{key}: expected {str(expected[key])[:600]}, got {str(got[key])[:600]}")
    for number in sorted(expected["messages"].keys() | got["messages"].keys()):
        one, other = expected["messages"].get(number), got["messages"].get(number)
        if one is None or other is None:
            found.append(f"message {number}: expected {str(one)[:200]}, got {str(other)[:200]}")
            continue
        for name in sorted(one.keys() | other.keys()):
            if is_wrong_line_feed(name, one.get(name), other.get(name)):
                continue
            if one.get(name, "absent") != other.get(name, "absent"):
                found.append(f"message {number} {name}: {contrast(one.get(name, 'absent'), other.get(name, 'absent'))}")
    return found


def is_wrong_line_feed(name, expected, got):
    """Of the selected fields' last byte alone, a line feed, Dovecot 2.3 says that it is a carriage return."""
    return "HEADER.FIELDS" in name and "<" in name and (expected, got) == (String(b"\r"), String(b"\n"))


def contrast(one, other):
    one, other = repr(one), repr(other)
    at = next((i for i, (a, b) in enumerate(zip(one, other)) if a != b), min(len(one), len(other)))
    start = max(0, at - 40)
    return f"expected …{one[start:at + 160]}, got …{other[start:at + 160]}"
