"""Asks tests/interop/imap_answers.cc, the program that prints what proxy/imap answers, and words the same question for
a real server."""

import os
import subprocess

import support


def answers(header, questions):
    """[(note, bytes)], one for each question."""
    program = os.environ.get("PRIVET_IMAP_ANSWERS")
    if not program:
        raise AssertionError("PRIVET_IMAP_ANSWERS must name the imap_answers binary")
    done = subprocess.run([program, *questions], input=header, capture_output=True, timeout=support.DEADLINE)
    assert done.returncode == 0, done.stderr
    rest, found = done.stdout, []
    for _ in questions:
        line, _, rest = rest.partition(b"\n")
        note, size = line.decode().rsplit(" ", 1)
        found.append((note, rest[:int(size)]))
        rest = rest[int(size) + 1:]
    return found


class Section:
    """BODY[part.text (names)]<partial>."""

    def __init__(self, text="", names=None, partial=None, part=""):
        self.text, self.names, self.partial, self.part = text, names, partial, part

    def item(self):
        spec = ".".join(each for each in (self.part, self.text) if each)
        spec += f" ({' '.join(self.names)})" if self.names else ""
        return f"BODY.PEEK[{spec}]{'<%d.%d>' % self.partial if self.partial else ''}".encode()

    def question(self, structure="("):
        return "\t".join(["FETCH", structure, "SECTION", self.part or "-", self.text or "-", " ".join(self.names or ["-"]),
                          "%d.%d" % self.partial if self.partial else "-"])
