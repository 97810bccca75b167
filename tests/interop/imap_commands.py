"""Random IMAP commands, the same ones for the same seed: what a client could send to a mailbox that it may only read."""

import re
import time

MACROS = (b"ALL", b"FAST", b"FULL")
PLAIN = (b"FLAGS", b"UID", b"INTERNALDATE", b"RFC822.SIZE", b"ENVELOPE", b"BODY", b"BODYSTRUCTURE", b"RFC822",
         b"RFC822.HEADER",
         b"RFC822.TEXT")
FIELDS = (b"From", b"TO", b"cc", b"Bcc", b"Subject", b"DATE", b"Message-Id", b"Received", b"X-Privet-Verdict",
          b"Sensitivity",
          b"Content-Type", b"References", b"X-None", b"Delivered-To", b"Reply-To", b"Sender", b"MIME-Version",
          b"Importance")
PARTS = (b"1", b"2", b"3", b"1.1", b"1.2", b"2.1", b"2.2", b"1.1.1", b"1.2.1", b"1.2.2", b"1.1.2", b"2.1.1", b"3.1", b"9",
         b"30", b"1.2.1.1",
         b"1.2.1.2")
PARTIALS = (b"", b"", b"", b"<0.1>", b"<0.40>", b"<7.100>", b"<200.300>", b"<0.100000>", b"<100000.10>", b"<450.1>",
            b"<0.4294967295>")
FLAGS = (b"ANSWERED", b"DELETED", b"DRAFT", b"FLAGGED", b"SEEN", b"UNANSWERED", b"UNDELETED", b"UNDRAFT", b"UNFLAGGED",
         b"UNSEEN")
KEYWORDS = (b"$Private", b"$private", b"$Forwarded", b"CanaryKeyword", b"None")
TERMS = (b"offer", b"OFF", b"invoice", b"bob", b"bigco.example", b"jane@other.example", b"canary", b"tom.canary@acme.test",
         b"anna",
         b"acme.test", b"Stra\xc3\x9fe", b"GR\xc3\x9cSSE", b"gr\xc3\xbc", b"quarter", b"undisclosed", b"Miller, Jane",
         b"line", b"x=y", b"share",
         b"private", b"steuer", b"meeting", b"nested", b"carl", b"\"", b"\\", b"e", b"zzz", b"Private", b"us-ascii",
         b"shape", b"reply",
         b"boundary", b"a picture.png", b"last line", b"delivery-status", b"Q2", b"the builder", b"Person 7")
DATES = (b"1-Jan-2026", b"5-Jan-2026", b"12-Feb-2026", b"03-Mar-2026", b"\"28-Apr-2026\"", b"1-Jan-2030", b"7-Jan-2026")

FIRST_MAIL = 1767225600  # of imap_world.mailbox(): new year 2026, and each of the next four months has some
AGES = (b"1", b"3600", b"4294967295") + tuple(b"%d" % (time.time() - FIRST_MAIL - days * 86400) for days in (5, 20, 45, 70, 100))
RETURNS = (b"MIN", b"MAX", b"ALL", b"COUNT")


