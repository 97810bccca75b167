"""What filtered views get wrong, one test each: numbers, arrivals, sizes, leaks, restarts and changed rules."""

import re
import unittest

import imap_torture
import support
from imap_reference import Policy
from imap_torture import CUSTOMER, SECRET, TEXT, US, header
from imap_wire import Model, Reader, String, fetched, flags_of
from imap_world import ALL, World, day, mailbox

NOW = day(2026, 3, 1)
LEAKY = (b"ENVELOPE", b"BODY", b"BODYSTRUCTURE", b"RFC822", b"RFC822.HEADER", b"RFC822.TEXT", b"BODY[]", b"BODY[]<0.5000>",
         b"BODY[HEADER]",
         b"BODY[HEADER.FIELDS (TO CC BCC RECEIVED DELIVERED-TO RETURN-PATH X-ORIGINAL-TO SENDER)]",
         b"BODY[HEADER.FIELDS.NOT (SUBJECT)]",
         b"BODY[HEADER]<0.2000>", b"BODY[1.MIME]", b"BODY[1]", b"BODY[1.HEADER]", b"BODY[2.MIME]", b"BODY[1.1.MIME]",
         b"BODY[TEXT]", b"ALL", b"FULL")

ASKED = (b"FETCH %d (UID RFC822.SIZE)", b"UID FETCH %d:* (ENVELOPE)", b"FETCH 1:%d (FLAGS)", b"UID SEARCH SEEN %d:*",
         b"FETCH %d (UID BODY.PEEK[])")


def visible(number, **more):
    return header(number, **more) + TEXT + b"\r\nhello %d\r\n" % number


def secret(number):
    return header(number, US, SECRET, "canary internal") + TEXT + b"\r\ncanary %d\r\n" % number


