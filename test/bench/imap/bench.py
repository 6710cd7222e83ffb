# SPDX-License-Identifier: Apache-2.0
"""What the measurements of imapd share: an instance with users, bare sessions, a look at a worker from outside, and
figures that know their limit."""

import contextlib
import dataclasses
import os
import re
import shutil
import socket
import ssl
import statistics
import subprocess
import sys
import time
from pathlib import Path

SOURCE = Path(os.environ.get("POSTHORN_SOURCE", Path(__file__).resolve().parents[3]))
BINARIES = Path(os.environ.get("POSTHORN_BIN", SOURCE / "build" / "release" / "bin"))
sys.path.insert(0, str(SOURCE / "test" / "support"))

from instance import Instance  # noqa: E402  (found by the line above)

PASSWORD = "bench-secret"
LITERAL = re.compile(rb"\{(\d+)\}\r\n$")


@dataclasses.dataclass
class Figure:
    """A measured value. It is missed when it reaches its limit; without one it is for information."""
    name: str
    value: float
    unit: str
    limit: float | None = None

    def missed(self) -> bool:
        return self.limit is not None and self.value >= self.limit

    def __str__(self) -> str:
        against = "" if self.limit is None else f"  under {self.limit:g}{'   MISSED' if self.missed() else ''}"
        return f"{self.name:<66} {self.value:>10.2f} {self.unit:<3}{against}"


class Report:
    """Prints figures as they come; its end says whether one was missed."""

    def __init__(self):
        self._missed: list[Figure] = []
        print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors", flush=True)

    def add(self, name: str, value: float, unit: str, limit: float | None = None) -> float:
        figure = Figure(name, value, unit, limit)
        print(figure, flush=True)
        if figure.missed():
            self._missed.append(figure)
        return value

    def times(self, name: str, seconds: list[float], limit: float | None = None) -> float:
        """The median, in ms."""
        return self.add(f"{name} (median of {len(seconds)})", statistics.median(seconds) * 1000, "ms", limit)

    def end(self) -> int:
        for figure in self._missed:
            print(f"MISSED: {figure.name}: {figure.value:.2f} {figure.unit}, limit {figure.limit:g}")
        return 1 if self._missed else 0


def skip_when_sanitized() -> None:
    """A sanitizer's allocator keeps what was freed, and everything takes many times as long."""
    cache = BINARIES.parent / "CMakeCache.txt"
    for line in cache.read_text().splitlines() if cache.exists() else []:
        if line.startswith("POSTHORN_SANITIZE:") and line.split("=", 1)[1]:
            print("SKIPPED: memory and time mean nothing under a sanitizer; run it in a release build")
            sys.exit(77)


@contextlib.contextmanager
def in_memory():
    """Instances that are made meanwhile lie in memory, where a disk's waiting does not hide what commands cost."""
    before = os.environ.get("TMPDIR")
    if os.access("/dev/shm", os.W_OK):
        os.environ["TMPDIR"] = "/dev/shm"
    try:
        yield
    finally:
        if before is None:
            os.environ.pop("TMPDIR", None)
        else:
            os.environ["TMPDIR"] = before


@contextlib.contextmanager
def family(users: list[str], options: dict[str, str] | None = None, services: list[str] | None = None):
    """A running instance of imapd, one worker unless the options say otherwise, with empty accounts."""
    instance = Instance(BINARIES, {"auth.failuredelay": "0", "imap.numprocesses": "1", "imap.maxsessions": "5000",
                                   **(options or {})}, services=services or ["imap"])
    try:
        instance.add_users([(user, PASSWORD) for user in users])
        instance.start()
        yield instance
    finally:
        instance.stop()


def fill(instance: Instance, user: str, count: int, octets: int, mailbox: str = "INBOX") -> None:
    """Through the store's own interface, as whoever owns the store."""
    loader = instance.directory / "load_mailbox"
    if not loader.exists():
        shutil.copy2(BINARIES / "load_mailbox", loader)
    subprocess.run([str(loader), user, str(count), str(octets), mailbox], env=instance.environment(), check=True,
                   timeout=900)


def until(condition, seconds: float, what: str) -> float:
    """Waits for it; how long that took. Fails loudly."""
    start = time.monotonic()
    while not condition():
        if time.monotonic() - start > seconds:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.05)
    return time.monotonic() - start


