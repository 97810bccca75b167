"""A view that may be written: what a sync flags, copies, moves, files and expunges happens to what it sees, and to nothing
else. Every hidden message and unseen folder is compared before and after, byte for byte; what the client hears is compared
with the same commands on mailboxes that hold nothing else."""

import os
import re
import shutil
import unittest

import imap_torture
import support
from imap_torture import SECRET, TEXT, US, header
from imap_wire import difference, fetched, normalised
from imap_world import ALL, UID_VALIDITY, World, day, mailbox

NOW = day(2026, 3, 1)
MARKED = (b"\\Deleted", b"\\Flagged", b"CanaryWord")

# Said to Privet and to the mailboxes that hold nothing else.
SCRIPT = (
    b"SELECT INBOX", b"FETCH 1:* (UID FLAGS)", b"STORE 1:3 +FLAGS (\\Flagged Work)", b"UID STORE 1:* -FLAGS.SILENT (Work)",
    b"FETCH 1:* (FLAGS)", b"UID STORE 2 FLAGS (\\Seen \\Draft)", b"STORE 3 FLAGS ()", b"FETCH 2 (BODY[TEXT])",
    b"UID FETCH 6:8 (BODY[HEADER.FIELDS (SUBJECT)])", b"FETCH 5 (BODY.PEEK[TEXT] FLAGS)", b"SEARCH UNSEEN", b"SEARCH FLAGGED",
    b"COPY 1:2 Archive", b"UID COPY 1:8 Archive", b"UID COPY 1 Archive", b"UID COPY 400 Archive",
    b"STATUS Archive (MESSAGES UNSEEN)",
    b"STORE 2,4 +FLAGS (\\Deleted)", b"SEARCH DELETED", b"UID EXPUNGE 1:5", b"SEARCH DELETED", b"EXPUNGE", b"EXPUNGE",
    b"FETCH 1:* (UID)", b"MOVE 1 Archive", b"UID MOVE 1:10 Archive", b"UID MOVE 1:10 Archive", b"FETCH 1:* (UID FLAGS)",
    b"MOVE 40 Archive",
    b"STORE 1 +FLAGS (\\Deleted)", b"CLOSE", b"SELECT INBOX", b"FETCH 1:* (UID FLAGS)", b"SELECT Archive",
    b"FETCH 1:* (UID FLAGS RFC822.SIZE BODY.PEEK[])", b"STORE 1:* +FLAGS.SILENT (\\Deleted)", b"CLOSE", b"EXAMINE Archive",
    b"STATUS INBOX (MESSAGES)")
COPY_UID = re.compile(rb"\[(COPYUID|APPENDUID) [^\]]*\]")


def visible(number, **more):
    return header(number, **more) + TEXT + b"\r\nhello %d\r\n" % number


def secret(number):
    return header(number, US, SECRET, "canary internal") + TEXT + b"\r\ncanary %d\r\n" % number


def mixed(count, first):
    """Each visible message stands between hidden ones, which somebody has marked for deletion."""
    mails = mailbox([content for number in range(first, first + count) for content in (secret(number), visible(number))])
    for mail in mails[::2]:
        mail.flags = MARKED
    return mails


