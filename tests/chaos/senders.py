"""Mail clients of the chaos runs: each sends one message after the other and, as a client does, sends the very same
message again until it has heard 250 for it.
"""

import asyncio
import dataclasses

from upstream import CARL, CRM

SENDER = "anna@acme.test"
BOB = "bob@customer.test"
RECIPIENTS = {"people": (BOB, CARL), "split": (BOB, CARL, CRM), "CRM alone": (CRM,)}
VANISH = 0.01  # of the clients hang up behind their dot, before they have heard anything (F16)


@dataclasses.dataclass
class Message:
    identity: str
    kind: str  # of RECIPIENTS
    content: bytes
    dots: int = 0  # how often its content was sent to the end
    answered: bool = False  # 250 was heard
    refused: str = ""  # a permanent answer, which nothing here gives reason for

    @staticmethod
    def make(identity, kind, dice):
        filling = "\r\n".join("x" * 70 for _ in range(dice.choice((1, 10, 100, 1000))))
        return Message(identity, kind, (
            f"Date: Fri, 2 Jan 2026 09:00:00 +0100\r\nMessage-ID: <{identity}@acme.test>\r\nFrom: Anna <{SENDER}>\r\n"
            f"To: Bob <{BOB}>\r\nCc: Carl <{CARL}>\r\nSubject: Offer {identity}\r\n\r\n{filling}\r\n").encode())


class Client:
    """Sends until `over`; then ends the message it is at. `place` is where Privet listens; `up` is set while it does."""

    def __init__(self, name, place, up, over, dice):
        self.sent = []
        self._name, self._place, self._up, self._over, self._dice = name, place, up, over, dice
        self._reader = self._writer = None

    async def run(self):
        while not self._over.is_set():
            kind = self._dice.choices(tuple(RECIPIENTS), (3, 6, 1))[0]
            message = Message.make(f"{self._name}-{len(self.sent)}", kind, self._dice)
            self.sent.append(message)
            while not message.answered and not message.refused:
                try:
                    await self._attempt(message)
                except (ConnectionError, asyncio.IncompleteReadError):
                    self._hang_up()
            message.content = b""  # a long run would not fit into memory
        self._hang_up()

    async def _attempt(self, message):
        if not self._writer:
            await self._up.wait()
            self._reader, self._writer = await asyncio.open_connection(*self._place)
            if (await self._reply())[:3] != "220":
                return self._hang_up()
            self._writer.write(b"EHLO client.test\r\n")
            if (await self._reply())[:3] != "250":
                return self._hang_up()
        recipients = RECIPIENTS[message.kind]
        lines = [f"MAIL FROM:<{SENDER}>", *(f"RCPT TO:<{each}>" for each in recipients), "DATA"]
        self._writer.write("".join(f"{line}\r\n" for line in lines).encode())
        replies = [await self._reply() for _ in lines]
        if replies[-1].startswith("354") and any(each.startswith("4") for each in replies):
            return self._hang_up()  # all of them or none: a mail client would ask its user
        if replies[-1].startswith("354"):
            self._writer.write(message.content + b".\r\n")
            message.dots += 1
            await self._writer.drain()
            if self._over.is_set() or self._dice.random() >= VANISH:
                replies.append(await self._reply())
            else:
                return self._hang_up()
        message.answered = replies[-1].startswith("250")
        message.refused = next((each for each in replies if each.startswith("5")
                                and not any(other.startswith("4") for other in replies)), "")
        if not message.answered:
            self._hang_up()

    async def _reply(self):
        while (line := (await self._reader.readuntil(b"\r\n")).decode())[3] == "-":
            pass
        return line.rstrip()

    def _hang_up(self):
        if self._writer:
            self._writer.close()
        self._reader = self._writer = None
