"""The filtered view against a mailbox that really holds nothing else: same commands, same answers, Dovecot's."""

import os
import threading
import time
import unittest

import imap_torture
import support
from imap_commands import FIELDS, FLAGS, MACROS, PARTS, PLAIN, Commands
from imap_wire import Model, difference, normalised
from imap_world import ALL, SEEN, World, day, mailbox

SEED = int(os.environ.get("PRIVET_SEED", "3501"))
COMMANDS = int(os.environ.get("PRIVET_COMMANDS", "2000"))  # of the random stream
SEARCHES = int(os.environ.get("PRIVET_SEARCHES", "1500"))
LISTS = int(os.environ.get("PRIVET_LISTS", "400"))
FOLDERS = ("INBOX", "Sent", "Projects.North")


def interleaved(chance, seen, hidden):
    """The messages with hidden ones between them, also first and last."""
    contents = list(hidden[:2])
    for content in seen:
        contents.append(content)
        if chance.random() < 0.3:
            contents.append(chance.choice(hidden))
    return contents + list(hidden[2:])


class Oracle(support.Case):
    def setUp(self):
        super().setUp()
        self.compared = self.compared_commands = 0
        self.differing = []
        self.chance = imap_torture.seeded(SEED)

    def make_world(self, seen):
        inbox = mailbox(interleaved(self.chance, seen, imap_torture.hidden()), self.chance)
        sent = mailbox([imap_torture.ordinary(self.chance, 900 + i) for i in range(3)] + imap_torture.hidden()[:1])
        secret = mailbox(imap_torture.hidden()[:3])
        folders = {"Sent": sent, "Projects.North": sent[:2], "Canary": secret, "Projects.Canary South": secret,
                   "Trash": secret}
        self.world = World(self, inbox, folders, FOLDERS)
        for mail in inbox:
            if not mail.view:  # a keyword that only hidden messages have
                self.world.side(ALL).ok(b"UID STORE %d +FLAGS.SILENT (CanaryKeyword)" % mail.uid)
        self.privet, self.dovecot = self.world.client(examine=False)
        self.models = {self.privet: Model(), self.dovecot: Model()}
        self.compare(b"EXAMINE INBOX")

    def visible(self):
        return [mail for mail in self.world.mails["INBOX"] if mail.view]

    def compare(self, *lines):
        """Commands to both. Privet gets them at once and has to keep their order; Dovecot, which need not, one by one."""
        tags = [self.privet.send(line) for line in lines]
        expected = []
        for line in lines:
            expected.append(self.dovecot.run(line))
            self.note(self.dovecot, line, expected[-1][0])
        for line, tag, answer in zip(lines, tags, expected):
            result = self.privet.result(tag)
            self.note(self.privet, line, result[0])
            wanted = normalised(*answer)
            self.compared_commands += 1
            self.compared += max(1, len(wanted["messages"]))
            found = difference(wanted, normalised(*result))
            if found:
                self.differing.append(f"{line[:300]!r}\n    " + "\n    ".join(found[:4]))
                assert len(self.differing) < 200, self.report()
        return expected

    def compare_in_groups(self, lines):
        lines = list(lines)
        for start in range(0, len(lines), 20):
            self.compare(*lines[start:start + 20])

    def note(self, wire, line, untagged):
        """What was said has to fit what was said before."""
        try:
            self.models[wire].note(line, untagged)
        except AssertionError as error:
            who = "Privet" if wire is self.privet else "Dovecot"
            self.differing.append(f"{who} contradicts itself: {str(error)[:1000]}")

    def report(self):
        return f"{len(self.differing)} of {self.compared} differ:\n" + "\n".join(self.differing[:40])

    def finish(self, least):
        print(f"{self.id()}: {self.compared} answers compared, {len(self.differing)} differ, "
              f"{self.privet.received} bytes without a canary", flush=True)
        self.assertEqual(self.differing, [], self.report())
        self.assertGreater(self.compared, least)

    def test_fetch(self):
        names, contents = zip(*imap_torture.torture())
        self.make_world(contents)
        last = len(self.visible())
        self.assertEqual(last, len(names), "the reference hides what it should show")
        self.compare_in_groups(self.fetches(last))
        self.finish(8_000)

    def fetches(self, last):
        """Every item for all messages at once, and what a set can be."""
        last_uid = self.visible()[-1].uid
        alone = list(MACROS) + [b"(%s)" % item for item in PLAIN]
        sections = [b"", b"HEADER", b"TEXT", b"HEADER.FIELDS (TO)", b"HEADER.FIELDS (%s)" % b" ".join(FIELDS),
                    b"HEADER.FIELDS.NOT (SUBJECT)", b"HEADER.FIELDS.NOT (%s)" % b" ".join(FIELDS[:6]), b"HEADER.FIELDS (\"to\" Cc)"]
        for each in PARTS:
            sections += [each + end for end in (b"", b".MIME", b".HEADER", b".TEXT", b".HEADER.FIELDS (TO CC SUBJECT)",
                                                b".HEADER.FIELDS.NOT (TO)")]
        for item in alone + [b"(BODY.PEEK[%s])" % section for section in sections]:
            yield b"FETCH 1:* " + item
        for section in (b"", b"HEADER", b"TEXT", b"1", b"2", b"HEADER.FIELDS (TO FROM)", b"1.MIME", b"2.HEADER", b"1.1"):
            for partial in (b"0.1", b"0.50", b"13.200", b"300.700", b"0.4000000000", b"999999.5"):
                yield b"UID FETCH 1:* (BODY.PEEK[%s]<%s>)" % (section, partial)
        yield b"UID FETCH 1:* (FLAGS BODY.PEEK[] RFC822.SIZE UID ENVELOPE BODY.PEEK[TEXT] BODY.PEEK[1])"
        for numbers in (b"*", b"*:*", b"3:1", b"1,1,2:1", b"%d:*" % last, b"%d:*" % (last + 5), b"%d" % (last + 1), b"1:%d" % (last + 1),
                        b"0", b"4294967295:*", b"5,3,4"):
            yield b"FETCH %s (UID FLAGS)" % numbers
        for uids in (b"*", b"1:*", b"%d:*" % (last_uid + 1), b"%d" % (last_uid + 1), b"4294967295", b"4294967295:*", b"1", b"9:1",
                     b"0", b"%d,1:3,*" % last_uid):
            yield b"UID FETCH %s (FLAGS)" % uids

    def test_search(self):
        contents = [content for _, content in imap_torture.torture()]
        contents += [imap_torture.ordinary(self.chance, 200 + i) for i in range(40)]
        self.make_world(contents)
        seen = self.visible()
        commands = Commands(self.chance, [mail.view[0] for mail in seen])
        last, last_uid = len(seen), seen[-1].uid
        started = time.monotonic()
        self.compare_in_groups(b"SEARCH " + flag for flag in FLAGS)
        self.compare_in_groups(commands.search(last, last_uid) for _ in range(SEARCHES))
        print(f"{SEARCHES} searches in {time.monotonic() - started:.1f} s", flush=True)
        self.finish(SEARCHES)

    def test_list(self):
        self.make_world([imap_torture.ordinary(self.chance, 200 + i) for i in range(20)])
        commands = Commands(self.chance, [mail.view[0] for mail in self.visible()])
        self.compare_in_groups(commands.listing() for _ in range(LISTS))
        self.compare_in_groups(commands.other() for _ in range(LISTS // 4))
        self.finish(LISTS)

    def test_stream(self):
        contents = [content for _, content in imap_torture.torture()[:12]]
        contents += [imap_torture.ordinary(self.chance, 200 + i) for i in range(25)]
        self.make_world(contents)
        self.unpaired = 0
        rounds = 0
        while self.compared_commands < COMMANDS:
            rounds += 1
            commands = Commands(self.chance, [mail.view[0] for mail in self.visible()])
            self.compare(*(self.any_command(commands) for _ in range(30)))
            changes = self.write_while_reading(commands)
            for change in changes:
                change()
            self.settle()
        print(f"{rounds} barriers, {self.compared_commands} commands to both, {self.unpaired} while others wrote", flush=True)
        self.finish(COMMANDS)

    def any_command(self, commands):
        last = len(self.models[self.privet].uids)
        last_uid = self.world.mails["INBOX"][-1].uid
        kind = self.chance.random()
        if kind < 0.55:
            return commands.fetch(last, last_uid)
        return commands.search(last, last_uid) if kind < 0.85 else commands.other()

    def write_while_reading(self, commands):
        """Changes in u while the client of Privet goes on; what is to be done to v then."""
        later = []
        writer = threading.Thread(target=self.write, args=(imap_torture.seeded(self.chance.random()), later))
        writer.start()
        for _ in range(6):
            lines = [self.any_command(commands) for _ in range(self.chance.choice((1, 1, 3)))]
            for line, tag in [(line, self.privet.send(line)) for line in lines]:
                untagged, tagged = self.privet.result(tag)
                self.note(self.privet, line, untagged)
                self.assertNotIn(b"UNAVAILABLE", tagged)
                self.unpaired += 1
        writer.join()
        self.assertIsNotNone(later and later[-1], "the writer has failed")
        return later[:-1]

    def write(self, chance, later):
        world, inbox = self.world, self.world.mails["INBOX"]
        # One that came and went before anybody looked raises UIDNEXT where it was, and nowhere else.
        before = set(map(id, inbox))
        for _ in range(chance.randint(2, 6)):
            kind = chance.randrange(6)
            if kind == 0 or len(inbox) < 20:
                content = imap_torture.ordinary(chance, chance.randint(1000, 9999))
                mail = world.arrive(content, day(2026, 3, chance.randint(1, 28)),
                                    chance.choice(((), (b"\\Seen",), (b"\\Flagged", b"$Forwarded"))), mirror=False)
                assert mail.view
                later.append(lambda mail=mail: world.mirror_arrival(mail))
            elif kind == 1:
                content = imap_torture.never_seen(chance, chance.randint(1000, 9999))
                mail = world.arrive(content, day(2026, 3, 3), (b"CanaryKeyword",))
                assert not mail.view
            elif kind == 2:
                mail = chance.choice([each for each in inbox if id(each) in before])
                world.expunge(mail, mirror=False)
                if mail.view:
                    later.append(lambda mail=mail: world.mirror_expunge(mail))
            else:
                mail = chance.choice(inbox)
                flags = chance.choice((b"\\Seen", b"\\Flagged", b"\\Deleted $Work", b"$Forwarded"))
                change = chance.choice((b"+FLAGS (", b"-FLAGS (")) + flags + b")"
                world.change_flags(mail, change, mirror=False)
                if mail.view:
                    later.append(lambda mail=mail, change=change: world.side(SEEN).ok(b"UID STORE %d %s" % (mail.uid, change)))
        later.append("done")

    def settle(self):
        """A barrier: both know everything, and believe the same."""
        expected = [mail.uid for mail in self.visible()]
        for wire in (self.privet, self.dovecot):
            model = self.models[wire]

            def is_told(wire=wire, model=model):
                for line in (b"NOOP", b"UID FETCH 1:* (UID)"):  # one may have come for one that went
                    model.note(line, wire.ok(line))
                return model.uids == expected

            support.wait_for(is_told, lambda wire=wire: f"{len(self.models[wire].uids)} messages, expected {len(expected)}", 20)
        believed = dict(self.models[self.privet].flags)
        self.compare(b"FETCH 1:* (UID FLAGS)")
        self.assertEqual(self.models[self.dovecot].uids, expected)
        for uid, flags in believed.items():
            now = self.models[self.dovecot].flags.get(uid)
            if uid and flags != now:
                self.differing.append(f"flags of UID {uid} were not told: {flags}, now {now}")


if __name__ == "__main__":
    unittest.main()
