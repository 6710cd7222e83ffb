#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How soon idle sessions hear of mail that comes by LMTP while much of it comes:
hints.py [SESSIONS] [ACCOUNTS] [DELIVERIES A SECOND] [SECONDS]. The idle sessions are spread over two imapd processes.
Deliveries begin by the clock, whether or not the one before has ended; time counts from LMTP's reply to EXISTS."""

import json
import os
import queue
import select
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "imap"))
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "system" / "lmtp"))

import bench  # noqa: E402  (found by the lines above)

MEDIAN_MS, P99_MS = 10.0, 50.0
SENDERS = 8
TEXT = b"From: a@example.org\r\nSubject: news\r\n\r\n" + b"x" * 70 * 20 + b"\r\n.\r\n"


# ---- the sending process


def send(port: int, names: list[str], rate: float, seconds: float) -> list[tuple[str, float, float]]:
    """(account, when it was due, when the reply came) of each delivery that was accepted."""
    os.environ.setdefault("POSTHORN_SOURCE", str(bench.SOURCE))
    from support import Lmtp
    due: queue.Queue = queue.Queue()
    done: list[tuple[str, float, float]] = []
    failures: list[str] = []

    def work() -> None:
        client = Lmtp(port)
        while (item := due.get()) is not None:
            name, moment = item
            try:
                client.send(b"MAIL FROM:<a@example.org>\r\nRCPT TO:<%s>\r\nDATA\r\n" % name.encode())
                replies = [client.reply()[0] for _ in range(3)]
                if [reply[:3] for reply in replies] != ["250", "250", "354"]:
                    failures.append(str(replies))
                    return
                client.send(TEXT)
                reply = client.reply()[0]
                end = time.perf_counter()
                if reply.startswith("250"):
                    done.append((name, moment, end))
                else:
                    failures.append(reply)
            except (OSError, EOFError) as error:
                failures.append(repr(error))
                return

    workers = [threading.Thread(target=work) for _ in range(SENDERS)]
    for worker in workers:
        worker.start()
    began = time.perf_counter() + 0.5
    for number in range(int(rate * seconds)):
        moment = began + number / rate
        time.sleep(max(0.0, moment - time.perf_counter()))
        due.put((names[number % len(names)], moment))
    for _ in workers:
        due.put(None)
    for worker in workers:
        worker.join()
    if failures:
        raise AssertionError(f"{len(failures)} deliveries failed, first: {failures[0]}")
    return sorted(done, key=lambda each: each[2])


# ---- the idle sessions


class Listener(threading.Thread):
    """Reads what all idle sessions are told until it is stopped; notes when each reached which EXISTS."""

    def __init__(self, members: dict[int, tuple[str, object]]):
        super().__init__()
        self.members = members
        self.heard: dict[int, list[tuple[int, float]]] = {fd: [] for fd in members}
        self.ending = threading.Event()

    def run(self) -> None:
        poll = select.epoll()
        rest = {}
        for fd, (_, client) in self.members.items():
            client.socket.setblocking(False)
            poll.register(fd, select.EPOLLIN)
            rest[fd] = b""
        while not self.ending.is_set():
            for fd, _ in poll.poll(0.2):
                data = rest[fd] + self.members[fd][1].socket.recv(65536)
                now = time.perf_counter()
                *lines, rest[fd] = data.split(b"\r\n")
                for line in lines:
                    if line.endswith(b" EXISTS"):
                        self.heard[fd].append((int(line.split()[1]), now))


def moment_of(heard: list[tuple[int, float]], count: int) -> float | None:
    return next((moment for exists, moment in heard if exists >= count), None)


def delays(sessions: int, accounts: int, rate: float, seconds: float) -> tuple[list[float], list[float], float]:
    """Seconds from the reply to EXISTS, and from when each delivery was due to its reply; deliveries a second."""
    names = [f"idler{number}" for number in range(accounts)]
    options = {"imap.numprocesses": "2", "lmtp.numprocesses": "1"}
    with bench.family(names, options, ["imap", "lmtp"]) as instance:
        members = {}
        for number in range(sessions):
            client = bench.connect(instance).login(names[number % accounts])
            client.command("SELECT INBOX")
            client.idle()
            members[client.socket.fileno()] = (names[number % accounts], client)
        status = json.loads(instance.run("msgstat", "--json").stdout)
        imap = next(service for service in status["services"] if service["name"] == "imap")
        spread = [worker["sessions"] for worker in imap["workers"]]
        if len(spread) != 2 or min(spread) < sessions / 10:
            raise AssertionError(f"the sessions are not spread over two workers: {spread}")
        listener = Listener(members)
        listener.start()
        try:
            sender = subprocess.run(
                [sys.executable, "-B", __file__, "--send", str(instance.port("lmtp", False)), str(accounts), str(rate),
                 str(seconds)], capture_output=True, text=True, timeout=seconds + 120, check=False)
            if sender.returncode != 0:
                raise AssertionError(sender.stderr)
            time.sleep(2)
        finally:
            listener.ending.set()
            listener.join()
        sent = json.loads(sender.stdout)
        sessions_of: dict[str, list[int]] = {name: [] for name in names}
        for fd, (name, _) in members.items():
            sessions_of[name].append(fd)
        counts = dict.fromkeys(names, 0)
        found = []
        for name, _, end in sent:
            counts[name] += 1
            for fd in sessions_of[name]:
                moment = moment_of(listener.heard[fd], counts[name])
                if moment is None:
                    raise AssertionError(f"a session of {name} was never told of message {counts[name]}")
                found.append(max(0.0, moment - end))
        took = sent[-1][2] - sent[0][1]
        return found, [end - due for _, due, end in sent], len(sent) / took


def measure(report: bench.Report, sessions: int = 2000, accounts: int = 500, rate: float = 200, seconds: float = 12,
            slack: float = 1.0) -> None:
    found, replies, achieved = delays(sessions, accounts, rate, seconds)
    name = f"{sessions} idle, {rate:g} deliveries a second"
    report.add(f"{name}: achieved", achieved, "/s")
    report.add(f"{name}: due to reply, median", statistics.median(replies) * 1000, "ms")
    report.add(f"{name}: due to reply, p99", bench.percentile(replies, 0.99) * 1000, "ms")
    report.add(f"{name}: reply to EXISTS, {len(found)}, median", statistics.median(found) * 1000, "ms",
               MEDIAN_MS * slack)
    report.add(f"{name}: reply to EXISTS, {len(found)}, p99", bench.percentile(found, 0.99) * 1000, "ms",
               P99_MS * slack)
    if achieved < rate * 0.9 / slack:
        raise AssertionError(f"only {achieved:.0f} deliveries a second came to pass")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--send"]:
        port, accounts, rate, seconds = sys.argv[2:6]
        print(json.dumps(send(int(port), [f"idler{n}" for n in range(int(accounts))], float(rate), float(seconds))))
        sys.exit(0)
    bench.skip_when_sanitized()
    figures = bench.Report()
    measure(figures, *map(int, sys.argv[1:5]))
    sys.exit(figures.end())
