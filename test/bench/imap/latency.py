#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How soon an idle session hears of a change by another process: latency.py [SESSIONS] [ACCOUNTS] [CHANGES]. The idle
sessions are spread over two imapd processes; messages come by APPEND through sessions of either, and by deliver."""

import dataclasses
import os
import select
import statistics
import sys
import time
from pathlib import Path

import bench

MEDIAN_MS, P99_MS = 10.0, 50.0
MESSAGE = b"From: a@example.org\r\nSubject: news\r\n\r\nnews\r\n"


@dataclasses.dataclass(eq=False)
class Member:
    """A session and the process that serves it."""
    client: bench.Imap
    pid: int = 0

    def hears(self) -> float:
        """The moment when EXISTS had been read."""
        while b" EXISTS" not in self.client.line():
            pass
        return time.perf_counter()


def assign(instance, members: list[Member]) -> None:
    """Finds out which worker serves whom, by the ports of the connections."""
    served = {}
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    inodes = {row[9]: int(row[2].split(":")[1], 16) for row in rows}
    for worker in bench.workers(instance):
        for entry in os.scandir(f"/proc/{worker.pid}/fd"):
            target = os.readlink(entry.path)
            if target.startswith("socket:[") and target[8:-1] in inodes:
                served[inodes[target[8:-1]]] = worker.pid
    for member in members:
        member.pid = served[member.client.socket.getsockname()[1]]


def hear(members: list[Member]) -> dict[Member, float]:
    """When each of them heard; all are awaited at once."""
    waiting = {member.client.socket.fileno(): member for member in members}
    poll = select.poll()
    for fd in waiting:
        poll.register(fd, select.POLLIN)
    heard = {}
    while waiting:
        ready = poll.poll(10_000)
        if not ready:
            raise AssertionError(f"{len(waiting)} idle sessions were not told of a change within 10 s")
        for fd, _ in ready:
            member = waiting.pop(fd)
            heard[member] = member.hears()
            poll.unregister(fd)
    return heard


@dataclasses.dataclass
class Delays:
    """In seconds; `other` from the end of a change to a session of another process, and so on."""
    other: list[float] = dataclasses.field(default_factory=list)
    other_from_start: list[float] = dataclasses.field(default_factory=list)
    same: list[float] = dataclasses.field(default_factory=list)
    delivered: list[float] = dataclasses.field(default_factory=list)

    def take(self, heard: dict[Member, float], author: int, start: float, end: float) -> None:
        for member, moment in heard.items():
            if member.pid == author:
                self.same.append(max(0.0, moment - end))
            else:
                self.other.append(max(0.0, moment - end))
                self.other_from_start.append(moment - start)


def delays(sessions: int, accounts: int, changes: int) -> Delays:
    names = [f"idler{number}" for number in range(accounts)]
    found = Delays()
    with bench.family(names, {"imap.numprocesses": "2"}) as instance:
        idlers: dict[str, list[Member]] = {name: [] for name in names}
        authors = {name: Member(bench.connect(instance).login(name)) for name in names}
        for number in range(sessions):
            name = names[number % accounts]
            client = bench.connect(instance).login(name)
            client.command("SELECT INBOX")
            client.idle()
            idlers[name].append(Member(client))
        assign(instance, [*authors.values(), *(member for members in idlers.values() for member in members)])
        for number in range(changes):
            name = names[number % accounts]
            author = authors[name]
            start = time.perf_counter()
            author.client.append(MESSAGE)
            end = time.perf_counter()
            found.take(hear(idlers[name]), author.pid, start, end)
        for number in range(max(1, changes // 10)):
            name = names[number % accounts]
            instance.deliver(name, MESSAGE)
            end = time.perf_counter()
            found.delivered += [max(0.0, moment - end) for moment in hear(idlers[name]).values()]
    return found


def measure(report: bench.Report, sessions: int = 500, accounts: int = 50, changes: int = 300,
            slack: float = 1.0) -> None:
    found = delays(sessions, accounts, changes)
    if not found.other:
        raise AssertionError("one process serves everybody: nothing was heard from another one")

    def add(what: str, seconds: list[float], limited: bool) -> None:
        name = f"{sessions} idle: {what}, {len(seconds)}"
        report.add(f"{name}, median", statistics.median(seconds) * 1000, "ms", MEDIAN_MS * slack if limited else None)
        report.add(f"{name}, p99", bench.percentile(seconds, 0.99) * 1000, "ms", P99_MS * slack if limited else None)

    add("OK of APPEND to EXISTS, other process", found.other, True)
    add("APPEND begun to EXISTS, other process", found.other_from_start, False)
    add("OK of APPEND to EXISTS, same process", found.same or [0.0], True)
    add("deliver ended to EXISTS", found.delivered, True)


if __name__ == "__main__":
    bench.skip_when_sanitized()
    figures = bench.Report()
    measure(figures, *map(int, sys.argv[1:4]))
    sys.exit(figures.end())