class Commands:
    def __init__(self, chance, contents, keys=None):
        """`contents`: what is seen, for sizes. `keys`: replaces the search keys that take a text."""
        self.chance = chance
        self.sizes = sorted({len(each) for each in contents})
        self.sized = self.flagged = False
        self.texts = keys or (b"FROM", b"TO", b"CC", b"BCC", b"SUBJECT", b"TEXT", b"BODY", b"HEADER")

    def numbers(self, last, wild=0.1):
        """A sequence set, mostly within 1:last, unordered."""
        def one():
            if self.chance.random() < wild:
                return self.chance.choice((b"*", b"%d" % (last + 1), b"%d" % (last + 50), b"4294967295"))
            return b"%d" % self.chance.randint(1, max(last, 1))

        count = self.chance.choice((1, 1, 1, 2, 4))
        return b",".join(one() if self.chance.random() < 0.6 else one() + b":" + one() for _ in range(count))

    def section(self):
        kind = self.chance.randrange(6)
        part = self.chance.choice(PARTS) if self.chance.random() < 0.6 else b""
        dotted = part + b"." if part else b""
        if kind == 0:
            return part
        if kind == 1:
            return dotted + b"HEADER"
        if kind == 2:
            return dotted + b"TEXT"
        if kind == 3:
            return (part or b"1") + b".MIME"
        names = b" ".join(self.chance.sample(FIELDS, self.chance.randint(1, 4)))
        return dotted + (b"HEADER.FIELDS" if kind == 4 else b"HEADER.FIELDS.NOT") + b" (" + names + b")"

    def item(self):
        if self.chance.random() < 0.45:
            return self.chance.choice(PLAIN)
        peek = self.chance.choice((b"BODY[", b"BODY.PEEK["))
        return peek + self.section() + b"]" + self.chance.choice(PARTIALS)

    def items(self):
        if self.chance.random() < 0.1:
            return self.chance.choice(MACROS)
        items = [self.item() for _ in range(self.chance.choice((1, 1, 2, 4)))]
        different = {re.sub(rb"\.PEEK|<.*", b"", each).upper(): each for each in items}
        return b"(" + b" ".join(different.values()) + b")"

    def fetch(self, last, last_uid):
        if self.chance.random() < 0.5:
            numbers = self.numbers(last, wild=0.03)
            if b"*" in numbers and max(map(int, re.findall(rb"\d+", numbers)), default=0) > last:
                numbers = b"1:*"  # of several ranges Dovecot 2.3 looks at the last only, and takes the others' excess
            return b"FETCH " + numbers + b" " + self.items()
        return b"UID FETCH " + self.numbers(last_uid) + b" " + self.items()

    def text(self):
        term = self.chance.choice(TERMS)
        if self.chance.random() < 0.3 or max(term) > 126 or b"\"" in term or b"\\" in term:
            return b"{%d+}\r\n" % len(term) + term
        return b"\"" + term + b"\""

    def leaf(self, last, last_uid):
        kind = self.chance.randrange(9)
        if kind == 0:
            if self.chance.random() < 0.2:
                return self.chance.choice((b"OLDER", b"YOUNGER")) + b" " + self.chance.choice(AGES)
            if self.flagged:
                return b"ALL"
            self.flagged = True  # of SEEN in a list beside UNSEEN, all under NOT, Dovecot 2.3 finds too little
            return self.chance.choice(FLAGS + (b"ALL",))
        if kind == 1:
            return self.chance.choice((b"KEYWORD ", b"UNKEYWORD ")) + self.chance.choice(KEYWORDS)
        if kind == 2:
            key = self.chance.choice((b"BEFORE", b"ON", b"SINCE", b"SENTBEFORE", b"SENTON", b"SENTSINCE"))
            return key + b" " + self.chance.choice(DATES)
        if kind == 3 and not self.sized:
            self.sized = True  # of two under NOT, Dovecot 2.3 makes one that is wrong
            size = self.chance.choice(self.sizes) + self.chance.choice((-1, 0, 1))
            return self.chance.choice((b"LARGER", b"SMALLER")) + b" %d" % size
        if kind == 4:
            return b"UID " + self.numbers(last_uid)
        if kind == 5:
            return self.numbers(last, wild=0.03)
        key = self.chance.choice(self.texts)
        if key == b"HEADER":
            key += b" " + self.chance.choice(FIELDS)
            if self.chance.random() < 0.2:
                return key + b" \"\""
        return key + b" " + self.text()

    def tree(self, last, last_uid, depth):
        kind = self.chance.randrange(5) if depth else 0
        if kind <= 1:
            return self.leaf(last, last_uid)
        inner = self.tree(last, last_uid, depth - 1)
        if kind == 2:
            return b"NOT " + inner
        other = self.tree(last, last_uid, depth - 1)
        return b"OR " + inner + b" " + other if kind == 3 else b"(" + inner + b" " + other + b")"

    def search(self, last, last_uid):
        uid = self.chance.choice((b"", b"UID "))
        self.sized = self.flagged = False
        returns = b""
        if self.chance.random() < 0.4:
            returns = b"RETURN (" + b" ".join(self.chance.sample(RETURNS, self.chance.randint(0, 4))) + b") "
        return uid + b"SEARCH " + returns + b"CHARSET UTF-8 " + self.tree(last, last_uid, self.chance.randint(0, 3))

    def listing(self):
        """A LIST with any of its extensions."""
        def some(options):
            return self.chance.sample(options, self.chance.randint(0, len(options)))

        selects = some((b"SUBSCRIBED", b"REMOTE", b"SPECIAL-USE"))
        if set(selects) - {b"REMOTE"} and self.chance.random() < 0.5:
            selects.append(b"RECURSIVEMATCH")
        patterns = self.chance.sample((b"*", b"%", b"Pro%", b"Pro*", b"%.%", b"Canary", b"Sent", b"inbox", b"\"\""),
                                      self.chance.randint(1, 3))
        returns = some((b"SUBSCRIBED", b"CHILDREN", b"SPECIAL-USE", b"STATUS (MESSAGES UNSEEN UIDNEXT UIDVALIDITY SIZE)"))
        return b"LIST (%s) \"\" (%s) RETURN (%s)" % (b" ".join(selects), b" ".join(patterns), b" ".join(returns))

    def other(self):
        if self.chance.random() < 0.3:
            return self.listing()
        return self.chance.choice((
            b"NOOP", b"CHECK", b"STATUS INBOX (MESSAGES UIDNEXT UIDVALIDITY UNSEEN)", b"STATUS Sent (MESSAGES UIDNEXT UNSEEN)",
            b"LIST \"\" *", b"LIST \"\" %", b"LIST \"\" Pro*", b"LSUB \"\" *", b"EXAMINE INBOX", b"STATUS Trash (MESSAGES)",
            b"STATUS Canary (MESSAGES)", b"LIST \"\" \"Projects.%\"", b"LIST Projects. *", b"LIST \"\" inbox", b"LSUB \"\" %",
            b"STATUS INBOX (SIZE UNSEEN)", b"STATUS Sent (SIZE)", b"STATUS Canary (SIZE)"))
