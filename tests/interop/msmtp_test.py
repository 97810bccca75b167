"""msmtp: one process per message."""

import concurrent.futures
import unittest

import support
from clients import ClientCase, recipients

TLS = {"none": "tls off", "starttls": "tls on\ntls_starttls on", "implicit": "tls on\ntls_starttls off"}
AT_ONCE = 4


class Msmtp(ClientCase):
    def send(self, privet, mode, sendings):
        support.need("msmtp")
        for method in ("plain", "login"):
            config = self.folder / method
            trust = f"tls_trust_file {privet.authority}\n" if mode != "none" else ""
            config.write_text(f"account default\nhost 127.0.0.1\nport {privet.ports[mode]}\ndomain client.test\n"
                              f"{TLS[mode]}\n{trust}auth {method}\nuser {support.SENDER}\n"
                              f'password "{support.PASSWORD}"\nfrom {support.SENDER}\n'
                              "remove_bcc_headers off\nundisclosed_recipients off\n"
                              "set_from_header off\nset_date_header off\nset_msgid_header off\n")
            config.chmod(0o600)

        def send_one(sending):
            message, number = sending
            done = support.run("msmtp", "-C", self.folder / ("plain" if number % 2 else "login"), "--",
                               *recipients(message, number), input=message.content)
            self.assertEqual(done.returncode, 0, done.stderr.decode())

        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(send_one, sendings))

    def test_starttls_before_embedded(self):
        self.through("starttls", "embedded")

    def test_implicit_tls_before_postfix_in_clear(self):
        self.through("implicit", "none")


if __name__ == "__main__":
    unittest.main()
