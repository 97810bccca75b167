"""An SMTP server that keeps what it is sent: where mail ends in tests. No login, no TLS, loopback.

Promise: lines end with CRLF and nothing else ends one; content is kept byte for byte, dots undone. `faults` may answer
any command with a reply of its own, or leave without one. (RFC 5321 section 4.1, RFC 2920)
"""

import asyncio
import concurrent.futures
import dataclasses
import re
import threading

EXTENSIONS = ("PIPELINING", "8BITMIME", "SMTPUTF8", "SIZE 104857600", "DSN", "ENHANCEDSTATUSCODES")
LEAVE = "leave"  # what `faults` answers to close the connection without a reply
PATH = re.compile(r"(?:FROM|TO):<([^>]*)>", re.IGNORECASE)


@dataclasses.dataclass
class Transaction:
    """What a session has said since MAIL."""
    reverse_path: str
    recipients: list = dataclasses.field(default_factory=list)
    content: bytes = b""
    confirmed: bool = False  # the sender went on after our last reply


class Sink:
    """faults(stage, line, transaction): a reply, LEAVE, or None to go on; stage is the verb or "." behind the content.
    LEAVE at "." keeps the message first: it was taken and nobody is told. took(transaction) is called for each that
    was taken, before its sender hears of it."""

    def __init__(self, took, faults=lambda stage, line, transaction: None):
        self._took = took
        self._faults = faults

    async def open(self, address="127.0.0.1", port=0):
        """The asyncio.Server that listens, and its port."""
        server = await asyncio.start_server(self._serve, address, port, limit=1 << 20, backlog=512)
        return server, server.sockets[0].getsockname()[1]

    async def _serve(self, reader, writer):
        try:
            await self._session(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _session(self, reader, writer):
        transaction = answered = None
        writer.write(b"220 sink.test ESMTP\r\n")
        while True:
            line = (await reader.readuntil(b"\r\n"))[:-2].decode("utf-8", "replace")
            if answered:
                answered.confirmed, answered = True, None
            verb = line.partition(" ")[0].upper()
            reply = self._faults(verb, line, transaction)
            if reply is None:
                if verb == "MAIL":
                    transaction = Transaction(PATH.search(line)[1])
                elif verb == "RSET":
                    transaction = None
                reply = self._reply(verb, line, transaction)
            if reply == LEAVE:
                return
            writer.write(reply.encode() + b"\r\n")
            if reply.startswith("354"):
                transaction.content = await self._content(reader)
                reply = self._faults(".", "", transaction)
                if reply is None or reply == LEAVE:
                    self._took(transaction)
                if reply == LEAVE:
                    return
                writer.write((reply or "250 2.0.0 kept").encode() + b"\r\n")
                transaction, answered = None, transaction
            await writer.drain()
            if verb == "QUIT":
                return

    @staticmethod
    def _reply(verb, line, transaction):
        if verb == "EHLO":
            return "\r\n".join(f"250-{each}" for each in ("sink.test", *EXTENSIONS[:-1])) + f"\r\n250 {EXTENSIONS[-1]}"
        if verb == "RCPT" and transaction:
            transaction.recipients.append(PATH.search(line)[1])
        elif verb == "DATA":
            return "354 go on" if transaction and transaction.recipients else "503 5.5.1 no recipients"
        elif verb == "QUIT":
            return "221 2.0.0 bye"
        elif verb not in ("HELO", "MAIL", "RSET", "NOOP"):
            return "502 5.5.1 not here"
        return "250 2.0.0 ok"

    @staticmethod
    async def _content(reader):
        lines = []
        while (line := await reader.readuntil(b"\r\n")) != b".\r\n":
            lines.append(line[1:] if line.startswith(b".") else line)
        return b"".join(lines)


class Mailboxes:
    """A sink in a thread of its own that files what it takes; reads as support.Mailboxes does."""

    def __init__(self, case, address, faults):
        self._kept = {}
        self._faults = faults
        self._opened = concurrent.futures.Future()
        thread = threading.Thread(target=lambda: asyncio.run(self._run(address)))
        thread.start()
        self.port, loop, end = self._opened.result()
        case.addCleanup(thread.join)
        case.addCleanup(loop.call_soon_threadsafe, end.set)

    async def _run(self, address):
        server, port = await Sink(self._file, self._faults).open(address)
        end = asyncio.Event()
        self._opened.set_result((port, asyncio.get_running_loop(), end))
        async with server:
            await end.wait()

    def _file(self, transaction):
        for recipient in transaction.recipients:
            self._kept.setdefault(recipient, []).append(transaction.content)

    def empty(self):
        self._kept.clear()

    def read(self, recipient):
        return list(self._kept.get(recipient, []))

    def count(self, prefix=""):
        return sum(len(kept) for recipient, kept in list(self._kept.items()) if recipient.startswith(prefix))
