# SPDX-License-Identifier: Apache-2.0
"""What the load tests share: an instance with one popd worker, and a look at that process from outside."""

import contextlib
import os
import socket
import statistics
import sys
import time
from pathlib import Path

SOURCE = Path(os.environ["POSTHORN_SOURCE"])
BINARIES = Path(os.environ["POSTHORN_BIN"])
sys.path.insert(0, str(SOURCE / "test" / "support"))

from instance import Instance  # noqa: E402  (found by the line above)

USER, PASSWORD = "reader", "load-secret"


def skip_when_sanitized() -> None:
    """A sanitizer's allocator keeps what was freed: memory figures would be its own, not ours."""
    cache = Path(os.environ["POSTHORN_BUILD"]) / "CMakeCache.txt"
    for line in cache.read_text().splitlines():
        if line.startswith("POSTHORN_SANITIZE:") and line.split("=", 1)[1]:
            print("SKIPPED: memory and time mean nothing under a sanitizer; run it in a release build")
            sys.exit(77)


@contextlib.contextmanager
def family(options: dict[str, str] | None = None):
    """A running instance with one popd worker and one user."""
    instance = Instance(BINARIES, {"auth.failuredelay": "0", "pop.numprocesses": "1", **(options or {})},
                        services=["pop"])
    try:
        instance.add_users([(USER, PASSWORD)])
        instance.start()
        yield instance
    finally:
        instance.stop()


class Process:
    """One process as /proc shows it."""

    def __init__(self, pid: int):
        self.pid = pid

    def _status(self, field: str) -> int:
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(field + ":"):
                return int(line.split()[1])
        raise KeyError(field)

    def anonymous_kb(self) -> int:
        """Memory of its own: the store's mapped pages are the kernel's and may go at any time."""
        return self._status("RssAnon")

    def threads(self) -> int:
        return self._status("Threads")

    def descriptors(self) -> int:
        return len(os.listdir(f"/proc/{self.pid}/fd"))


def popd(instance) -> Process:
    """The worker of pop, once the connections that asked whether it serves are gone from it."""
    (pid,) = instance.workers("popd")
    worker = Process(pid)
    steady = [worker.descriptors()]

    def settled() -> bool:
        steady.append(worker.descriptors())
        return len(steady) > 5 and len(set(steady[-5:])) == 1

    until(settled, 30, "a worker that opens and closes nothing")
    return worker


def until(condition, seconds: float, what: str) -> float:
    """Waits for it; how long that took. Fails loudly."""
    start = time.monotonic()
    while not condition():
        if time.monotonic() - start > seconds:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.05)
    return time.monotonic() - start


class Pop:
    """A bare POP3 connection, so that nothing stands between the test and the socket."""

    def __init__(self, instance, receive_buffer: int = 0):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(30)
        self.socket.connect(("127.0.0.1", instance.port("pop", False)))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.socket.makefile("rb")
        self.expect_ok(self.file.readline())

    @staticmethod
    def expect_ok(line: bytes) -> bytes:
        if not line.startswith(b"+OK"):
            raise AssertionError(f"refused: {line!r}")
        return line

    def send(self, line: str) -> None:
        self.socket.sendall(line.encode() + b"\r\n")

    def command(self, line: str) -> bytes:
        self.send(line)
        return self.expect_ok(self.file.readline())

    def login(self, user: str = USER, password: str = PASSWORD) -> "Pop":
        self.command(f"USER {user}")
        self.command(f"PASS {password}")
        return self

    def body(self) -> bytes:
        """The rest of a multi-line response, unstuffed."""
        lines = []
        while (line := self.file.readline()) != b".\r\n":
            if not line:
                raise AssertionError("closed in the middle of a message")
            lines.append(line[1:] if line.startswith(b".") else line)
        return b"".join(lines)

    def close(self) -> None:
        self.file.close()
        self.socket.close()


def median_ms(seconds: list[float]) -> float:
    return statistics.median(seconds) * 1000
