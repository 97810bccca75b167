"""A private Dovecot that speaks IMAP, with one Maildir per user, and a client that shows its answers byte for byte."""

import os
import pathlib
import re
import socket

import support

OWNER = 65534  # nobody: Dovecot refuses to serve mail as root


class Dovecot:
    """Users log in with any name and any password; fill() gives one of them messages."""

    def __init__(self, case):
        support.need("dovecot", root=True)
        if not pathlib.Path("/usr/lib/dovecot/imap").exists():
            raise AssertionError("Dovecot's imap is not installed; run `deploy/install tests`")
        self.address = support.own_address()
        self.port = support.free_port(self.address)
        self.folder = case.folder / "dovecot"
        for name in ("", "run", "state", "mail"):
            (self.folder / name).mkdir()
        os.chown(self.folder / "mail", OWNER, OWNER)
        config = self.folder / "dovecot.conf"
        config.write_text(CONFIG.format(address=self.address, port=self.port, folder=self.folder, owner=OWNER))
        output = self.folder / "output"
        process = case.start(["dovecot", "-F", "-c", config], output, output)

        def ready():
            assert process.poll() is None, output.read_text(errors="replace")
            return support.listens(self.address, self.port)

        support.wait_for(ready, lambda: output.read_text(errors="replace"))

    def fill(self, user, messages):
        """Files the messages, bytes as they are, in this order: the first gets UID 1."""
        maildir = self.folder / "mail" / user
        for name in ("", "cur", "new", "tmp"):
            (maildir / name).mkdir()
            os.chown(maildir / name, OWNER, OWNER)
        for number, message in enumerate(messages, 1):
            path = maildir / f"new/{number:010}.M1P1.test"
            path.write_bytes(message)
            os.chown(path, OWNER, OWNER)

    def client(self, case, user):
        client = Client(self.address, self.port)
        case.addCleanup(client.close)
        client.command(f"LOGIN {user} any".encode())
        client.command(b"EXAMINE INBOX")
        return client


class Client:
    LITERAL = re.compile(rb"\{(\d+)\}\r\n\Z")

    def __init__(self, address, port):
        self._socket = socket.create_connection((address, port), support.DEADLINE)
        self._input = self._socket.makefile("rb")
        self._input.readline()

    def close(self):
        self._input.close()
        self._socket.close()

    def command(self, line, *literals):
        """The untagged responses to a command, each with its literals in place. Literals of the command are sent one by
        one, each behind a line that ends with "{size}"."""
        self._socket.sendall(b"t " + line)
        for literal in literals:
            self._socket.sendall(b" {%d}\r\n" % len(literal))
            reply = self._response()
            assert reply.startswith(b"+"), reply
            self._socket.sendall(literal)
        self._socket.sendall(b"\r\n")
        responses = []
        while not (response := self._response()).startswith(b"t "):
            responses.append(response)
        assert response.startswith(b"t OK"), (line, response)
        return responses

    def _response(self):
        response = self._input.readline()
        assert response, "Dovecot hung up"
        while literal := self.LITERAL.search(response):
            response += self._input.read(int(literal[1])) + self._input.readline()
        return response

    def fetch(self, uid, item):
        """What the response says of one item: a list or number as it is, a string without its quotes or literal."""
        responses = [each for each in self.command(b"UID FETCH %d (%s)" % (uid, item)) if b" FETCH (" in each]
        assert len(responses) == 1, (item, responses)
        start = responses[0].index(b" FETCH (") + len(b" FETCH (")
        answer = re.sub(rb"\AUID \d+ ", b"", re.sub(rb" UID \d+\)\r\n\Z", b")\r\n", responses[0][start:]))
        name = re.match(rb"BODY\[[^]]*\](?:<\d+>)? |\S+ ", answer)
        return unquote(answer[name.end():].removesuffix(b")\r\n"))

    def search(self, key, *literals):
        """UIDs that match."""
        responses = [each for each in self.command(b"UID SEARCH CHARSET UTF-8 " + key, *literals)
                     if each.startswith(b"* SEARCH")]
        assert len(responses) == 1, responses
        return {int(each) for each in responses[0].split()[2:]}


def unquote(value):
    if value.startswith(b'"'):
        return re.sub(rb"\\(.)", rb"\1", value[1:-1])
    if literal := re.match(rb"\{(\d+)\}\r\n", value):
        assert len(value) == literal.end() + int(literal[1]), value
        return value[literal.end():]
    return value


CONFIG = """protocols = imap
listen = {address}
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain
mail_location = maildir:{folder}/mail/%u
passdb {{
  driver = static
  args = nopassword=y
}}
userdb {{
  driver = static
  args = uid={owner} gid={owner} home={folder}/mail/%u
}}
service imap-login {{
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
"""
