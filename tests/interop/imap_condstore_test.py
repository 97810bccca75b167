"""CONDSTORE (RFC 7162) against a mailbox that really holds nothing else: MODSEQ values differ, their order does not.
STORE with UNCHANGEDSINCE changes the same messages there and leaves the same alone, whatever happens to hidden ones."""

import re
import unittest

import imap_torture
import support
from imap_wire import String, fetched
from imap_world import ALL, World, day, mailbox

SEED = 7162
ROUNDS = 25
STORES = 200
MODIFIED = re.compile(rb"\[MODIFIED ([0-9:,]+)\]")


def ranked(values):
    """Values by their order alone."""
    order = sorted(set(values))
    return [order.index(value) for value in values]


def numbers_of(text):
    ranges = (one.split(b":") for one in text.split(b","))
    return {number for one in ranges for number in range(int(one[0]), int(one[-1]) + 1)}


def fetched_with_modseq(untagged):
    """{number: {item: value}} and the MODSEQ values by number."""
    messages, modseqs = {}, {}
    for response in untagged:
        message = fetched(response)
        if message:
            items = messages.setdefault(message[0], {}) | dict(message[1])
            if "MODSEQ" in items:
                modseqs[message[0]] = int(items.pop("MODSEQ")[0])
            messages[message[0]] = items
    return messages, modseqs


class Condstore(support.Case):
    view = None  # as the tenant has it
    opening = b"EXAMINE"

    def setUp(self):
        super().setUp()
        self.chance = imap_torture.seeded(SEED)
        contents = [imap_torture.ordinary(self.chance, 100 + i) for i in range(12)]
        for at in (0, 3, 9):
            contents.insert(at, imap_torture.never_seen(self.chance, 500 + at))
        self.world = World(self, mailbox(contents, self.chance), view=self.view)
        self.pair = self.privet, self.dovecot = self.world.client(examine=False)
        for wire in self.pair:
            self.assertEqual(wire.ok(b"ENABLE CONDSTORE"), [b"* ENABLED CONDSTORE\r\n"])
            code = re.compile(rb"\* OK \[HIGHESTMODSEQ \d+\] ")
            self.assertTrue(any(map(code.match, wire.ok(self.opening + b" INBOX (CONDSTORE)"))))

    def status(self, wire):
        for response in wire.ok(b"STATUS INBOX (HIGHESTMODSEQ)"):
            found = re.match(rb"\* STATUS INBOX \(HIGHESTMODSEQ (\d+)\)", response)
            if found:
                return int(found[1])
        raise AssertionError("no STATUS")

    def settle(self):
        expected = sum(1 for mail in self.world.mails["INBOX"] if mail.view)
        for wire in self.pair:
            support.wait_for(lambda wire=wire: self.count(wire) == expected, "both know everything", 20)

    def count(self, wire):
        wire.ok(b"NOOP")
        return len([one for one in wire.ok(b"FETCH 1:* (UID)") if fetched(one)]) if self.exists(wire) else 0

    @staticmethod
    def exists(wire):
        return any(b"MESSAGES 0" not in one for one in wire.ok(b"STATUS INBOX (MESSAGES)"))

    def both(self, command):
        """The answers of both: the same messages and items, MODSEQ values in the same order."""
        (seen, modseqs), (wanted, wanted_modseqs) = (fetched_with_modseq(wire.ok(command)) for wire in self.pair)
        self.assertEqual(seen, wanted, command)
        numbers = sorted(wanted)
        self.assertEqual(ranked([modseqs[one] for one in numbers]), ranked([wanted_modseqs[one] for one in numbers]),
                         (command, modseqs, wanted_modseqs))
        return modseqs

    def changed_since(self, wire, modseq):
        untagged = wire.ok(b"UID FETCH 1:* (FLAGS) (CHANGEDSINCE %d)" % modseq)
        return fetched_with_modseq(untagged)[0]

    def found_since(self, wire, modseq):
        (response,) = (one for one in wire.ok(b"UID SEARCH MODSEQ %d" % (modseq + 1)) if one.startswith(b"* SEARCH"))
        numbers, _, greatest = response[8:].partition(b"(MODSEQ ")
        return {int(one) for one in numbers.split()}, int(greatest.rstrip(b")\r\n") or 0)

    def visible(self):
        return [mail for mail in self.world.mails["INBOX"] if mail.view]

    def hidden(self):
        return [mail for mail in self.world.mails["INBOX"] if not mail.view]

    def change(self, kind):
        """One change in the real mailbox, and in the other where it shows. Whether it is an expunge that shows."""
        flags = b"FLAGS (%s)" % self.chance.choice((b"\\Seen", b"\\Flagged", b"$Forwarded"))
        sign = self.chance.choice((b"+", b"-"))
        date = day(2026, 3, self.chance.randint(1, 28))
        if kind == "flags":
            self.world.change_flags(self.chance.choice(self.visible()), sign + flags)
        elif kind == "hidden flags":
            self.world.change_flags(self.chance.choice(self.hidden()), sign + flags)
        elif kind == "hidden arrival":
            self.world.arrive(imap_torture.never_seen(self.chance, self.chance.randint(1000, 9999)), date)
        elif kind == "arrival":
            self.world.arrive(imap_torture.ordinary(self.chance, self.chance.randint(1000, 9999)), date)
        elif kind == "hidden expunge" and len(self.hidden()) > 2:
            self.world.expunge(self.chance.choice(self.hidden()))
        elif kind == "expunge":
            self.world.expunge(self.chance.choice(self.visible()))
            return True
        return False


