# SPDX-License-Identifier: Apache-2.0
"""Plays one transcript in one way and says whether the server kept to it."""

import base64
import itertools
import mailbox
import time
from dataclasses import replace
from pathlib import Path

from runner.connection import Connection
from runner.transcript import Step, Transcript, octets_of

_sources = itertools.count(1)

MOST_WAIT = 5.0


class Skipped(Exception):
    """The way or the server does not allow this script; the text says why."""


def messages_of(path: Path) -> list[bytes]:
    """The messages of an mbox, or the file itself."""
    if path.suffix != ".mbox":
        return [path.read_bytes()]
    box = mailbox.mbox(str(path), create=False)
    return [box.get_bytes(key) for key in box.keys()]


class Play:
    """One run: its own users, its own source address (so that failure delays of one script slow no other)."""

    def __init__(self, script: Transcript, way: str, server, protocol, root: Path):
        self.script, self.way, self.server, self.protocol, self.root = script, way, server, protocol, root
        self.bound: dict[str, str] = {}
        self.connections: dict[int, Connection] = {}
        number = next(_sources)
        self.source = f"127.0.{1 + number // 250}.{1 + number % 250}" if server.local else None

    def run(self) -> None:
        self._prepare()
        try:
            for number in range(1, self.script.connections + 1):
                self._connect(number)
            if self.way == "pipelined":
                self._play_pipelined()
            else:
                self._play_in_turn()
            self._finish()
        finally:
            for connection in self.connections.values():
                connection.close()

    def _prepare(self) -> None:
        for number in range(1, self.script.users + 1):
            user, password = self.server.account()
            suffix = "" if number == 1 else str(number)
            self.bound["user" + suffix], self.bound["password" + suffix] = user, password
        self.bound.update(self.server.facts())
        self.bound.update(self._encoded())
        for name, number in self.script.mailboxes:
            suffix = "" if number == 1 else str(number)
            for message in messages_of(self.root / name):
                self.server.deliver(self.bound["user" + suffix], message)

    def _encoded(self) -> dict[str, str]:
        """What SASL exchanges are written with: $user64, $plain64, and PLAIN with an authorization identity."""

        def encode(*parts: str) -> str:
            return base64.b64encode("\0".join(parts).encode()).decode()

        user, password = self.bound["user"], self.bound["password"]
        made = {"user64": encode(user), "password64": encode(password), "plain64": encode("", user, password)}
        if any("_as_" in step.text for step in self.script.steps):
            admin, secret = self.server.admin()
            made["admin_as_user64"] = encode(user, admin, secret)
            made["user_as_admin64"] = encode(admin, user, password)
        return made

    def _connect(self, number: int) -> None:
        tls = self.way == "tls"
        port = self.server.port(self.protocol.SERVICE, tls)
        self.connections[number] = Connection(self.server.host, port, self.source, tls, self.way == "bytes")

    def _steps(self) -> list[Step]:
        ways_in = []
        for number in range(1, self.script.connections + 1):
            for step in self.protocol.prelude(self.script.state):
                ways_in.append(Step(step.kind, step.text, step.line, number))
        return ways_in + [self._as_delivered(step) for step in self.script.steps]

    def _as_delivered(self, step: Step) -> Step:
        """A message in the maildrop begins with what the delivery put before it."""
        if not step.from_file:
            return step
        return replace(step, block=self.server.delivered(self.bound["user"], step.block))

    def _play_in_turn(self) -> None:
        steps = self._steps()
        at = 0
        while at < len(steps):
            step = steps[at]
            if step.kind in ("C", "Cx"):
                self.connections[step.connection].send(octets_of(step, self.bound))
                at += 1
            elif step.kind == "!":
                self._act(step)
                at += 1
            else:
                at += self._expect_from(steps, at)

    def _expect_from(self, steps: list[Step], at: int) -> int:
        """The expectations of one connection that stand in a row from `at`; returns how many."""
        first = steps[at]
        count = 0
        while (
            at + count < len(steps)
            and steps[at + count].kind.startswith("S")
            and steps[at + count].connection == first.connection
        ):
            count += 1
        group = steps[at : at + count]
        try:
            self.protocol.expect(self.connections[first.connection], group, self.bound)
        except self.protocol.Mismatch as wrong:
            raise self.protocol.Mismatch(f"{self.script.path}:{first.line}: {wrong}") from None
        return count

    def _play_pipelined(self) -> None:
        steps = self._steps()
        everything = b"".join(octets_of(s, self.bound) for s in steps if s.kind == "C")
        self.connections[1].send(everything)
        # Commands separate the groups of expectations: S* and S! in a row belong to one response.
        at = 0
        while at < len(steps):
            if steps[at].kind == "C":
                at += 1
            else:
                at += self._expect_from(steps, at)

    def _act(self, step: Step) -> None:
        word, _, rest = step.text.partition(" ")
        connection = self.connections[step.connection]
        if word == "tls":
            connection.start_tls()
        elif word == "close":
            connection.close()
        elif word == "wait":
            time.sleep(min(float(rest.rstrip("s")), MOST_WAIT))
        elif word == "connect":
            self._connect(step.connection)
        elif word == "deliver":
            self.server.deliver(self.bound["user"], (self.root / rest).read_bytes())
        else:
            raise ValueError(f"{self.script.path}:{step.line}: unknown action {word}")

    def _finish(self) -> None:
        """Nothing may come that the script does not expect."""
        for number, connection in self.connections.items():
            rest = connection.rest()
            if rest:
                raise self.protocol.Mismatch(f"connection {number}: unexpected at the end: {rest[:200]!r}")
