"""The submission server of the chaos runs: takes all mail, counts what arrives, and misbehaves by dice.

It outlives every kill of Privet. Faults (F-numbers: the split protocol's failure cases): a copy's recipient or content is
deferred (F17), an original's content is deferred (F9), the connection is lost before the dot (F7) or behind it, the
message taken (F8 for an original, F19 for a copy).
"""

import dataclasses
import re
import time

from sink import LEAVE, Sink

CRM = "acme+1@pipedrivemail.com"
CARL = "carl@acme.test"
IDENTITY = re.compile(rb"(?im)^Message-ID: <([^@>]+)@")


@dataclasses.dataclass
class Arrival:
    when: float  # time.time(), as in Privet's log
    life: int  # which Privet was running: the number of kills before
    transaction: object
    left: bool  # the upstream left behind the dot, nobody heard that it took this


class Upstream:
    """arrivals[(recipient, identity)] is the list of what arrived; leaks: copies with what no CRM may see."""

    ODDS = {"defer": 0.02, "leave before the dot": 0.005, "leave behind the dot": 0.01}

    def __init__(self, dice, life):
        self.arrivals = {}
        self.leaks = []
        self.faults = dict.fromkeys(self.ODDS, 0)
        self.faulty = True
        self._dice = dice
        self._life = life
        self._left = False

    async def open(self, address):
        return await Sink(self._took, self._misbehave).open(address)

    def _misbehave(self, stage, line, transaction):
        self._left = False
        is_copy = f"<{CRM}>" in line or (transaction and CRM in transaction.recipients)
        if (stage == "RCPT" and is_copy or stage == ".") and self._happens("defer"):
            return "450 4.2.0 later" if stage == "RCPT" else "451 4.3.0 later"
        if stage == "DATA" and self._happens("leave before the dot"):
            return LEAVE
        if stage == "." and self._happens("leave behind the dot"):
            self._left = True
            return LEAVE
        return None

    def _happens(self, fault):
        happens = self.faulty and self._dice.random() < self.ODDS[fault]
        self.faults[fault] += happens
        return happens

    def _took(self, transaction):
        identity = IDENTITY.search(transaction.content)[1].decode()
        arrival = Arrival(time.time(), self._life(), transaction, self._left)
        for recipient in transaction.recipients:
            self.arrivals.setdefault((recipient, identity), []).append(arrival)
        if CRM in transaction.recipients and CARL.encode() in transaction.content:
            self.leaks.append(identity)
        transaction.content = b""  # counted; a long run would not fit into memory