class Reading(Condstore):
    def test_values_move_as_they_would_without_the_hidden(self):
        self.both(b"FETCH 1:* (UID FLAGS MODSEQ)")
        known = [self.status(wire) for wire in self.pair]
        for _ in range(ROUNDS):
            kinds = self.chance.sample(("flags", "hidden flags", "hidden arrival", "arrival", "hidden expunge", "expunge",
                                        "hidden flags"), self.chance.randint(1, 3))
            expunged = any([self.change(kind) for kind in kinds])
            self.settle()
            now = [self.status(wire) for wire in self.pair]
            self.assertEqual(*(new > old for new, old in zip(now, known)), (kinds, known, now))
            self.both(b"FETCH 1:* (UID FLAGS MODSEQ)")
            self.both(b"UID FETCH 1:* (MODSEQ)")
            seen, wanted = (self.changed_since(wire, old) for wire, old in zip(self.pair, known))
            found, must_be_found = (self.found_since(wire, old) for wire, old in zip(self.pair, known))
            if expunged:  # the offset has grown: the last that was known may come again
                self.assertEqual(seen, seen | wanted, kinds)
                self.assertLessEqual(must_be_found[0], found[0])
            else:
                self.assertEqual(seen, wanted, kinds)
                self.assertEqual(found[0], must_be_found[0])
                self.assertEqual(found[1] > 0, must_be_found[1] > 0)
            self.assertTrue(all(modseq <= now[0] for modseq in self.both(b"FETCH 1:* (MODSEQ)").values()))
            known = now
        print(f"{ROUNDS} rounds, {self.privet.received} bytes without a canary", flush=True)

    def test_a_session_that_comes_later_finds_what_it_missed(self):
        known = [self.status(wire) for wire in self.pair]
        hidden, shown = self.hidden()[0], self.visible()[3]
        self.world.change_flags(hidden, b"+FLAGS ($Work)")
        for wire in self.world.client():
            self.assertIn(self.status(wire), known, "nothing has happened that anybody could see")
        self.world.change_flags(shown, b"+FLAGS ($Work)")
        self.world.restart_privet()
        pair = self.world.client()
        seen, wanted = (self.changed_since(wire, old) for wire, old in zip(pair, known))
        self.assertEqual(seen, wanted)
        self.assertEqual(len(seen), 1)

    def test_rules_that_change_move_the_values(self):
        known, count = self.status(self.privet), len(self.visible())
        self.world.write_tenant(blocked=["jane@other.example"])  # who stands in the header of some that are seen
        self.world.reload()
        untagged = self.privet.ok(b"NOOP")
        gone = sum(one.endswith(b" EXPUNGE\r\n") for one in untagged)
        self.assertGreater(gone, 0)
        self.assertLess(gone, count)
        now = self.status(self.privet)
        self.assertGreater(now, known)
        self.assertGreater(len(self.changed_since(self.privet, known)), 0, "better once more than never")
        self.assertEqual(self.changed_since(self.privet, now), {})
        self.assertEqual(self.status(self.world.client()[0]), now)

    def test_marks_that_rules_change_are_found_by_who_knew_more(self):
        """Another session has the mailbox open for long, and knows less of the values than the client was told."""
        for _ in range(10):
            self.world.change_flags(self.visible()[-1], b"+FLAGS (\\Seen)")
            self.world.change_flags(self.visible()[-1], b"-FLAGS (\\Seen)")
        fresh, _ = self.world.client()
        known = self.status(fresh)
        marked = self.marked(fresh)
        self.world.write_tenant(customers=[])
        self.world.reload()
        self.privet.ok(b"NOOP")
        fresh, _ = self.world.client()
        changed = self.marked(fresh) - marked
        self.assertGreater(len(changed), 1)
        self.assertLessEqual(changed, set(self.changed_since(fresh, known)))

    def marked(self, wire):
        return {number for number, items in map(fetched, wire.ok(b"FETCH 1:* (FLAGS)")) if b"$private" in dict(items)["FLAGS"]}

    def test_errors_and_results_are_the_same(self):
        for command in (b"FETCH 1 (MODSEQ UID) (CHANGEDSINCE)",
                        b"UID SEARCH MODSEQ x", b"FETCH 1 (FLAGS) (CHANGEDSINCE 4 VANISHED)"):
            answers = [wire.run(command)[1].split(b" ")[1] for wire in self.pair]
            self.assertEqual(answers, [b"BAD", b"BAD"], command)
        for command in (b"SEARCH RETURN (MIN) MODSEQ 1", b"SEARCH RETURN (COUNT ALL) MODSEQ 1",
                        b"UID SEARCH MODSEQ 9000000000", b"UID SEARCH NOT MODSEQ 1",
                        b"SEARCH OR MODSEQ \"/flags/\\\\Seen\" all 1 FROM canary"):
            said = [[re.sub(rb"MODSEQ \d+", b"MODSEQ", re.sub(rb"\"t\d+\"", b"", one)) for one in wire.ok(command)
                     if b"SEARCH" in one] for wire in self.pair]
            self.assertEqual(sorted(said[0][0].split()), sorted(said[1][0].split()), command)


