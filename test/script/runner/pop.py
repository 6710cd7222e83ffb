# SPDX-License-Identifier: Apache-2.0
"""What is particular to POP3: the way in, status lines, multi-line responses."""

from runner import match
from runner.connection import Connection
from runner.messages import messages_of
from runner.transcript import Step, Transcript, octets_of


class Mismatch(Exception):
    """The server said something else; the text says what was expected and what came."""


SERVICE = "pop"
EXTENSION = ".pot"
DEFAULT_STATE = "transaction"


def prelude(state: str) -> list[Step]:
    """The steps before the script's own: `greeting` none, `connected` the greeting, `transaction` a login."""
    greeting = [Step("S", "+OK", 0)]
    if state == "greeting":
        return []
    if state == "connected":
        return greeting
    if state == "transaction":
        return greeting + [
            Step("C", "USER $user", 0),
            Step("S", "+OK", 0),
            Step("C", "PASS $password", 0),
            Step("S", "+OK", 0),
        ]
    raise ValueError(f"state: {state} (greeting, connected, transaction)")


def can_pipeline(_script: Transcript) -> bool:
    return True


def prepare(play) -> None:
    """Mail for the users of a script; a mailbox line may end with the number of the user."""
    for name, number in play.script.mailboxes:
        suffix = "" if number in ("", "1") else number
        for message in messages_of(play.root / name):
            play.server.deliver(play.bound["user" + suffix], message)


def tidy(_play) -> None:
    """POP scripts are played elsewhere only when they leave nothing."""


class Talk:
    """One connection of a script."""

    def __init__(self, connection: Connection, bound: dict[str, str], _relaxed: bool = False):
        self.connection, self.bound = connection, bound

    def send(self, step: Step) -> None:
        self.connection.send(octets_of(step, self.bound))

    def send_all(self, steps: list[Step]) -> None:
        self.connection.send(b"".join(octets_of(s, self.bound) for s in steps))

    def expect(self, steps: list[Step]) -> None:
        expect(self.connection, steps, self.bound)

    def finish(self) -> None:
        """Nothing may come that the script does not expect."""
        if rest := self.connection.rest():
            raise Mismatch(f"unexpected at the end: {rest[:200]!r}")


def expect(connection: Connection, steps: list[Step], bound: dict[str, str]) -> None:
    """Reads what `steps`, all of them expectations in a row, ask for."""
    at = 0
    while at < len(steps):
        step = steps[at]
        if step.kind in ("S*", "S!"):
            group = [s for s in steps[at:] if s.kind in ("S*", "S!")]
            count = 0
            while at + count < len(steps) and steps[at + count].kind in ("S*", "S!"):
                count += 1
            _expect_some(connection, group[:count], bound)
            at += count
            continue
        if step.block is not None:
            _expect_block(connection, step)
        else:
            _expect_line(connection, step, bound)
        at += 1


def _line(connection: Connection, wanted: str) -> str:
    line = connection.read_line()
    if line is None:
        raise Mismatch(f"expected {wanted!r}, but the server closed")
    return line.decode("latin-1")


def _expect_line(connection: Connection, step: Step, bound: dict[str, str]) -> None:
    if step.text == "<closed>":
        line = connection.read_line()
        if line is not None:
            raise Mismatch(f"expected the end, got {line!r}")
        return
    line = _line(connection, step.text)
    status = step.text.startswith(("+OK", "-ERR"))
    wanted = step.text.encode().decode("latin-1")
    if not match.matches(wanted, line, bound, open_end=status):
        raise Mismatch(f"expected {step.text!r}, got {line!r}")


def _lines_of_response(connection: Connection) -> list[str]:
    lines = []
    while (line := _line(connection, "the rest of a multi-line response")) != ".":
        lines.append(line[1:] if line.startswith(".") else line)
    return lines


def _expect_some(connection: Connection, steps: list[Step], bound: dict[str, str]) -> None:
    """S*: some line of this multi-line response; S!: none of them."""
    lines = _lines_of_response(connection)
    for step in steps:
        hit = any(match.matches(step.text, line, bound) for line in lines)
        if hit != (step.kind == "S*"):
            verb = "no line is" if step.kind == "S*" else "there is a line"
            raise Mismatch(f"{verb} {step.text!r} in {lines!r}")


def _expect_block(connection: Connection, step: Step) -> None:
    """The whole multi-line response is this text, after dot-unstuffing."""
    got = b"".join(line.encode("latin-1") + b"\r\n" for line in _lines_of_response(connection))
    wanted = step.block or b""
    if wanted and not wanted.endswith(b"\r\n"):
        wanted += b"\r\n"
    if got != wanted:
        raise Mismatch(f"expected the message {wanted[:200]!r}, got {got[:200]!r}")
