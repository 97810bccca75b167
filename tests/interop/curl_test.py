"""curl: the whole corpus over one connection, by `next` in a configuration file."""

import unittest

import support
from clients import ClientCase, recipients


class Curl(ClientCase):
    def send(self, privet, mode, sendings):
        support.need("curl")
        scheme = "smtps" if mode == "implicit" else "smtp"
        common = [f'url = "{scheme}://127.0.0.1:{privet.ports[mode]}/client.test"', f'mail-from = "{support.SENDER}"',
                  f'user = "{support.SENDER}:{support.PASSWORD}"', f'cacert = "{privet.authority}"',
                  'write-out = "%{num_connects}\\n"'] + (["ssl-reqd"] if mode != "none" else [])
        entries = ["\n".join(common + [f'upload-file = "{self.file(message, number)}"'] +
                             [f'mail-rcpt = "{each}"' for each in recipients(message, number)])
                   for message, number in sendings]
        done = support.run("curl", "-sS", "--fail-early", "-K", "-", input="\nnext\n".join(entries).encode())
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        self.assertEqual(sum(map(int, done.stdout.split())), 1, "connections")

    def test_starttls_before_postfix_by_implicit_tls(self):
        self.through("starttls", "implicit")

    def test_implicit_tls_before_embedded(self):
        self.through("implicit", "embedded")

    def test_clear_before_postfix_in_clear(self):
        self.through("none", "none")


if __name__ == "__main__":
    unittest.main()