class Writing(Condstore):
    view = {"folders": ["INBOX"], "write": True}
    opening = b"SELECT"

    def real_flags(self, mail):
        (response,) = (one for one in self.world.side(ALL).ok(b"UID FETCH %d (FLAGS)" % mail.uid)
                       if fetched(one) and b"UID %d" % mail.uid in one)
        return fetched(response)[1]

    def store(self, line):
        """The same STORE with each side's own UNCHANGEDSINCE: what both hear, and which messages were left alone."""
        heard = []
        for wire, text in zip(self.pair, line):
            untagged, tagged = wire.run(text)
            self.assertEqual(tagged.split()[1], b"OK", (text, tagged))
            modified = MODIFIED.search(tagged)
            heard.append((fetched_with_modseq(untagged), numbers_of(modified[1]) if modified else set()))
        (seen, modseqs), modified = heard[0]
        (wanted, wanted_modseqs), must_be_modified = heard[1]
        self.assertEqual(modified, must_be_modified, line)
        # Dovecot says nothing of a message that had these flags already.
        self.assertEqual(seen, seen | wanted, line)
        self.assertLessEqual(set(wanted_modseqs), set(modseqs))
        common = sorted(wanted_modseqs)
        self.assertEqual(*(ranked([side[one] for one in common]) for side in (modseqs, wanted_modseqs)), (line, heard))
        return modified

    def test_a_store_changes_what_has_not_changed_for_the_client(self):
        flags_before = {mail.uid: self.real_flags(mail) for mail in self.hidden()}
        failed = done = 0
        for _ in range(STORES):
            known = [fetched_with_modseq(wire.ok(b"FETCH 1:* (MODSEQ)"))[1] for wire in self.pair]
            visible = self.visible()
            if self.chance.random() < 0.5:
                self.change("flags")
                self.settle()
            one, other = sorted(self.chance.choice(range(1, len(visible) + 1)) for _ in range(2))
            since = self.chance.choice(range(1, len(visible) + 1))
            by_uid = self.chance.random() < 0.5
            replaced = self.chance.random() < 0.2 and not visible[one - 1].view[1]
            if replaced:
                other = one
            names = (visible[one - 1].uid, visible[other - 1].uid) if by_uid else (one, other)
            how = b"" if replaced else self.chance.choice((b"+", b"-"))
            what = b"FLAGS%s (%s)" % (self.chance.choice((b"", b".SILENT")),
                                      self.chance.choice((b"\\Seen", b"\\Flagged $Forwarded", b"Work")))
            line = [b"%sSTORE %d:%d (UNCHANGEDSINCE %d) %s%s" % (b"UID " * by_uid, *names, modseqs[since], how, what)
                    for modseqs in known]
            modified = self.store(line)
            failed += len(modified)
            done += 1 + other - one - len(modified)
            self.both(b"FETCH 1:* (UID FLAGS MODSEQ)")
        self.assertGreater(failed, STORES / 4)
        self.assertGreater(done, STORES / 4)
        self.assertEqual({mail.uid: self.real_flags(mail) for mail in self.hidden()}, flags_before)
        print(f"{STORES} conditional STOREs, {done} messages changed, {failed} left alone", flush=True)


if __name__ == "__main__":
    unittest.main()
