"""What came of a chaos run: each message answered 250 must have arrived, each copy too, and what arrived twice needs a
reason.
"""

import collections
import datetime

from senders import RECIPIENTS, SENDER
from upstream import CRM


def clock(when):
    return datetime.datetime.fromtimestamp(when, datetime.UTC).strftime("%H:%M:%S.%f")[:-3]


class Counts:
    """left: what the spool still holds at the end."""

    def __init__(self, messages, upstream, kills, left):
        self._messages, self._kills, self._faults, self._left = messages, kills, upstream.faults, left
        self._answered = [message for message in messages if message.answered]
        self._due = [message for message in self._answered if CRM in RECIPIENTS[message.kind]]
        self._owed = [message for message in self._due if (CRM, message.identity) not in upstream.arrivals]
        self._leaks = upstream.leaks
        self._lost, self._originals, self._again, self._too_often = [], 0, 0, []
        self._copies, self._reasons = 0, collections.Counter()
        self._unexplained, self._slowest, self._left_twice = [], 0.0, 0
        arrivals = dict(upstream.arrivals)
        for message in messages:
            for recipient in RECIPIENTS[message.kind]:
                arrived = arrivals.pop((recipient, message.identity), [])
                if recipient == CRM:
                    self._count_copy(message, arrived)
                else:
                    self._count_original(message, recipient, arrived)
        self._notices = sum(recipient == SENDER for recipient, _ in arrivals)
        self._strangers = sorted(each for each in arrivals if each[0] != SENDER)

    def _count_original(self, message, recipient, arrived):
        self._originals += len(arrived)
        self._again += max(0, len(arrived) - 1)
        if message.answered and not arrived:
            self._lost.append(f"{message.identity} to {recipient}")
        if len(arrived) > message.dots:
            self._too_often.append(f"{message.identity} to {recipient}: {len(arrived)}, sent {message.dots} times")

    def _count_copy(self, message, arrived):
        self._copies += len(arrived)
        self._left_twice += sum(each.left for each in arrived) > 1
        for first, second in zip(arrived, arrived[1:]):
            if first.left:
                self._reasons["upstream left behind the copy's dot (F19)"] += 1
            elif first.life != second.life or not first.transaction.confirmed:
                self._reasons["killed while the copy was under way (F25)"] += 1
                killed = next((when for when in self._kills if when >= first.when), first.when)
                self._slowest = max(self._slowest, killed - first.when)
            elif message.kind == "CRM alone" and message.dots > 1:
                self._reasons["forward to the CRM alone, sent again by its client"] += 1
            else:
                self._unexplained.append(f"{message.identity} ({message.kind}, sent {message.dots} times) "
                                         f"at {clock(first.when)} and {clock(second.when)}")

    def violations(self):
        """One line for each promise that was broken."""
        found = []
        for what, which in (("answered with a permanent error", [f"{each.identity}: {each.refused}"
                                                                 for each in self._messages if each.refused]),
                            ("answered 250 and lost", self._lost), ("original sent twice by us", self._too_often),
                            ("copy never arrived", [each.identity for each in self._owed]),
                            ("still in the spool", self._left), ("copy twice without a reason", self._unexplained),
                            ("copy with a stripped address", self._leaks),
                            ("arrived, and nobody sent it", [str(each) for each in self._strangers])):
            if which:
                found.append(f"VIOLATION {what}: {len(which)}, {', '.join(which[:5])}")
        if self._notices > self._left_twice:
            found.append(f"VIOLATION notices to the sender: {self._notices}, copies given up: {self._left_twice}")
        return found

    def table(self):
        rows = [("kills", len(self._kills)), *((f"fault: {name}", number) for name, number in self._faults.items()),
                ("messages", len(self._messages)), ("answered 250", len(self._answered)),
                ("sent again by their client", sum(each.dots > 1 for each in self._messages)),
                ("originals arrived", self._originals), ("originals lost", len(self._lost)),
                ("originals again, as their client sent them again", self._again),
                ("copies due", len(self._due)), ("copies due and arrived", len(self._due) - len(self._owed)),
                ("copies arrived", self._copies),
                *((f"copies again: {reason}", number) for reason, number in sorted(self._reasons.items())),
                ("copies again without a reason", len(self._unexplained)),
                ("copies given up, as the upstream left behind the dot twice", self._left_twice),
                ("notices to their senders", self._notices),
                ("longest from such a copy to the kill, ms", round(1000 * self._slowest))]
        return "\n".join(f"{name:<64}{number:>8}" for name, number in rows)
