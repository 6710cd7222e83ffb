#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What commands cost in a large mailbox, and in a small one: large_mailbox.py [MESSAGES] [ROUNDS]. The store lies in
memory: what a commit waits for the disk does not depend on the mailbox (store_bench measures it)."""

import dataclasses
import statistics
import sys

import bench

SMALL = 100
MESSAGE = b"From: a@example.org\r\nSubject: appended\r\n\r\n" + b"text of a short message\r\n" * 40


def read_commands(report: bench.Report, worker: bench.Worker, client: bench.Imap, messages: int, rounds: int,
                  slack: float) -> None:
    def once(what: str, command: str, limit: float | None = None) -> None:
        size = client.drain(command)  # warm
        if "1:*" in command and size < messages * len("* 1 FETCH (FLAGS ())\r\n"):
            raise AssertionError(f"{size} octets are no answer to {command}")
        before = worker.processor_seconds()
        wall = bench.timed(rounds, lambda: client.drain(command))
        processor = (worker.processor_seconds() - before) / rounds
        report.times(f"{messages}: {what}", wall, limit and limit * slack)
        report.add(f"{messages}: {what}, the worker's processor", processor * 1000, "ms")

    once("SELECT", "SELECT INBOX", 20)
    once("FETCH 1:* (FLAGS)", "FETCH 1:* (FLAGS)", 150)
    once("UID FETCH 1:* (UID FLAGS ENVELOPE)", "UID FETCH 1:* (UID FLAGS ENVELOPE)")
    once("SEARCH UNSEEN", "SEARCH UNSEEN")
    once("SEARCH SUBJECT 4711", "SEARCH SUBJECT 4711")


@dataclasses.dataclass
class Cost:
    """Of each call, in seconds: as the client sees it, and of the worker's processor."""
    wall: list[float] = dataclasses.field(default_factory=list)
    processor: list[float] = dataclasses.field(default_factory=list)


def write_costs(worker: bench.Worker, clients: list[tuple[bench.Imap, int]], rounds: int, once) -> list[Cost]:
    """Rounds alternate between the mailboxes, so that the machine's mood is the same for both."""
    costs = [Cost() for _ in clients]
    for number in range(rounds):
        for cost, (client, messages) in zip(costs, clients):
            before = worker.processor_seconds()
            cost.wall += bench.timed(1, lambda: once(client, messages, number))
            cost.processor.append(worker.processor_seconds() - before)
    return costs


def write_commands(report: bench.Report, worker: bench.Worker, clients: list[tuple[bench.Imap, int]], rounds: int,
                   most: float) -> None:
    """The large mailbox may take `most` times what the small one takes of the worker's processor."""
    def append(client: bench.Imap, messages: int, number: int) -> None:
        client.append(MESSAGE)

    def store(client: bench.Imap, messages: int, number: int) -> None:
        at = messages // 2 + number // 2 % (messages // 4)
        client.command(f"STORE {at} {'+-'[number % 2]}FLAGS (\\Flagged)")

    def uid_store(client: bench.Imap, messages: int, number: int) -> None:
        at = messages // 2 + number // 2 % (messages // 4)
        client.command(f"UID STORE {at} {'+-'[number % 2]}FLAGS.SILENT (\\Answered)")

    for what, once in (("APPEND of 1 KB", append), ("STORE of one", store), ("UID STORE of one, silent", uid_store)):
        costs = write_costs(worker, clients, rounds, once)
        for (_, messages), cost in zip(clients, costs):
            report.times(f"{messages}: {what}", cost.wall)
            report.times(f"{messages}: {what}, the worker's processor", cost.processor)
        small, large = (statistics.median(cost.processor) for cost in costs)
        report.add(f"{what}: processor at {clients[1][1]} against {clients[0][1]} messages", large / small, "x", most)


def measure(report: bench.Report, messages: int = 100_000, rounds: int = 9, slack: float = 1.0,
            writes: int = 200, most: float = 1.25) -> None:
    with bench.in_memory(), bench.family(["small", "large"]) as instance:
        bench.fill(instance, "small", SMALL, 1000)
        bench.fill(instance, "large", messages, 1000)
        large = bench.connect(instance).login("large")
        (worker,) = bench.workers(instance)
        read_commands(report, worker, large, messages, rounds, slack)
        small = bench.connect(instance).login("small")
        small.command("SELECT INBOX")
        write_commands(report, worker, [(small, SMALL), (large, messages)], writes, most)


if __name__ == "__main__":
    bench.skip_when_sanitized()
    figures = bench.Report()
    measure(figures, *map(int, sys.argv[1:3]))
    sys.exit(figures.end())