class Traps(support.Case):
    def make_world(self, count=8, **more):
        """Each visible message stands between hidden ones: UIDs 2, 4, 6 …"""
        contents = [content for number in range(count) for content in (secret(number), visible(number))] + [secret(99)]
        self.world = World(self, mailbox(contents), **more)

    def client(self):
        client, _ = self.world.client(examine=False)
        client.ok(b"EXAMINE INBOX")
        return client

    def seen(self):
        return [mail for mail in self.world.mails["INBOX"] if mail.view]

    def uids(self, client, line=b"UID FETCH 1:* (UID)"):
        return [int(dict(message[1])["UID"]) for message in map(fetched, client.ok(line)) if message]

    def contents(self, client):
        """UID to bytes of all that is seen."""
        messages = [dict(message[1]) for message in map(fetched, client.ok(b"UID FETCH 1:* (BODY.PEEK[])")) if message]
        return {int(items["UID"]): bytes(items["BODY[]"]) for items in messages}

    def items(self, client, item):
        """UID to value of one item, for all that is seen."""
        messages = [dict(message[1]) for message in map(fetched, client.ok(b"UID FETCH 1:* (" + item + b")")) if message]
        return {int(items["UID"]): items[item.decode()] for items in messages}

    def status(self, client):
        untagged = client.ok(b"STATUS INBOX (MESSAGES UIDNEXT UIDVALIDITY UNSEEN RECENT)")
        return [line for line in untagged if line.startswith(b"* STATUS")]

    def test_1_numbers_hold_until_a_client_can_know(self):
        self.make_world()
        client = self.client()
        uids = self.uids(client)
        self.world.expunge(self.seen()[2])
        commands = (b"FETCH 5 (UID)", b"UID FETCH 1:3 (FLAGS)", b"FETCH 6 (UID)", b"NOOP", b"FETCH 7 (UID)",
                    b"SEARCH UID %d" % uids[7],
                    b"UID SEARCH 5:6", b"FETCH 8 (UID)")
        client.send_raw(b"".join(b"a%d %s\r\n" % each for each in enumerate(commands)))
        answers = [client.result(b"a%d" % number)[0] for number in range(len(commands))]
        for number, place in ((5, 0), (6, 2), (7, 4), (8, 7)):
            found = [fetched(each) for each in answers[place] if b"FETCH" in each]
            self.assertEqual(found, [(number, [("UID", b"%d" % uids[number - 1])])])
        self.assertEqual(answers[5][0], b"* SEARCH 8\r\n")
        self.assertEqual(answers[6][0], b"* SEARCH %d %d\r\n" % (uids[4], uids[5]))
        for place, untagged in enumerate(answers[:-1]):
            self.assertFalse([each for each in untagged if b"EXPUNGE" in each], commands[place])
        self.assertEqual(client.ok(b"NOOP"), [b"* 3 EXPUNGE\r\n"])
        self.assertEqual(self.uids(client, b"FETCH 5 (UID)"), [uids[5]])

    def test_1_numbers_hold_under_fire(self):
        """A client that sends ahead while others delete: what it is told makes sense at each moment."""
        self.make_world(40)
        client, model = self.client(), Model()
        model.note(b"EXAMINE INBOX", client.ok(b"EXAMINE INBOX"))
        model.note(b"", client.ok(b"FETCH 1:* (UID FLAGS)"))
        chance = imap_torture.seeded(5)
        for _ in range(30):
            self.world.expunge(chance.choice(self.world.mails["INBOX"]), mirror=False)
            lines = [chance.choice(ASKED) % chance.randint(1, 10) for _ in range(4)]
            for line, tag in [(line, client.send(line)) for line in lines]:
                untagged, tagged = client.result(tag)
                model.note(line, untagged)
        model.note(b"NOOP", client.ok(b"NOOP"))
        self.assertEqual(self.uids(client), [mail.uid for mail in self.seen()])
        model.note(b"", client.ok(b"FETCH 1:* (UID)"))
        self.assertEqual(model.uids, [mail.uid for mail in self.seen()])

    def test_2_a_star_is_the_last_message_that_is_seen(self):
        self.make_world(3)
        client = self.client()
        for line in (b"FETCH * (UID)", b"FETCH 3:* (UID)", b"UID FETCH * (UID)", b"UID FETCH 7:* (UID)", b"UID FETCH 4294967295:* (UID)"):
            self.assertEqual(self.uids(client, line), [6], line)
        self.assertEqual(client.ok(b"UID SEARCH *"), [b"* SEARCH 6\r\n"])
        self.assertEqual(client.ok(b"SEARCH UID 7:*"), [b"* SEARCH 3\r\n"])

    def test_2_a_mailbox_of_which_nothing_is_seen_is_empty(self):
        self.world = World(self, mailbox([secret(1), secret(2)]))
        client = self.client()
        self.assertIn(b"* 0 EXISTS\r\n", client.ok(b"EXAMINE INBOX"))
        self.assertEqual(self.status(client), [b"* STATUS INBOX (MESSAGES 0 RECENT 0 UIDNEXT 1 UIDVALIDITY 1700000000 UNSEEN 0)\r\n"])
        for line in (b"UID FETCH 1:* (FLAGS)", b"UID FETCH 1 (FLAGS)"):
            self.assertEqual(client.ok(line), [])
        self.assertEqual(client.ok(b"SEARCH ALL"), [b"* SEARCH\r\n"])

    def test_3_4_nothing_can_be_changed_and_hidden_is_as_absent(self):
        self.make_world(3)
        everything = self.world.side(ALL)
        everything.ok(b"UID STORE 1:4 +FLAGS.SILENT (\\Deleted)")  # hidden ones and seen ones
        before = everything.ok(b"UID SEARCH ALL"), everything.ok(b"UID SEARCH DELETED")
        client = self.client()
        for command in (b"UID STORE %d +FLAGS (\\Seen)", b"UID COPY %d INBOX", b"UID MOVE %d Trash", b"UID EXPUNGE %d"):
            answers = {client.run(command % uid)[1].split(b" ", 1)[1] for uid in (1, 2, 400)}
            self.assertEqual(len(answers), 1, answers)
            self.assertRegex(answers.pop(), rb"\A(NO|BAD) " if b"STORE" not in command else rb"\A(OK|NO) ")
        for command in (b"UID FETCH %d (FLAGS)", b"UID FETCH %d (BODY[])", b"UID SEARCH UID %d", b"SEARCH UID %d DELETED"):
            self.assertEqual(client.ok(command % 1), client.ok(command % 400), command)
        for command in (b"EXPUNGE", b"DELETE INBOX", b"CREATE Trash", b"RENAME INBOX x"):
            self.assertRegex(client.run(command)[1], rb" NO ")
        client.ok(b"CLOSE")
        client.ok(b"SELECT INBOX")
        client.ok(b"FETCH 1:* (BODY[])")
        client.ok(b"CLOSE")
        self.assertEqual((everything.ok(b"UID SEARCH ALL"), everything.ok(b"UID SEARCH DELETED")), before)
        self.assertEqual(everything.ok(b"UID SEARCH SEEN"), [b"* SEARCH\r\n"])

    def test_5_a_hidden_arrival_is_silent_while_idle(self):
        self.make_world(3)
        client, other = self.client(), self.client()
        status = self.status(other)
        client.send_raw(b"idle IDLE\r\n")
        self.assertTrue(client.response().startswith(b"+ "))
        self.world.arrive(secret(50), NOW, (b"CanaryKeyword",))
        self.assertTrue(client.silent(0.8), "a hidden arrival was told")
        self.assertEqual(self.status(other), status)
        self.world.change_flags(self.world.mails["INBOX"][0], b"+FLAGS (\\Seen CanaryOther)")
        self.world.expunge(self.world.mails["INBOX"][2])
        self.assertTrue(client.silent(0.8), "what happens to hidden messages was told")
        mail = self.world.arrive(visible(51), NOW)
        self.assertEqual(client.response(), b"* 4 EXISTS\r\n")
        self.assertEqual(client.response(), b"* 0 RECENT\r\n")
        self.world.change_flags(self.seen()[1], b"+FLAGS (\\Seen)")
        self.assertEqual(fetched(client.response()), (2, [("FLAGS", (b"\\seen",))]))
        self.world.expunge(self.seen()[0])
        told = [client.response()]
        while b"EXPUNGE" not in told[-1]:  # \Deleted may be told before
            told.append(client.response())
        self.assertEqual(told[-1], b"* 1 EXPUNGE\r\n")
        client.send_raw(b"DONE\r\n")
        self.assertEqual(client.result(b"idle")[0], [])
        self.assertEqual(self.uids(client)[-1], mail.uid)

    def test_5_a_hidden_arrival_is_silent_between_commands(self):
        self.make_world(3)
        client = self.client()
        status = self.status(client)
        selected = client.ok(b"EXAMINE INBOX")
        for number in range(3):
            self.world.arrive(secret(60 + number), NOW, (b"\\Seen", b"CanaryKeyword"))
            for command in (b"NOOP", b"CHECK", b"UID SEARCH UID 8:100", b"UID FETCH 8 (FLAGS)"):
                self.assertIn(client.ok(command), ([], [b"* SEARCH\r\n"]), command)
            self.assertEqual(self.status(client), status)
            self.assertEqual(client.ok(b"EXAMINE INBOX"), selected)
        mail = self.world.arrive(visible(70), NOW)
        self.assertEqual(client.ok(b"NOOP"), [b"* 4 EXISTS\r\n", b"* 0 RECENT\r\n"])
        self.assertIn(b"UIDNEXT %d" % (mail.uid + 1), self.status(client)[0])

    def test_6_a_message_that_goes_meanwhile_is_never_another(self):
        self.make_world()
        client = self.client()
        expected = {mail.uid: mail.view[0] for mail in self.seen()}
        uids = self.uids(client)
        sizes = client.ok(b"FETCH 1:* (RFC822.SIZE)")
        self.world.expunge(self.seen()[2])
        for item in (b"BODY.PEEK[]", b"BODY.PEEK[HEADER]", b"RFC822.SIZE", b"ENVELOPE", b"BODY.PEEK[TEXT]"):
            for response in client.run(b"FETCH 1:8 (UID %s)" % item)[0]:
                number, items = fetched(response)
                items = dict(items)
                self.assertEqual(int(items["UID"]), uids[number - 1])
                if items.get("BODY[]"):
                    self.assertEqual(bytes(items["BODY[]"]), expected[uids[number - 1]])
        self.assertEqual(len(sizes), 8)
        self.assertEqual(client.ok(b"NOOP"), [b"* 3 EXPUNGE\r\n"])
        self.assertEqual(client.ok(b"UID FETCH %d (BODY.PEEK[])" % uids[2]), [])

    def test_7_8_all_sizes_agree_and_no_item_tells(self):
        contents = [content for _, content in imap_torture.torture()]
        self.world = World(self, mailbox([each for pair in zip(contents, imap_torture.hidden() * 9) for each in pair]))
        client = self.client()
        count = len(self.seen())
        wholes = self.contents(client)
        self.assertEqual(len(wholes), count)
        sizes, headers, texts, bodies, ones = (
            self.items(client, item) for item in (b"RFC822.SIZE", b"BODY[HEADER]", b"BODY[TEXT]", b"BODYSTRUCTURE", b"BODY[1]"))
        for uid, whole in wholes.items():
            self.assertEqual(headers[uid] + texts[uid], whole)
            self.assertEqual(int(sizes[uid]), len(whole))
            if isinstance(bodies[uid][0], String):  # a single part: its octets, and lines of a text
                self.assertEqual(int(bodies[uid][6]), len(ones[uid]))
                if bodies[uid][0] == String(b"text"):
                    self.assertEqual(int(bodies[uid][7]), ones[uid].count(b"\n"))
        for uid, whole in wholes.items():
            step = max(1, len(whole) // 3)
            got = b""
            while len(got) < len(whole):
                response = fetched(client.ok(b"UID FETCH %d (BODY.PEEK[]<%d.%d>)" % (uid, len(got), step))[0])
                piece = next(value for name, value in response[1] if name.startswith("BODY["))
                self.assertTrue(piece)
                got += piece
            self.assertEqual(got, whole)

    def test_8_no_item_and_no_search_key_tells(self):
        contents = [content for _, content in imap_torture.torture()]
        self.world = World(self, mailbox([each for pair in zip(contents, imap_torture.hidden() * 9) for each in pair]))
        client, everything = self.client(), self.world.side(ALL)
        for item in LEAKY:
            client.ok(b"FETCH 1:* " + (item if item in (b"ALL", b"FULL") else b"(" + item + b")"))  # the wire looks for canaries
        for key in (b"TO", b"CC", b"BCC", b"FROM", b"SUBJECT", b"TEXT", b"BODY", b"HEADER Received", b"HEADER Delivered-To", b"HEADER Sender",
                    b"HEADER X-Mailer", b"HEADER Return-Path", b"HEADER Bcc", b"KEYWORD"):
            line = b"UID SEARCH " + key + b" canary"
            self.assertEqual(client.ok(line), [b"* SEARCH\r\n"], line)
            if key not in (b"KEYWORD", b"BCC", b"HEADER Bcc"):
                self.assertNotEqual(everything.ok(line), [b"* SEARCH\r\n"], line)  # it is there to be found
        found = client.ok(b"SEARCH NOT TO canary")
        self.assertEqual(len(found[0].split()) - 2, len(self.seen()))

    def test_9_words_that_only_hidden_messages_have_are_not_told(self):
        self.make_world(4)
        hidden, shown = self.world.mails["INBOX"][0], self.seen()[1]
        self.world.change_flags(hidden, b"+FLAGS (CanaryWord)")
        self.world.change_flags(shown, b"+FLAGS ($Forwarded)")
        self.world.change_flags(self.seen()[0], b"+FLAGS (\\Seen)")
        client = self.client()
        untagged = client.ok(b"SELECT INBOX")
        flags = next(each for each in untagged if each.startswith(b"* FLAGS "))
        self.assertEqual(flags_of(Reader(flags, 8).value()),
                         (b"$forwarded", b"$private", b"\\answered", b"\\deleted", b"\\draft", b"\\flagged", b"\\seen"))
        self.assertTrue(any(each.startswith(b"* OK [UNSEEN 2]") for each in untagged), untagged)
        self.assertTrue(any(each.startswith(b"* OK [PERMANENTFLAGS ()]") for each in untagged), untagged)
        self.world.change_flags(hidden, b"+FLAGS (CanaryLater)")
        self.world.change_flags(shown, b"+FLAGS (Work)")
        told = client.ok(b"NOOP")
        self.assertEqual([fetched(each)[0] for each in told if b"FETCH" in each], [2])
        everything = b"".join(untagged + told + client.ok(b"LIST \"\" *") + client.ok(b"CAPABILITY"))
        for word in (b"QUOTA", b"Marked", b"REFERRAL", b"QRESYNC"):
            self.assertNotIn(word.lower(), everything.lower())

    def test_12_numbers_at_the_ends(self):
        self.make_world(2)
        client = self.client()
        for line in (b"FETCH 0 (FLAGS)", b"UID FETCH 0 (FLAGS)", b"UID FETCH 0:3 (FLAGS)", b"UID FETCH 4294967296 (FLAGS)", b"SEARCH UID 0",
                     b"FETCH 3 (FLAGS)"):
            self.assertRegex(client.run(line)[1], rb" BAD ", line)
        self.assertEqual(self.uids(client, b"UID FETCH 4294967295:* (UID)"), [4])
        self.assertEqual(self.uids(client, b"UID FETCH 4294967295 (UID)"), [])
        self.assertEqual(client.ok(b"SEARCH 500"), [b"* SEARCH\r\n"])

    def test_17_each_session_has_its_own_numbers(self):
        self.make_world(5)
        one, two = self.client(), self.client()
        uids = self.uids(one)
        self.world.expunge(self.seen()[1])
        mail = self.world.arrive(visible(80), NOW)
        self.assertEqual(one.ok(b"NOOP"), [b"* 2 EXPUNGE\r\n", b"* 5 EXISTS\r\n", b"* 0 RECENT\r\n"])
        self.assertEqual(self.uids(one, b"FETCH 2 (UID)"), [uids[2]])
        self.assertEqual(self.uids(two, b"FETCH 3 (UID)"), [uids[2]])
        two.ok(b"NOOP")
        self.assertEqual(self.uids(two), self.uids(one))
        self.assertEqual(self.contents(two), self.contents(one))
        self.assertEqual(self.uids(two)[-1], mail.uid)

    def test_mail_before_a_date_does_not_exist(self):
        mails = mailbox([visible(number) for number in range(6)])
        for mail, date in zip(mails, (1, 40, 2, 41, 42, 3)):
            mail.date = day(2026, 1, 1) + date * 86400
        self.world = World(self, mails, view={"folders": ["INBOX"], "since": "2026-02-01"})
        client = self.client()
        self.assertEqual(self.uids(client), [2, 4, 5])
        self.assertEqual(client.ok(b"SEARCH BEFORE 1-Feb-2026"), [b"* SEARCH\r\n"])
        self.assertIn(b"MESSAGES 3 RECENT 0 UIDNEXT 6 ", self.status(client)[0])

    def test_a_restart_changes_nothing(self):
        self.make_world(4)
        client = self.client()
        before = self.status(client), self.contents(client)
        self.world.restart_privet()
        self.world.arrive(secret(81), NOW)
        client = self.client()
        self.assertEqual((self.status(client), self.contents(client)), before)
        self.world.expunge(self.seen()[3])  # the last that is seen: its UID is not used again
        self.world.restart_privet()
        client = self.client()
        self.assertEqual(self.uids(client), [2, 4, 6])
        self.assertIn(b"MESSAGES 3 RECENT 0 UIDNEXT 9", self.status(client)[0])

    def test_stricter_rules_take_messages_away(self):
        self.make_world(6)
        offer = self.world.arrive(visible(90, to="carl@bigco.example, dora@other.example", subject="salary"), NOW)
        client = self.client()
        before = self.contents(client)
        self.world.write_tenant(blocked=["dora@other.example"], hidden_words=["geheim", "shape"])
        self.world.reload()
        kept = {uid: content for uid, content in before.items() if uid != offer.uid}
        self.assertEqual(client.ok(b"FETCH 7 (UID)"), [], "the number is still that of what is gone")
        self.assertEqual(client.ok(b"NOOP"), [b"* 7 EXPUNGE\r\n"])
        self.assertEqual(self.contents(client), kept)
        client = self.client()
        self.assertEqual(self.contents(client), kept)
        self.assertIn(b"UIDVALIDITY 1700000000", self.status(client)[0])
        self.assertIn(b"UIDNEXT %d" % (offer.uid + 1), self.status(client)[0])
        self.world.write_tenant()  # back: what is gone is gone
        self.world.reload()
        client = self.client()
        self.assertEqual(self.contents(client), kept)

    def test_rules_that_change_while_a_client_idles_take_messages_away(self):
        self.make_world(4)
        gone = self.world.arrive(visible(90, to="carl@bigco.example, dora@other.example", subject="salary"), NOW)
        client = self.client()
        tag = client.send(b"IDLE")
        self.assertTrue(client.response().startswith(b"+ "))
        self.world.write_tenant(blocked=["dora@other.example"], hidden_words=["geheim", "shape"])
        self.world.reload()
        self.world.arrive(secret(91), NOW)  # wakes the session, and tells nothing
        self.world.policy = Policy(blocked=["dora@other.example"], hidden_words=("geheim", "shape"))
        fresh = self.world.arrive(visible(92, to="carl@bigco.example, dora@other.example"), NOW)  # hidden by none of the new rules
        said = [client.response() for _ in range(3)]
        self.assertEqual(said, [b"* 5 EXPUNGE\r\n", b"* 5 EXISTS\r\n", b"* 0 RECENT\r\n"])
        client.send_raw(b"DONE\r\n")
        self.assertEqual(client.result(tag)[0], [])
        self.assertEqual(self.uids(client), [2, 4, 6, 8, fresh.uid])
        self.assertNotIn(gone.uid, self.uids(self.client()))

    def test_rules_that_change_keep_every_session(self):
        """Whoever comes first, there and back: all see the same, and nobody is sent away."""
        self.make_world(6)
        offer = self.world.arrive(visible(90, subject="salary"), NOW)
        clients = [self.client() for _ in range(4)]
        uids = self.uids(clients[0])
        self.world.write_tenant(hidden_words=["geheim", "salary"])
        self.world.reload()
        for client, tag in [(client, client.send(b"NOOP")) for client in clients[:3]]:
            self.assertEqual(client.result(tag)[0], [b"* 7 EXPUNGE\r\n"])
        self.world.write_tenant()
        self.world.reload()
        self.world.policy = Policy()
        last = self.world.arrive(visible(91), NOW)
        for client, tag in [(client, client.send(b"NOOP")) for client in reversed(clients)]:
            self.assertTrue(client.result(tag)[1].split()[1] == b"OK")
        for client in (*clients, self.client()):
            self.assertEqual(self.uids(client), [*(uid for uid in uids if uid != offer.uid), last.uid])

    def test_rules_that_change_show_what_was_never_announced(self):
        self.make_world(2)
        client, other = self.client(), self.client()
        old = self.world.arrive(visible(90, subject="geheim"), NOW)
        self.assertEqual(client.ok(b"NOOP"), [])
        self.world.write_tenant(hidden_words=[])
        self.world.reload()
        self.assertEqual(client.ok(b"NOOP"), [b"* 3 EXISTS\r\n", b"* 0 RECENT\r\n"])
        self.assertEqual(other.ok(b"NOOP"), [b"* 3 EXISTS\r\n", b"* 0 RECENT\r\n"])
        for each in (client, other, self.client()):
            self.assertEqual(self.uids(each), [2, 4, old.uid])

    def test_laxer_rules_show_nothing_old(self):
        self.make_world(3)
        self.world.arrive(visible(91, subject="canary geheim").replace(b"geheim", b"GEHEIM"), NOW)
        last = self.world.arrive(visible(92), NOW)
        client = self.client()
        before = self.contents(client), self.status(client)
        self.world.write_tenant(hidden_words=[], customers=[])  # what was shared is private now, and its bytes say "share"
        self.world.reload()
        told = [fetched(line) for line in client.ok(b"NOOP")]
        self.assertEqual([number for number, _ in told], [1, 2, 3, 4])
        self.assertTrue(all(b"$private" in flags for _, items in told for _, flags in items), told)
        self.assertEqual((self.contents(client), self.status(client)), before)
        client = self.client()
        self.assertEqual((self.contents(client), self.status(client)), before)
        flags = [flags for message in map(fetched, client.ok(b"FETCH 1:* (FLAGS)")) for _, flags in message[1]]
        self.assertTrue(all(b"$private" in each for each in flags), flags)
        self.world.policy = Policy(hidden_words=(), shared=re.compile("nobody"))
        mail = self.world.arrive(visible(93, subject="geheim"), NOW)
        self.assertEqual(client.ok(b"NOOP"), [b"* 5 EXISTS\r\n", b"* 0 RECENT\r\n"])
        self.assertEqual(self.contents(client), before[0] | {mail.uid: mail.view[0]})
        self.assertGreater(mail.uid, last.uid)


if __name__ == "__main__":
    unittest.main()
