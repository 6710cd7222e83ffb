# SPDX-License-Identifier: Apache-2.0
"""What the tests of the event service share: an instance with it, and a client that speaks its protocol."""

import json
import os
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path

SOURCE = Path(os.environ.get("POSTHORN_SOURCE", Path(__file__).resolve().parents[3]))
BINARIES = Path(os.environ.get("POSTHORN_BIN", SOURCE / "build" / "asan" / "bin"))
sys.path.insert(0, str(SOURCE / "test" / "support"))

from instance import Instance, make_certificate  # noqa: E402,F401  (found by the line above)

PASSWORD = "a secret"
STORE = "enp://127.0.0.1/store"


def family(options: dict[str, str] | None = None, services: tuple[str, ...] = ("ens",),
           users: tuple[str, ...] = ()) -> Instance:
    instance = Instance(BINARIES, {"auth.failuredelay": "0", **(options or {})}, list(services))
    try:
        if users:
            instance.add_users([(user, PASSWORD) for user in users])
        instance.start()
        for service in services:
            wait_for(lambda name=service: any(each["state"] == "running" for each in service_of(instance, name)["workers"]),
                     f"{service} serves")
    except BaseException:
        print(instance.log(), file=sys.stderr)
        instance.stop()
        raise
    return instance


def event_socket(instance: Instance) -> str:
    return str(Path(instance.options["server.directory"]) / "run" / "events.sock")


def publish(instance: Instance, count: int, *options: str, background: bool = False):
    """A publisher of the instance's own user; the number of events that it says it has sent."""
    words = [str(BINARIES / "ens_publish"), event_socket(instance), str(count), *options]
    if background:
        return subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


def wait_for(condition, what: str, seconds: float = 20):
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.02)


def status(instance: Instance) -> dict:
    done = instance.run("msgstat", "--json")
    return json.loads(done.stdout)


def service_of(instance: Instance, name: str = "ens") -> dict:
    return next(each for each in status(instance)["services"] if each["name"] == name)


def worker_of(instance: Instance) -> dict:
    workers = [each for each in service_of(instance)["workers"] if each["state"] == "running"]
    assert len(workers) == 1, workers
    return workers[0]


class Client:
    """A connection; `source` is the address that it comes from, `tls` a context for TLS from the first byte."""

    def __init__(self, instance: Instance, source: str | None = None, tls: ssl.SSLContext | None = None,
                 greeting: bool = True, timeout: float = 20):
        port = instance.port("ens", tls is not None)
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout,
                                               source_address=(source, 0) if source else None)
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_hostname="localhost")
        self.input = b""
        self.hello = self.read() if greeting else None

    def close(self) -> None:
        self.socket.close()

    def __del__(self):
        if hasattr(self, "socket"):
            self.close()

    def line(self) -> bytes | None:
        """The next line without its end; None when the server has closed."""
        while b"\n" not in self.input:
            piece = self.socket.recv(65536)
            if not piece:
                return None
            self.input += piece
        line, _, self.input = self.input.partition(b"\n")
        return line.rstrip(b"\r")

    def read(self):
        """The next line as JSON, or as text when it is an event reference."""
        line = self.line()
        if line is None:
            return None
        return line.decode() if line.startswith(b"enp:") else json.loads(line)

    def event(self):
        """The next event; pings and the like are skipped."""
        deadline = time.monotonic() + 30
        while True:
            assert time.monotonic() < deadline, "no event came"
            got = self.read()
            if got is None or isinstance(got, str) or "ens" not in got:
                return got

    def send(self, line: str) -> None:
        self.socket.sendall(line.encode() + b"\r\n")

    def ask(self, line: str):
        self.send(line)
        return self.read()

    def subscribe(self, words: str = STORE) -> "Client":
        answer = self.ask(f"SUBSCRIBE {words}")
        assert answer["ens"] == "ok", answer
        return self

    def rest(self) -> list:
        """Everything until the server closes."""
        found = []
        while (got := self.read()) is not None:
            found.append(got)
        return found
