"""Passwords and tokens stay in memory: not in the log at its most talkative, and not in a core file."""

import base64
import pathlib
import socket
import threading
import unittest

import support

PASSWORD = "correct horse battery"
TOKEN = "ya29.token-of-anna"
PROOF = "cHJvb2Ytb2YtYW5uYQ=="
KEYWORDS = "PLAIN LOGIN XOAUTH2 OAUTHBEARER SCRAM-SHA-256"


def encoded(text):
    return base64.b64encode(text.encode()).decode()


LOGINS = {  # what the client sends, one line after the other
    "PLAIN": ["AUTH PLAIN " + encoded(f"\0{support.SENDER}\0{PASSWORD}")],
    "PLAIN asked for": ["AUTH PLAIN", encoded(f"\0{support.SENDER}\0{PASSWORD}")],
    "LOGIN": ["AUTH LOGIN", encoded(support.SENDER), encoded(PASSWORD)],
    "XOAUTH2": ["AUTH XOAUTH2 " + encoded(f"user={support.SENDER}\1auth=Bearer {TOKEN}\1\1")],
    "OAUTHBEARER": ["AUTH OAUTHBEARER " + encoded(f"n,a={support.SENDER},\1auth=Bearer {TOKEN}\1\1")],
    "SCRAM": ["AUTH SCRAM-SHA-256 " + encoded(f"n,,n={support.SENDER},r=nonce"),
              encoded(f"c=biws,r=nonce2,p={PROOF}"), ""],
}
SECRETS = {PASSWORD, TOKEN, PROOF, support.SENDER} | {
    line.split()[-1] for lines in LOGINS.values() for line in lines if len(line.split()[-1:]) and len(line) > 12}


class Upstream:
    """Takes every login; SCRAM with two challenges. `heard` holds what it was sent behind AUTH."""

    def __init__(self, case, welcome):
        self.heard = []
        self._welcome = welcome
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()
        case.addCleanup(self._listener.close)

    def _listen(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with connection, connection.makefile("rwb") as talk:
            def say(line):
                talk.write(line.encode() + b"\r\n")
                talk.flush()

            say("220 up.test")
            for line in talk:
                text = line.decode().strip()
                if text.startswith("EHLO"):
                    say(f"250-up.test\r\n250 AUTH {KEYWORDS}")
                    continue
                if text == "QUIT":
                    say("221 bye")
                    return
                self.heard.append(text)
                if "SCRAM" in text:
                    for challenge in ("r=nonce2,s=QSXCR+Q6sek8bf92,i=4096", "v=c2lnbmF0dXJl"):
                        say("334 " + encoded(challenge))
                        self.heard.append(talk.readline().decode().strip())
                say(self._welcome)


class Secrets(support.Case):
    def serve(self, welcome):
        upstream = Upstream(self, welcome)
        config = support.write_config(self.folder, {"host": "127.0.0.1", "port": upstream.port, "tls": "none"},
                                      listeners=("none",))
        config.write_text(config.read_text().replace('"info"', '"debug"'))
        log, announced = self.folder / "log", self.folder / "announced"
        process = self.start([support.binary(), "serve", "-c", config, "--announce-ports"], announced, log)
        line = support.wait_for(lambda: announced.exists() and announced.read_text().endswith("\n")
                                and announced.read_text(), lambda: log.read_text())
        return upstream, process, int(line.rpartition(":")[2]), log

    def log_in(self, port, lines):
        """The last reply to these lines."""
        with socket.create_connection(("127.0.0.1", port), support.DEADLINE) as connection:
            talk = connection.makefile("rwb")

            def reply():
                while (line := talk.readline()) and line[3:4] == b"-":
                    pass
                return line.decode()

            reply()
            for line in ["EHLO client.test"] + lines:
                talk.write(line.encode() + b"\r\n")
                talk.flush()
                last = reply()
            talk.write(b"QUIT\r\n")
            talk.flush()
            talk.read()
            return last

    def test_the_log_holds_no_credentials(self):
        welcome = "235 2.7.0 welcome"
        upstream, _, port, log = self.serve(welcome)
        for name, lines in LOGINS.items():
            self.assertEqual(self.log_in(port, lines)[:3], welcome[:3], name)
        # Longer lines than any login, and a login that goes on where there is none.
        self.log_in(port, ["AUTH PLAIN " + encoded(PASSWORD * 1000), encoded(PASSWORD)])
        support.wait_for(lambda: log.read_text().count("login") >= len(LOGINS), "logins in the log")
        text = log.read_text()
        for secret in SECRETS:
            self.assertNotIn(secret, text)
        self.assertTrue(any(PROOF in base64.b64decode(each + "==").decode(errors="replace")
                            for each in upstream.heard if each.isascii() and " " not in each),
                        "the upstream got the proof")

    def test_memory_goes_into_no_core_file(self):
        _, process, _, _ = self.serve("235 2.7.0 welcome")
        limits = pathlib.Path(f"/proc/{process.pid}/limits").read_text().splitlines()
        core = next(line for line in limits if line.startswith("Max core file size"))
        self.assertEqual(core.split()[4:6], ["0", "0"])


if __name__ == "__main__":
    unittest.main()
