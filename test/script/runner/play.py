# SPDX-License-Identifier: Apache-2.0
"""Plays one transcript in one way and says whether the server kept to it."""

import base64
import itertools
import operator
import time
from dataclasses import replace
from pathlib import Path

from runner.connection import Connection
from runner.transcript import Step, Transcript

_sources = itertools.count(1)

MOST_WAIT = 5.0
_COMPARISONS = {"<=": operator.le, "<": operator.lt, ">": operator.gt, "=": operator.eq, "!=": operator.ne, ">=": operator.ge}


class Play:
    """One run: its own users, its own source address (so that failure delays of one script slow no other)."""

    def __init__(self, script: Transcript, way: str, server, protocol, root: Path):
        self.script, self.way, self.server, self.protocol, self.root = script, way, server, protocol, root
        self.bound: dict[str, str] = {}
        self.talks: dict = {}
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
            for talk in self.talks.values():
                talk.connection.close()
            self.protocol.tidy(self)

    def _prepare(self) -> None:
        for number in range(1, self.script.users + 1):
            user, password = self.server.account()
            suffix = "" if number == 1 else str(number)
            self.bound["user" + suffix], self.bound["password" + suffix] = user, password
        self.bound.update(self.server.facts())
        self.bound.update(self._encoded())
        self.protocol.prepare(self)

    def _encoded(self) -> dict[str, str]:
        """What SASL exchanges are written with: $user64, $plain64, and PLAIN with an authorization identity."""

        def encode(*parts: str) -> str:
            return base64.b64encode("\0".join(parts).encode()).decode()

        user, password = self.bound["user"], self.bound["password"]
        made = {"user64": encode(user), "password64": encode(password), "plain64": encode("", user, password)}
        if any("_as_" in step.text or "$admin" in step.text for step in self.script.steps):
            admin, secret = self.server.admin()
            made["admin"], made["adminpassword"] = admin, secret
            made["admin_as_user64"] = encode(user, admin, secret)
            made["user_as_admin64"] = encode(admin, user, password)
        return made

    def _connect(self, number: int) -> None:
        tls = self.way == "tls"
        port = self.server.port(self.protocol.SERVICE, tls)
        relaxed = self.way == "pipelined" and not self.server.local
        connection = Connection(self.server.host, port, self.source, tls, self.way == "bytes")
        self.talks[number] = self.protocol.Talk(connection, self.bound, relaxed)

    def _way_in(self, number: int) -> list[Step]:
        state = self.script.state or self.protocol.DEFAULT_STATE
        return [Step(step.kind, step.text, step.line, number) for step in self.protocol.prelude(state)]

    def _steps(self) -> list[Step]:
        ways_in = [step for number in range(1, self.script.connections + 1) for step in self._way_in(number)]
        return ways_in + [self._as_delivered(step) for step in self.script.steps]

    def _as_delivered(self, step: Step) -> Step:
        """A message in the maildrop begins with what the delivery put before it."""
        if not step.from_file:
            return step
        return replace(step, block=self.server.delivered(self.bound["user"], step.block))

    def _play_in_turn(self, steps: list[Step] | None = None) -> None:
        steps = self._steps() if steps is None else steps
        at = 0
        while at < len(steps):
            step = steps[at]
            if step.kind.startswith("C"):
                self.talks[step.connection].send(step)
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
            self.talks[first.connection].expect(group)
        except self.protocol.Mismatch as wrong:
            raise self.protocol.Mismatch(f"{self.script.path}:{first.line}: {wrong}") from None
        return count

    def _play_pipelined(self) -> None:
        steps = self._steps()
        self.talks[1].send_all([s for s in steps if s.kind == "C"])
        # Commands separate the groups of expectations: S* and S! in a row belong to one response.
        at = 0
        while at < len(steps):
            if steps[at].kind == "C":
                at += 1
            else:
                at += self._expect_from(steps, at)

    def _act(self, step: Step) -> None:
        word, _, rest = step.text.partition(" ")
        connection = self.talks[step.connection].connection
        if word == "tls":
            connection.start_tls()
        elif word == "close":
            connection.close()
        elif word == "wait":
            time.sleep(min(float(rest.rstrip("s")), MOST_WAIT))
        elif word == "connect":
            self._connect(step.connection)
        elif word == "login":
            self._connect(step.connection)
            self._play_in_turn(self._way_in(step.connection))
        elif word == "deliver":
            self.server.deliver(self.bound["user"], (self.root / rest).read_bytes())
        elif word == "check":
            self._compare(step, rest.split())
        else:
            raise ValueError(f"{self.script.path}:{step.line}: unknown action {word}")

    def _compare(self, step: Step, words: list[str]) -> None:
        """! check $uidnext > $uid"""
        left, how, right = words
        values = [self.bound[w[1:]] if w.startswith("$") else w for w in (left, right)]
        if all(v.isdigit() for v in values):
            values = [int(v) for v in values]
        if not _COMPARISONS[how](*values):
            raise self.protocol.Mismatch(f"{self.script.path}:{step.line}: {step.text}: {values[0]}, {values[1]}")

    def _finish(self) -> None:
        for number, talk in self.talks.items():
            try:
                talk.finish()
            except self.protocol.Mismatch as wrong:
                raise self.protocol.Mismatch(f"connection {number}: {wrong}") from None
