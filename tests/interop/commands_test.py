"""`privet check`, `explain`, `queue`, `serve` and `certificate` as a user runs them: exit codes, one line on standard error."""

import json
import signal
import socket
import unittest

import support
from matrix_test import connect

OFFER = (b"Date: Fri, 2 Jan 2026 09:00:00 +0100\nMessage-ID: <m1@acme.test>\nFrom: Anna <anna@acme.test>\n"
         b"To: Bob <bob@customer.test>, Carl <carl@acme.test>\nSubject: Offer\n\nHello Bob.\n")
ENVELOPE = ["--from", support.SENDER, "--to", "bob@customer.test", "--to", "carl@acme.test",
            "--to", "acme+1@pipedrivemail.com"]


class Commands(support.Case):
    def setUp(self):
        super().setUp()
        self.mailboxes = support.Mailboxes(self.folder / "mail")
        self.config = support.write_config(self.folder, support.embedded(self.mailboxes.folder), listeners=("none",))

    def privet(self, *arguments, **options):
        return support.run(support.binary(), *arguments, **options)

    def assert_complains(self, done, code, *words):
        """Nothing on standard output, one line on standard error that holds the words."""
        self.assertEqual(done.returncode, code, done.stderr.decode())
        self.assertEqual(done.stdout, b"")
        text = done.stderr.decode()
        self.assertEqual(text.count("\n"), 1, text)
        self.assertTrue(text.endswith("\n"))
        for word in words:
            self.assertIn(word, text)

    def edit(self, path, old, new):
        text = path.read_text()
        self.assertIn(old, text)
        path.write_text(text.replace(old, new))

    def test_check_of_a_right_configuration(self):
        done = self.privet("check", "-c", self.config)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"ok: 1 tenant(s), 1 listener(s)\n", b""))

    def test_check_of_the_example(self):
        done = self.privet("check", "-c", support.SOURCE / "deploy/examples/privet.yaml")
        self.assertEqual(done.returncode, 0, done.stderr.decode())

    def test_mistakes_have_a_place(self):
        tenant = self.folder / "tenants/acme.yaml"
        for name, path, old, new, word in (
                ("unknown key", tenant, '"strip"', '"stripe"', "stripe"),
                ("unknown verdict", tenant, '"private"', '"secret"', "secret"),
                ("no address", self.config, '"127.0.0.1:0"', '"everywhere"', "address"),
                ("clear text to the world", self.config, '"127.0.0.1:0"', '"0.0.0.0:0"', "loopback")):
            for command in ("check", "serve"):
                with self.subTest(name, command=command):
                    before = path.read_text()
                    self.edit(path, old, new)
                    done = self.privet(command, "-c", self.config)
                    path.write_text(before)
                    self.assert_complains(done, 1, word)
                    self.assertRegex(done.stderr.decode(), rf"^{path}:\d+:\d+: ")

    def test_files_that_are_not_there(self):
        self.assert_complains(self.privet("check", "-c", self.folder / "nowhere.yaml"), 1, "nowhere.yaml")
        (self.folder / "tenants/acme.yaml").unlink()
        self.assert_complains(self.privet("check", "-c", self.config), 1, "tenants")

    def test_wrong_usage(self):
        for arguments in ([], ["check"], ["dance"], ["explain", "-c", self.config], ["serve", "-c", self.config, "--no"],
                          ["explain", "-c", self.config, *ENVELOPE, "--copy", "--json"]):
            with self.subTest(arguments=arguments[:1]):
                self.assert_complains(self.privet(*arguments, input=OFFER), 2)

    def test_a_mistyped_command_is_named(self):
        for word, *arguments in (["serf", "-c", self.config], ["lisst", "queue", "-c", self.config]):
            with self.subTest(word=word):
                self.assert_complains(self.privet(*arguments, word), 2, "not expected", word)

    def test_help(self):
        done = self.privet("--help")
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        for command in (b"serve", b"check", b"explain", b"queue", b"certificate"):
            self.assertIn(command, done.stdout)

    def test_version(self):
        done = self.privet("--version")
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertRegex(done.stdout.decode(), r"^privet \d+\.\d+\.\d+\n$")

    def test_explain_says_what_happens(self):
        done = self.privet("explain", "-c", self.config, "--tenant", "acme", *ENVELOPE, input=OFFER)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertIn(b"private", done.stdout)
        self.assertNotIn(b"carl@", done.stdout)

    def test_explain_for_one_mailbox(self):
        self.edit(self.folder / "tenants/acme.yaml", '"upstream": {', '"upstream": {"imap": {"host": "localhost", "tls": "none"}, ')
        done = self.privet("explain", "-c", self.config, "--mailbox", support.SENDER, input=OFFER)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertTrue(done.stdout.startswith(b"Mail sync of " + support.SENDER.encode()), done.stdout)
        self.assert_complains(self.privet("explain", "-c", self.config, "--mailbox", "bob@customer.test", input=OFFER), 1, "no login")
        self.assert_complains(self.privet("explain", "-c", self.config, *ENVELOPE, "message.eml", input=OFFER), 2, "message.eml")
        self.assert_complains(self.privet("explain", "-c", self.config, *ENVELOPE, input=b""), 1, "standard input")

    def test_explain_for_machines(self):
        done = self.privet("explain", "-c", self.config, *ENVELOPE, "--json", input=OFFER)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        copy, = json.loads(done.stdout)["copies"]
        self.assertEqual((copy["verdict"], copy["withheld"]), ("private", False))
        for message in support.corpus():
            with self.subTest(message=message.name):
                done = support.explain(self.config, message, 1, "--json")
                copy, = json.loads(done.stdout)["copies"]
                self.assertEqual(done.returncode, 3 if copy["withheld"] else 0)

    def test_explain_of_a_withheld_message(self):
        inside = OFFER.replace(b"bob@customer.test", b"carol@acme.test")
        envelope = ["--from", support.SENDER, "--to", "carol@acme.test", "--to", "acme+1@pipedrivemail.com"]
        for form in ([], ["--copy"], ["--json"]):
            with self.subTest(form=form):
                done = self.privet("explain", "-c", self.config, *envelope, *form, input=inside)
                self.assertEqual((done.returncode, done.stderr), (3, b""))
        self.assertEqual(self.privet("explain", "-c", self.config, *envelope, "--copy", input=inside).stdout, b"")

    def test_explain_knows_no_such_tenant(self):
        self.assert_complains(self.privet("explain", "-c", self.config, "--tenant", "nobody", *ENVELOPE, input=OFFER), 1,
                              "nobody")

    def test_explained_copy_is_the_delivered_copy(self):
        explained = self.privet("explain", "-c", self.config, *ENVELOPE, "--copy", input=OFFER)
        privet = support.Privet(self, support.embedded(self.mailboxes.folder), listeners=("none",))
        with connect(privet, "none") as session:
            session.sendmail(support.SENDER, ENVELOPE[3::2], OFFER.replace(b"\n", b"\r\n"))
        support.wait_for(lambda: self.mailboxes.count() == 3, "two originals and the copy")
        self.assertEqual(self.mailboxes.read("acme+1@pipedrivemail.com"), [explained.stdout])

    def test_queue_of_a_server_that_never_ran(self):
        for arguments in (["list"], ["list", "--json"], ["show", "x1"], ["flush", "--all"], ["hold", "x1"]):
            with self.subTest(arguments=arguments):
                self.assert_complains(self.privet("queue", *arguments[:1], "-c", self.config, *arguments[1:]), 1, "spool")

    def test_wrong_usage_of_queue(self):
        for arguments in ([], ["list"], ["flush", "-c", self.config], ["flush", "-c", self.config, "--all", "x1"],
                          ["flush", "-c", self.config, "--tenant", ""], ["show", "-c", self.config],
                          ["show", "-c", self.config, "x1", "--json", "--content"], ["remove", "-c", self.config]):
            with self.subTest(arguments=arguments):
                self.assert_complains(self.privet("queue", *arguments), 2)

    def test_certificate_makes_one_that_can_be_verified(self):
        made = self.folder / "made"
        done = self.privet("certificate", made, "mail.acme.test", "127.0.0.1")
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertEqual((made / "default.key").stat().st_mode & 0o777, 0o600)
        verified = support.run("openssl", "verify", "-CAfile", made / "authority.pub", "-verify_hostname",
                               "mail.acme.test", made / "default.crt")
        self.assertEqual(verified.returncode, 0, verified.stderr.decode())
        self.assert_complains(self.privet("certificate", "/dev/null/x", "localhost"), 1, "/dev/null/x")
        self.assert_complains(self.privet("certificate", made, "localhost"), 1, "exists already")
        self.assertEqual(support.run("openssl", "verify", "-CAfile", made / "authority.pub", made / "default.crt").returncode, 0)

    def test_serve_on_a_taken_port(self):
        with socket.create_server(("127.0.0.1", 0)) as other:
            place = f"127.0.0.1:{other.getsockname()[1]}"
            self.edit(self.config, "127.0.0.1:0", place)
            self.assert_complains(self.privet("serve", "-c", self.config), 1, place)

    def test_a_second_server_on_the_same_port_does_not_take_half_of_the_connections(self):
        first = support.Privet(self, support.embedded(self.mailboxes.folder), listeners=("none",))
        place = f"127.0.0.1:{first.ports['none']}"
        self.edit(self.config, "127.0.0.1:0", place)
        self.assert_complains(self.privet("serve", "-c", self.config), 1, place)

    def test_reload_replaces_the_policy_and_keeps_it_when_the_new_one_is_wrong(self):
        privet = support.Privet(self, support.embedded(self.mailboxes.folder), listeners=("none",))
        tenant = privet.folder / "tenants/acme.yaml"
        self.edit(tenant, '"default": "private"', '"default": "hide"')
        privet.process.send_signal(signal.SIGHUP)
        support.wait_for(lambda: privet.events("configuration reloaded"), "the new policy")
        self.edit(tenant, '"default": "hide"', '"default": "everything"')
        privet.process.send_signal(signal.SIGHUP)
        support.wait_for(lambda: privet.events("configuration kept, the new one is wrong"), "the complaint")
        with connect(privet, "none") as session:
            session.sendmail(support.SENDER, ENVELOPE[3::2], OFFER.replace(b"\n", b"\r\n"))
        support.wait_for(lambda: privet.events("copy withheld"), "the new policy to decide")
        self.assertEqual(privet.events("copy sent"), [])


if __name__ == "__main__":
    unittest.main()
