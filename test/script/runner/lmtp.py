# SPDX-License-Identifier: Apache-2.0
"""What is particular to LMTP: the way in, replies of one or more lines."""

from runner import match
from runner.connection import Connection
from runner.pop import Mismatch, can_pipeline, prepare  # noqa: F401  (the way of a script: the same in both)
from runner.transcript import Step, octets_of

SERVICE = "lmtp"
EXTENSION = ".lmt"
DEFAULT_STATE = "ready"


def prelude(state: str) -> list[Step]:
    """The steps before the script's own: `greeting` none, `connected` the greeting, `ready` LHLO, too."""
    greeting = [Step("S", "220", 0)]
    if state == "greeting":
        return []
    if state == "connected":
        return greeting
    if state == "ready":
        return greeting + [Step("C", "LHLO client.example", 0), Step("S", "250", 0)]
    raise ValueError(f"state: {state} (greeting, connected, ready)")


def tidy(_play) -> None:
    """LMTP scripts are played against our own server only."""


class Talk:
    """One connection of a script."""

    def __init__(self, connection: Connection, bound: dict[str, str], _relaxed: bool = False):
        self.connection, self.bound = connection, bound

    def send(self, step: Step) -> None:
        self.connection.send(octets_of(step, self.bound))

    def send_all(self, steps: list[Step]) -> None:
        self.connection.send(b"".join(octets_of(s, self.bound) for s in steps))

    def expect(self, steps: list[Step]) -> None:
        """Each S is one reply, of which the last line is held against it; S* and S! in a row are one reply together."""
        at = 0
        while at < len(steps):
            count = 1
            if steps[at].kind in ("S*", "S!"):
                while at + count < len(steps) and steps[at + count].kind in ("S*", "S!"):
                    count += 1
                _expect_lines(self._reply(steps[at].text), steps[at : at + count], self.bound)
            else:
                self._expect_one(steps[at])
            at += count

    def _expect_one(self, step: Step) -> None:
        if step.text == "<closed>":
            line = self.connection.read_line()
            if line is not None:
                raise Mismatch(f"expected the end, got {line!r}")
            return
        line = self._reply(step.text)[-1]
        if not match.matches(step.text, line, self.bound, open_end=True):
            raise Mismatch(f"expected {step.text!r}, got {line!r}")

    def _reply(self, wanted: str) -> list[str]:
        """The lines of one reply (RFC 5321 section 4.2.1), codes included."""
        lines: list[str] = []
        while not lines or lines[-1][3:4] == "-":
            line = self.connection.read_line()
            if line is None:
                raise Mismatch(f"expected {wanted!r}, but the server closed")
            lines.append(line.decode("latin-1"))
            if not (lines[-1][:3].isdigit() and lines[-1][3:4] in ("", " ", "-") and len(line) <= 510):
                raise Mismatch(f"not a reply line: {lines[-1]!r}")
            if lines[-1][:3] != lines[0][:3]:
                raise Mismatch(f"one reply with two codes: {lines!r}")
        return lines

    def finish(self) -> None:
        """Nothing may come that the script does not expect."""
        if rest := self.connection.rest():
            raise Mismatch(f"unexpected at the end: {rest[:200]!r}")


def _expect_lines(lines: list[str], steps: list[Step], bound: dict[str, str]) -> None:
    """S*: some line of this reply is so behind its code; S!: none is."""
    for step in steps:
        hit = any(match.matches(step.text, line[4:], bound) for line in lines)
        if hit != (step.kind == "S*"):
            verb = "no line is" if step.kind == "S*" else "there is a line"
            raise Mismatch(f"{verb} {step.text!r} in {lines!r}")
