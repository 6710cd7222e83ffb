#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What rich events cost a delivery: LMTP's deliveries a second over one connection with nobody who wants events, with a
subscriber who reads, and with an event service that has stopped: cost.py [SECONDS A ROUND] [ROUNDS]."""

import os
import signal
import statistics
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "imap"))
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "system" / "ens"))

import bench  # noqa: E402  (found by the lines above)
from support import Client, worker_of  # noqa: E402

MESSAGE = b"From: a@example.org\r\nSubject: news\r\n\r\n" + b"x" * 70 * 20 + b"\r\n.\r\n"


class Lmtp:
    def __init__(self, port: int):
        import socket
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.input = self.socket.makefile("rb")
        self.expect(b"220")
        self.command(b"LHLO client.example", b"250")

    def expect(self, code: bytes) -> None:
        while True:
            line = self.input.readline()
            if not line.startswith(code):
                raise AssertionError(line)
            if line[3:4] == b" ":
                return

    def command(self, line: bytes, code: bytes) -> None:
        self.socket.sendall(line + b"\r\n")
        self.expect(code)

    def deliver(self, user: bytes) -> None:
        self.socket.sendall(b"MAIL FROM:<a@example.org>\r\nRCPT TO:<%s>\r\nDATA\r\n" % user)
        for code in (b"250", b"250", b"354"):
            self.expect(code)
        self.socket.sendall(MESSAGE)
        self.expect(b"250")


def rate(client: Lmtp, seconds: float) -> float:
    count = 0
    began = time.perf_counter()
    while time.perf_counter() - began < seconds:
        client.deliver(b"anna")
        count += 1
    return count / (time.perf_counter() - began)


class Reader(threading.Thread):
    def __init__(self, instance):
        super().__init__()
        self.client = Client(instance, timeout=600).subscribe()
        self.events = 0

    def run(self) -> None:
        while self.client.line() is not None:
            self.events += 1


def measure(report: bench.Report, seconds: float = 3, rounds: int = 5) -> None:
    rates: dict[str, list[float]] = {"nobody": [], "a subscriber": [], "stopped": []}
    with bench.in_memory(), bench.family(["anna"], {}, ["lmtp", "ens"]) as instance:
        client = Lmtp(instance.port("lmtp", False))
        rate(client, 1)
        for _ in range(rounds):  # in turn, so that what else the machine does hits all alike
            rates["nobody"].append(rate(client, seconds))
            reader = Reader(instance)
            reader.start()
            rates["a subscriber"].append(rate(client, seconds))
            pid = worker_of(instance)["pid"]
            os.kill(pid, signal.SIGSTOP)
            try:
                rates["stopped"].append(rate(client, seconds))
            finally:
                os.kill(pid, signal.SIGCONT)
            reader.client.socket.shutdown(2)
            reader.join()
            if not reader.events:
                raise AssertionError("the subscriber heard nothing")
    for name, found in rates.items():
        report.add(f"deliveries a second, events for {name} (median of {rounds})", statistics.median(found), "/s")


if __name__ == "__main__":
    bench.skip_when_sanitized()
    figures = bench.Report()
    measure(figures, *map(int, sys.argv[1:3]))
    sys.exit(figures.end())
