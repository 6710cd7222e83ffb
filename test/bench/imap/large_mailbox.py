#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What commands cost in a large mailbox, and in a small one: large_mailbox.py [MESSAGES] [ROUNDS]. The store lies in
memory: what a commit waits for the disk does not depend on the mailbox (store_bench measures it)."""

import statistics
import sys

import bench

SMALL = 100
MESSAGE = b"From: a@example.org\r\nSubject: appended\r\n\r\n" + b"text of a short message\r\n" * 40


def read_commands(report: bench.Report, client: bench.Imap, messages: int, rounds: int, slack: float) -> None:
    def once(what: str, command: str, limit: float | None = None) -> None:
        size = client.drain(command)  # warm
        if "1:*" in command and size < messages * len("* 1 FETCH (FLAGS ())\r\n"):
            raise AssertionError(f"{size} octets are no answer to {command}")
        report.times(f"{messages}: {what}", bench.timed(rounds, lambda: client.drain(command)),
                     limit and limit * slack)

    once("SELECT", "SELECT INBOX", 20)
    once("FETCH 1:* (FLAGS)", "FETCH 1:* (FLAGS)", 150)
    once("UID FETCH 1:* (UID FLAGS ENVELOPE)", "UID FETCH 1:* (UID FLAGS ENVELOPE)")
    once("SEARCH UNSEEN", "SEARCH UNSEEN")
    once("SEARCH SUBJECT 4711", "SEARCH SUBJECT 4711")


def write_times(clients: list[tuple[bench.Imap, int]], rounds: int, once) -> list[list[float]]:
    """Rounds alternate between the mailboxes, so that the machine's mood is the same for both."""
    times: list[list[float]] = [[] for _ in clients]
    for number in range(rounds):
        for at, (client, messages) in enumerate(clients):
            times[at] += bench.timed(1, lambda: once(client, messages, number))
    return times


def write_commands(report: bench.Report, clients: list[tuple[bench.Imap, int]], rounds: int, most: float) -> None:
    """The large mailbox may take `most` times what the small one takes."""
    def append(client: bench.Imap, messages: int, number: int) -> None:
        client.append(MESSAGE)

    def store(client: bench.Imap, messages: int, number: int) -> None:
        at = messages // 2 + number // 2 % (messages // 4)
        client.command(f"STORE {at} {'-+'[number % 2]}FLAGS (\\Flagged)")

    def uid_store(client: bench.Imap, messages: int, number: int) -> None:
        at = messages // 2 + number // 2 % (messages // 4)
        client.command(f"UID STORE {at} {'-+'[number % 2]}FLAGS.SILENT (\\Answered)")

    for what, once in (("APPEND of 1 KB", append), ("STORE of one", store), ("UID STORE of one, silent", uid_store)):
        small, large = write_times(clients, rounds, once)
        report.times(f"{clients[0][1]}: {what}", small)
        report.times(f"{clients[1][1]}: {what}", large)
        report.add(f"{what}: {clients[1][1]} against {clients[0][1]} messages",
                   statistics.median(large) / statistics.median(small), "x", most)


def measure(report: bench.Report, messages: int = 100_000, rounds: int = 9, slack: float = 1.0,
            writes: int = 200, most: float = 1.25) -> None:
    with bench.in_memory(), bench.family(["small", "large"]) as instance:
        bench.fill(instance, "small", SMALL, 1000)
        bench.fill(instance, "large", messages, 1000)
        large = bench.connect(instance).login("large")
        read_commands(report, large, messages, rounds, slack)
        small = bench.connect(instance).login("small")
        small.command("SELECT INBOX")
        write_commands(report, [(small, SMALL), (large, messages)], writes, most)


if __name__ == "__main__":
    bench.skip_when_sanitized()
    figures = bench.Report()
    measure(figures, *map(int, sys.argv[1:3]))
    sys.exit(figures.end())
