# SPDX-License-Identifier: Apache-2.0
"""What the process tests share: an instance with workers of pop, sessions that must live on, a look at processes."""

import json
import os
import signal
import socket
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(os.environ["POSTHORN_SOURCE"]) / "test" / "support"))

from instance import Instance  # noqa: E402,F401  (found by the line above)

USER, PASSWORD = "anna", "process-secret"


def family(options: dict[str, str] | None = None, services: tuple[str, ...] = ("pop",)) -> Instance:
    instance = Instance(Path(os.environ["POSTHORN_BIN"]),
                        {"auth.failuredelay": "0", "pop.numprocesses": "2", **(options or {})}, list(services))
    try:
        instance.add_users([(USER, PASSWORD)])
        instance.deliver(USER, b"Subject: one\n\none\n")
        instance.start()
        wait_for(lambda: all(serving(instance, name) for name in services), "all workers serve")
    except BaseException:
        print(instance.log(), file=sys.stderr)
        instance.stop()
        raise
    return instance


def wait_for(condition, what: str, seconds: float = 20) -> float:
    """Waits until it is true; says how long that took."""
    start = time.monotonic()
    while not condition():
        if time.monotonic() - start > seconds:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.005)
    return time.monotonic() - start


class Session:
    """A POP3 session that is logged in and remembers which worker serves it, if asked."""

    def __init__(self, instance, login: bool = True):
        self.socket = socket.create_connection(("127.0.0.1", instance.port("pop", False)), timeout=30)
        self.file = self.socket.makefile("rb")
        self.expect_ok(self.file.readline())
        if login:
            self.command(f"USER {USER}")
            self.command(f"PASS {PASSWORD}")

    @staticmethod
    def expect_ok(line: bytes) -> bytes:
        if not line.startswith(b"+OK"):
            raise ConnectionError(f"answer: {line!r}")
        return line

    def command(self, line: str) -> bytes:
        self.socket.sendall(line.encode() + b"\r\n")
        return self.expect_ok(self.file.readline())

    def alive(self) -> bool:
        try:
            self.command("NOOP")
            return True
        except (OSError, ConnectionError):
            return False

    def close(self) -> None:
        self.file.close()
        self.socket.close()

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *_exc) -> None:
        self.close()


def status(instance) -> dict:
    return json.loads(instance.run("msgstat", "--json").stdout)


def service(instance, name: str = "pop") -> dict:
    return next(entry for entry in status(instance)["services"] if entry["name"] == name)


def serving(instance, name: str) -> bool:
    """Whether every worker that the service should have is there and serves."""
    workers = service(instance, name)["workers"]
    return (len(workers) == int(instance.options.get(f"{name}.numprocesses", "1"))
            and all(worker["state"] == "running" for worker in workers))


def sessions_of(instance, count: int) -> dict[int, int]:
    """How many of `count` sessions each worker has, once those of before (probes, closed clients) are noticed gone."""
    seen: dict[int, int] = {}

    def settled() -> bool:
        seen.clear()
        seen.update({w["pid"]: w["sessions"] for w in service(instance)["workers"] if w["state"] == "running"})
        return sum(seen.values()) == count

    wait_for(settled, f"{count} sessions in all")
    return seen


def stat_fields(pid: int) -> dict[str, str]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {line.split(":", 1)[0]: line.split(":", 1)[1].strip() for line in lines}


def kill(pid: int, number: int = signal.SIGKILL) -> None:
    """Only a worker that this test's own master has started."""
    os.kill(pid, number)


def refused(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
        return False
    except ConnectionRefusedError:
        return True


def run_all() -> None:
    unittest.main(module="__main__", verbosity=2)
