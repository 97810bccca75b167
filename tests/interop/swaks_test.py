"""swaks: PLAIN and LOGIN, pipelined and not, one process per message. It takes wire bytes as they are."""

import concurrent.futures
import re
import unittest

import support
from clients import ClientCase, recipients

TLS = {"none": [], "starttls": ["--tls"], "implicit": ["--tlsc"]}
AT_ONCE = 4


class Swaks(ClientCase):
    def send(self, privet, mode, sendings):
        support.need("swaks")

        def send_one(sending):
            message, number = sending
            options = ["--auth", "PLAIN" if number % 2 else "LOGIN"] + (["--pipeline"] if number % 4 < 2 else [])
            if TLS[mode]:
                options += TLS[mode] + ["--tls-verify", "--tls-ca-path", privet.authority]
            wire = re.sub(rb"(?m)^\.", b"..", message.content) + b".\r\n"
            done = support.run("swaks", "--server", "127.0.0.1", "--port", privet.ports[mode], "--ehlo", "client.test",
                               "--from", support.SENDER, "--to", ",".join(recipients(message, number)),
                               "--auth-user", support.SENDER, "--auth-password", support.PASSWORD, *options,
                               "--no-data-fixup", "--data", "-", input=wire)
            self.assertEqual(done.returncode, 0, done.stdout.decode("latin-1") + done.stderr.decode("latin-1"))

        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(send_one, sendings))

    def test_starttls_before_postfix_in_clear(self):
        self.through("starttls", "none")

    def test_implicit_tls_before_postfix_by_starttls(self):
        self.through("implicit", "starttls")

    def test_clear_before_embedded(self):
        self.through("none", "embedded")


if __name__ == "__main__":
    unittest.main()