class Worker:
    """One process as /proc shows it."""

    def __init__(self, pid: int):
        self.pid = pid

    def _kb(self, file: str, field: str) -> int:
        for line in Path(f"/proc/{self.pid}/{file}").read_text().splitlines():
            if line.startswith(field + ":"):
                return int(line.split()[1])
        raise KeyError(field)

    def pss_kb(self) -> int:
        return self._kb("smaps_rollup", "Pss")

    def anonymous_kb(self) -> int:
        """Memory of its own: the store's mapped pages are the kernel's and may go at any time."""
        return self._kb("status", "RssAnon")

    def threads(self) -> int:
        return self._kb("status", "Threads")

    def processor_seconds(self) -> float:
        """Of all threads that it ever had: what a machine's other work does not change much."""
        return time.clock_gettime((~self.pid << 3) | 2)  # the clock id of another process, clock_getcpuclockid(3)

    def quiet(self) -> None:
        """Waits until job threads have retired."""
        until(lambda: self.threads() <= 2, 60, "job threads retire")


def workers(instance: Instance) -> list[Worker]:
    """All of them: a connection may be accepted before the worker's program has begun."""
    count = int(instance.options["imap.numprocesses"])
    until(lambda: len(instance.workers("imapd")) == count, 30, f"{count} workers")
    return [Worker(pid) for pid in instance.workers("imapd")]


class Imap:
    """A bare session, so that nothing stands between the measurement and the socket. Blocking."""

    def __init__(self, port: int, tls: bool = False, receive_buffer: int = 0):
        bare = socket.socket()
        if receive_buffer:
            bare.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        bare.settimeout(120)
        bare.connect(("127.0.0.1", port))
        bare.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = _context().wrap_socket(bare) if tls else bare
        self._rest = b""
        self._tag = 0
        self.line()

    def line(self) -> bytes:
        while b"\n" not in self._rest:
            self._more()
        line, self._rest = self._rest.split(b"\n", 1)
        return line + b"\n"

    def _more(self) -> None:
        octets = self.socket.recv(1 << 18)
        if not octets:
            raise AssertionError("the server hung up")
        self._rest += octets

    def send(self, command: str) -> bytes:
        """The tag that its answer will bear."""
        self._tag += 1
        self.socket.sendall(f"a{self._tag} {command}\r\n".encode())
        return f"a{self._tag} ".encode()

    def command(self, command: str) -> list[bytes]:
        """All lines of the answer; the literals stand between them."""
        return self.answer(self.send(command))

    def answer(self, tag: bytes) -> list[bytes]:
        lines = []
        while not (line := self.line()).startswith(tag):
            lines.append(line)
            if literal := LITERAL.search(line):
                lines.append(self.octets(int(literal.group(1))))
        if not line.startswith(tag + b"OK"):
            raise AssertionError(f"refused: {line!r}")
        return [*lines, line]

    def drain(self, command: str) -> int:
        """The size of the answer, without a look at what is in it: the client must not be what is measured."""
        return self.rest(self.send(command))

    def rest(self, tag: bytes) -> int:
        size, tail = len(self._rest), self._rest
        while not (tail.endswith(b"\r\n") and tail[tail.rfind(b"\n", 0, -1) + 1:].startswith(tag + b"OK")):
            octets = self.socket.recv(1 << 20)
            if not octets:
                raise AssertionError("the server hung up")
            size += len(octets)
            tail = (tail + octets)[-1000:]
        self._rest = b""
        return size

    def octets(self, count: int) -> bytes:
        parts, have = [self._rest], len(self._rest)
        while have < count:
            parts.append(self.socket.recv(1 << 18))
            if not parts[-1]:
                raise AssertionError("the server hung up")
            have += len(parts[-1])
        whole = b"".join(parts)
        self._rest = whole[count:]
        return whole[:count]

    def login(self, user: str, password: str = PASSWORD) -> "Imap":
        self.command(f'LOGIN "{user}" "{password}"')
        return self

    def append(self, message: bytes, mailbox: str = "INBOX") -> None:
        tag = self.send(f"APPEND {mailbox} {{{len(message)}+}}\r\n{message.decode('latin-1')}")
        self.answer(tag)

    def idle(self) -> None:
        self.send("IDLE")
        while not self.line().startswith(b"+"):
            pass

    def close(self) -> None:
        self.socket.close()


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def connect(instance: Instance, tls: bool = False, **more) -> Imap:
    return Imap(instance.port("imap", tls), tls, **more)


def timed(rounds: int, once) -> list[float]:
    """Seconds of each of `rounds` calls."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        once()
        times.append(time.perf_counter() - start)
    return times


def percentile(values: list[float], share: float) -> float:
    """The part `share` of all values is not larger."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]
