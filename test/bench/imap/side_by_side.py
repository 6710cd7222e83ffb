#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The same commands here and at another server, in turns, with the ratio of the medians:

    side_by_side.py HOST:PORT PASSWORD USER USER... [--messages N] [--rounds N]

Ten accounts of the other server, whose INBOXes are EMPTIED: one for a large mailbox, one for bodies, eight for APPEND.
Both stores lie on the disks that they lie on; say of each what it does for durability before you quote a figure."""

import argparse
import dataclasses
import statistics
import sys
import threading
import time
from collections.abc import Callable

import bench

BODIES, BODY_OCTETS = 2000, 8192
SMALL_OCTETS = 1000
TOGETHER = 250  # messages of one APPEND (RFC 3502)


def message(number: int, octets: int) -> bytes:
    head = f"From: loader@example.org\r\nSubject: message {number}\r\nMessage-ID: <{number}@load.example.org>\r\n\r\n"
    line = chr(ord("a") + number % 26) * 78 + "\r\n"
    return (head + line * max(1, (octets - len(head)) // len(line))).encode()


@dataclasses.dataclass
class Side:
    name: str
    port: int
    users: list[str]
    password: str

    def login(self, at: int) -> bench.Imap:
        return bench.Imap(self.port).login(self.users[at], self.password)

    def fill(self, at: int, count: int, octets: int) -> None:
        """Over IMAP, many in a commit, at both in the same way."""
        client = self.login(at)
        if b"* 0 EXISTS\r\n" not in client.command("SELECT INBOX"):
            client.command("STORE 1:* +FLAGS.SILENT (\\Deleted)")
            client.command("CLOSE")
        multi = b"MULTIAPPEND" in b"".join(client.command("CAPABILITY"))
        together = TOGETHER if multi else 1
        for first in range(0, count, together):
            texts = [message(number, octets) for number in range(first, min(count, first + together))]
            parts = "".join(f" {{{len(text)}+}}\r\n{text.decode()}" for text in texts)
            client.answer(client.send(f"APPEND INBOX{parts}"))
        client.command("LOGOUT")


def sessions(side: Side, rounds: int) -> list[float]:
    def once() -> None:
        client = side.login(1)
        client.command("SELECT INBOX")
        client.close()
    return bench.timed(rounds, once)


def fetches(side: Side, at: int, command: str, rounds: int) -> list[float]:
    client = side.login(at)
    client.command("EXAMINE INBOX")
    return bench.timed(rounds, lambda: client.drain(command))


def appends(side: Side, clients: int, each: int) -> list[float]:
    """Seconds a message, all clients together."""
    text = message(1, BODY_OCTETS)
    ready = threading.Barrier(clients + 1)
    failures: list[str] = []

    def author(at: int) -> None:
        try:
            client = side.login(2 + at)
            ready.wait()
            for _ in range(each):
                client.append(text)
        except Exception as error:  # reported below: a thread's exception would be lost
            failures.append(repr(error))
            ready.abort()

    threads = [threading.Thread(target=author, args=(at,)) for at in range(clients)]
    for thread in threads:
        thread.start()
    ready.wait()
    start = time.perf_counter()
    for thread in threads:
        thread.join()
    if failures:
        raise AssertionError(failures[0])
    return [(time.perf_counter() - start) / (clients * each)]


def compare(what: str, sides: list[Side], rounds: int, once: Callable[[Side], list[float]]) -> None:
    """Rounds alternate, so that the machine's mood is the same for both."""
    times: dict[str, list[float]] = {side.name: [] for side in sides}
    for side in sides:
        once(side)  # warm
    for _ in range(rounds):
        for side in sides:
            times[side.name] += once(side)
    here, there = (statistics.median(times[side.name]) * 1000 for side in sides)
    print(f"{what:<52} {here:>10.3f} ms {there:>10.3f} ms   {there / here:>6.2f} x  ({rounds} rounds)", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("server", metavar="HOST:PORT")
    parser.add_argument("password")
    parser.add_argument("users", nargs=10, metavar="USER")
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=9)
    asked = parser.parse_args()
    bench.skip_when_sanitized()
    names = [f"user{number}" for number in range(10)]
    with bench.family(names) as instance:
        sides = [Side("here", instance.port("imap", False), names, bench.PASSWORD),
                 Side("there", int(asked.server.rsplit(":", 1)[1]), asked.users, asked.password)]
        for side in sides:
            side.fill(1, BODIES, BODY_OCTETS)
            if side.name == "here":
                bench.fill(instance, names[0], asked.messages, SMALL_OCTETS)
            else:
                side.fill(0, asked.messages, SMALL_OCTETS)
        bench.Report()  # the load
        print(f"{'':<52} {'here':>13} {'there':>13}   there / here")
        compare(f"connect, LOGIN, SELECT of {BODIES}", sides, asked.rounds, lambda side: sessions(side, 10))
        compare(f"FETCH 1:* (FLAGS) of {asked.messages}", sides, asked.rounds,
                lambda side: fetches(side, 0, "FETCH 1:* (FLAGS)", 1))
        compare(f"UID FETCH 1:* (ENVELOPE) of {asked.messages}", sides, asked.rounds,
                lambda side: fetches(side, 0, "UID FETCH 1:* (UID FLAGS ENVELOPE)", 1))
        compare(f"FETCH 1:* (BODY.PEEK[]) of {BODIES} of {BODY_OCTETS} octets", sides, asked.rounds,
                lambda side: fetches(side, 1, "FETCH 1:* (BODY.PEEK[])", 1))
        compare("APPEND of 8 KB, one client, a message", sides, asked.rounds, lambda side: appends(side, 1, 20))
        compare("APPEND of 8 KB, 8 clients, a message", sides, asked.rounds, lambda side: appends(side, 8, 20))


if __name__ == "__main__":
    main()