class Writing(support.Case):
    def make_world(self, count=8, **more):
        self.world = World(self, mixed(count, 0), {"Archive": mixed(2, 100), "Canary": mixed(2, 200)}, ("INBOX", "Archive"),
                           view={"folders": ["INBOX", "Archive"], "write": True} | more)
        self.before = self.hidden()

    def client(self, mailbox=b"INBOX"):
        client, _ = self.world.client(examine=False)
        client.ok(b"SELECT " + mailbox)
        return client

    def stored(self, user, folder):
        """UID to (flags, date, bytes), of all that a folder really holds."""
        side = self.world.side(user)
        side.ok(b"EXAMINE " + folder)
        messages = {}
        for response in side.ok(b"UID FETCH 1:* (UID FLAGS INTERNALDATE BODY.PEEK[])"):
            if message := fetched(response):
                items = dict(message[1])
                messages[int(items["UID"])] = (items["FLAGS"], bytes(items["INTERNALDATE"]), bytes(items["BODY[]"]))
        side.ok(b"SELECT INBOX")
        return messages

    def hidden(self):
        found = {}
        for folder in self.world.mails:
            for uid, (flags, date, content) in self.stored(ALL, folder.encode()).items():
                if folder == "Canary" or not self.world.policy.view(content):
                    found[folder, uid] = flags, date, content
        return found

    def assert_nothing_hidden_has_changed(self):
        self.assertGreater(len(self.before), 10)
        self.assertEqual(self.hidden(), self.before)

    def test_what_a_client_hears_is_what_it_would_hear_without_hidden_mail(self):
        self.make_world()
        ours, theirs = self.world.client(examine=False)
        for line in SCRIPT:
            with self.subTest(line=line):
                got, expected = ours.run(line), theirs.run(line)
                self.assertEqual(difference(normalised(*expected), normalised(*got)), [])
                codes = [COPY_UID.findall(b"".join(answer[0]) + answer[1]) for answer in (expected, got)]
                self.assertEqual(codes[0], codes[1])
        self.assert_nothing_hidden_has_changed()

    def test_nothing_hidden_is_ever_changed_flagged_expunged_or_counted(self):
        """A client that does whatever it may, to whatever it names, whoever else is there."""
        self.make_world(12)
        client = self.client()
        chance = imap_torture.seeded(11)
        lines = (b"UID STORE %d:%d +FLAGS (\\Deleted \\Seen)", b"UID STORE %d,%d FLAGS (\\Answered)",
                 b"UID STORE %d:%d -FLAGS.SILENT (\\Deleted)", b"STORE %d:%d +FLAGS (Word)", b"UID EXPUNGE %d:%d",
                 b"UID COPY %d:%d Archive", b"UID COPY %d,%d INBOX", b"UID MOVE %d,%d Archive", b"UID COPY %d:%d Canary",
                 b"UID MOVE %d:%d Canary", b"UID FETCH %d:%d (BODY[TEXT])", b"FETCH %d:%d (RFC822)")
        fixed = (b"EXPUNGE", b"NOOP", b"CLOSE", b"UNSELECT", b"EXAMINE INBOX", b"SELECT Canary", b"DELETE Archive", b"DELETE Canary",
                 b"RENAME INBOX Archive2", b"RENAME Canary Archive", b"CREATE Canary", b"SUBSCRIBE Canary", b"UNSUBSCRIBE Canary")
        for _ in range(250):
            numbers = chance.randint(1, 30), chance.randint(1, 30)
            line = chance.choice(fixed) if chance.random() < 0.2 else chance.choice(lines) % numbers
            client.run(line)
            if not line.startswith((b"UID", b"STORE", b"FETCH", b"NOOP", b"EXPUNGE")):
                client.run(chance.choice((b"SELECT INBOX", b"SELECT INBOX", b"SELECT Archive")))
        self.assert_nothing_hidden_has_changed()
        side = self.world.side(ALL)
        self.assertIn(b"Canary", b"".join(side.ok(b"LIST \"\" *")))
        self.assertIn(b"Canary", b"".join(side.ok(b"LSUB \"\" *")))

    def test_trap_3_hidden_is_as_absent(self):
        self.make_world()
        client = self.client()
        for command in (b"UID STORE %d +FLAGS (\\Seen)", b"UID STORE %d FLAGS ()", b"UID COPY %d Archive", b"UID MOVE %d Archive",
                        b"UID EXPUNGE %d"):
            answers = [client.run(command % uid) for uid in (1, 3, 400)]
            self.assertEqual(len({(tuple(untagged), tagged.split(b" ", 1)[1]) for untagged, tagged in answers}), 1, answers)
        for folder in (b"Canary", b"Nowhere"):
            for command in (b"COPY 1 %s", b"MOVE 1 %s", b"SUBSCRIBE %s", b"APPEND %s {3+}\r\nabc"):
                self.assertTrue(client.run(command % folder)[1].endswith(b" NO [NONEXISTENT] Mailbox does not exist\r\n"))
        self.assert_nothing_hidden_has_changed()

    def test_trap_4_hidden_messages_with_deleted_survive(self):
        self.make_world()
        client = self.client()
        for line in (b"EXPUNGE", b"UID EXPUNGE 1:*", b"CLOSE"):
            self.assertEqual(client.ok(line), [])
        client.ok(b"SELECT INBOX")
        client.ok(b"STORE 1:* +FLAGS.SILENT (\\Deleted)")
        self.assertEqual(client.ok(b"EXPUNGE"), [b"* %d EXPUNGE\r\n" % number for number in range(8, 0, -1)])
        self.assertEqual([uid for uid in self.stored(ALL, b"INBOX") if uid % 2 == 0], [])
        self.assert_nothing_hidden_has_changed()

    def test_trap_15_what_is_filed_is_seen_or_is_not_there(self):
        self.make_world()
        client = self.client()
        for folder, number in ((b"INBOX", 50), (b"Archive", 51), (b"INBOX", 52)):
            content = visible(number)
            untagged, tagged = self.append(client, folder, content, b"\\Flagged $Private Work")
            code = COPY_UID.search(tagged)
            uid = int(code[0].rstrip(b"]").split()[2])
            self.assertEqual(code[0], b"[APPENDUID %d %d]" % (UID_VALIDITY, uid))
            self.assertEqual(any(b" EXISTS" in each for each in untagged), folder == b"INBOX", untagged)
            flags, date, stored = self.stored(ALL, folder)[uid]
            self.assertEqual((stored, set(flags)), (content, {b"\\flagged", b"work"}))
            client.ok(b"SELECT " + folder)
            seen = dict(fetched(client.ok(b"UID FETCH %d (UID FLAGS BODY.PEEK[])" % uid)[0])[1])
            self.assertEqual(bytes(seen["BODY[]"]), self.world.policy.view(content)[0])
            client.ok(b"SELECT INBOX")
        for folder in (b"INBOX", b"Archive"):
            before = self.stored(ALL, folder)
            self.assertEqual(self.append(client, folder, secret(60)), ([], b"NO [CANNOT] The rules hide this message\r\n"))
            self.assertEqual(self.append(client, folder, b"no mail"), ([], b"NO [CANNOT] The rules hide this message\r\n"))
            self.assertEqual(self.stored(ALL, folder), before)
        self.assert_nothing_hidden_has_changed()

    def test_folders_are_made_that_the_view_lists_and_no_others(self):
        self.make_world(folders=["INBOX", "Archive", "Fresh", "Deep.Fresh"])
        client = self.client()
        refused = {client.run(b"CREATE " + name)[1].split(b" ", 1)[1] for name in (b"Canary", b"Nowhere", b"fresh", b"Fresh.x", b"a&b")}
        self.assertEqual(refused, {b"NO [NOPERM] Folders cannot be changed through this view\r\n"})
        for name in (b"inbox", b"Archive", b"Archive."):
            self.assertIn(b" NO [ALREADYEXISTS] ", client.run(b"CREATE " + name)[1])
        self.assertIn(b" NO [TRYCREATE] ", client.run(b"COPY 1 Fresh")[1])
        for name in (b"Fresh", b"Deep.Fresh."):
            client.ok(b"CREATE " + name)
            name = name.rstrip(b".")
            self.assertIn(b" NO [ALREADYEXISTS] ", client.run(b"CREATE " + name)[1])
            client.ok(b"COPY 1 " + name)
            self.assertEqual(len(self.stored(ALL, name)), 1)
            client.ok(b"SELECT " + name)
            client.ok(b"SUBSCRIBE " + name)
            self.world.side(ALL).ok(b"DELETE " + name)
            client.ok(b"SELECT INBOX")
            self.assertIn(b"* LIST (\\NonExistent \\Subscribed) \".\" %s\r\n" % name, client.ok(b"LIST (SUBSCRIBED) \"\" *"))
            client.ok(b"UNSUBSCRIBE " + name)
            self.assertNotIn(b"Fresh", b"".join(client.ok(b"LSUB \"\" *")))
        folders = b"".join(self.world.side(ALL).ok(b"LIST \"\" *"))
        for name in (b"Nowhere", b"fresh", b"Fresh.x"):
            self.assertNotIn(name, folders)
        self.assert_nothing_hidden_has_changed()

    def test_trap_15_what_is_older_than_the_view_is_not_filed(self):
        self.make_world(since="2026-02-28")
        client = self.client()
        before = self.stored(ALL, b"Archive")
        tag = client.send(b"APPEND Archive \"27-Feb-2026 12:00:00 +0000\" {3}")
        self.assertTrue(client.response().startswith(b"+"))
        client.send_raw(b"abc\r\n")
        self.assertIn(b" NO [CANNOT] ", client.result(tag)[1])
        self.assertEqual(self.stored(ALL, b"Archive"), before)
        self.assertIn(b"[APPENDUID ", self.append(client, b"Archive", visible(70))[1])

    def test_keywords_that_only_hidden_messages_have_are_not_permanent(self):
        self.make_world()
        client = self.client()
        untagged = client.ok(b"SELECT INBOX")  # the wire looks for canaries
        flags = next(each for each in untagged if b"PERMANENTFLAGS" in each)
        self.assertIn(b"\\*", flags)
        self.assertNotIn(b"$Private", flags)
        client.ok(b"STORE 1 +FLAGS (Work $Private)")
        self.assertEqual(set(self.stored(ALL, b"INBOX")[2][0]), {b"work"})
        client.ok(b"STORE 1 FLAGS ()")
        self.assertEqual(self.stored(ALL, b"INBOX")[2][0], ())

    def test_reading_sets_seen_only_where_it_is_selected_for_writing(self):
        self.make_world()
        client = self.client()
        client.ok(b"EXAMINE INBOX")
        client.ok(b"FETCH 1:* (BODY[])")
        stored = self.stored(ALL, b"INBOX").values()
        self.assertEqual({flags for flags, _, content in stored if self.world.policy.view(content)}, {()})
        client.ok(b"SELECT INBOX")
        client.ok(b"FETCH 1:* (BODY.PEEK[] RFC822.HEADER)")
        client.ok(b"FETCH 2 (RFC822)")
        seen = [uid for uid, (flags, _, _) in self.stored(ALL, b"INBOX").items() if b"\\seen" in flags]
        self.assertEqual(seen, [4])
        self.assert_nothing_hidden_has_changed()

    def fetchmail(self, *options):
        """What it delivers."""
        support.need("fetchmail")
        store = self.folder / "fetched"
        shutil.rmtree(store, ignore_errors=True)
        (store / "mail").mkdir(parents=True)
        rc = store / "rc"
        rc.write_text(f"""poll 127.0.0.1 protocol imap port {self.world.port} auth password
  user "{ALL}" password "any" {" ".join(options)} no rewrite no mimedecode sslproto ""
  mda "/bin/sh -c 'exec cat >$(mktemp {store}/mail/XXXXXX)'"
""")
        rc.chmod(0o600)
        done = support.run("fetchmail", "-f", rc, "-vv", "--pidfile", store / "pid", "-i", store / "ids",
                           env=os.environ | {"HOME": str(store), "HOMEFETCHMAIL": str(store)})
        self.assertIn(done.returncode, (0, 1), done.stdout + done.stderr)  # 1: no mail
        self.assertNotIn(b"canary", (done.stdout + done.stderr).lower())
        delivered = [path.read_bytes() for path in (store / "mail").iterdir()]
        for content in delivered:
            self.assertNotIn(b"canary", content.lower())
        return len(delivered)

    def test_fetchmail_goes_by_seen_and_then_takes_the_messages_away(self):
        self.make_world()
        self.assertEqual(self.fetchmail("keep"), 8)
        self.assertEqual(self.fetchmail("keep"), 0)
        self.world.arrive(secret(80), NOW, MARKED)
        self.world.arrive(visible(81), NOW)
        self.before = self.hidden()
        self.assertEqual(self.fetchmail("no keep"), 1)
        self.assertEqual(self.fetchmail("no keep", "fetchall"), 8)
        self.assertEqual(self.fetchmail("no keep", "fetchall"), 0)
        self.assert_nothing_hidden_has_changed()
        self.assertEqual(set(self.stored(ALL, b"INBOX")), {uid for folder, uid in self.before if folder == "INBOX"})

    def append(self, client, folder, content, flags=b""):
        tag = client.send(b"APPEND %s (%s) \"%s\" {%d}" % (folder, flags, b"01-Mar-2026 12:00:00 +0000", len(content)))
        answer = client.response()
        if answer.startswith(b"+"):
            client.send_raw(content + b"\r\n")
            untagged, tagged = client.result(tag)
        else:
            untagged, tagged = [], answer
        return untagged, tagged.split(b" ", 1)[1]


if __name__ == "__main__":
    unittest.main()
