# SPDX-License-Identifier: Apache-2.0
"""A family of all services, and how a change of its configuration is brought to it."""

import itertools
import json
import os
import shutil
import socket
import ssl
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(os.environ["POSTHORN_SOURCE"]) / "test" / "support"))

from instance import Instance, make_certificate  # noqa: E402  (found by the line above)

USER, PASSWORD = "anna", "options-secret"
SERVICES = ("pop", "imap", "http", "lmtp", "ens")


class World(Instance):
    """Users anna (with one message) and bert."""

    def __init__(self):
        super().__init__(Path(os.environ["POSTHORN_BIN"]), {"auth.failuredelay": "0", "auth.failuredelaymax": "1s"},
                         list(SERVICES))
        make_certificate(self.directory / "tls", "other", "other.test.example")
        self.options |= {"tls:other.cert": str(self.directory / "tls" / "other.crt"),
                         "tls:other.key": str(self.directory / "tls" / "other.key")}
        self.numbers = itertools.count(1)
        self.seen: dict[str, object] = {}  # by several looks of one pass
        self.lock = threading.Lock()  # of seen
        self.write_config()
        for name in ("other logs", *(f"logs of {service}" for service in SERVICES)):
            folder = self.directory / "data" / name
            folder.mkdir()
            shutil.chown(folder, self.options["server.user"])
        self.add_users([(USER, PASSWORD), ("bert", PASSWORD)])
        self.deliver(USER, b"Subject: one\r\n\r\none\r\n")

    def say(self, program: str, *arguments: str, check: bool = True) -> str:
        done = self.run(program, *arguments, check=check)
        return (done.stdout + done.stderr).decode()

    # ---- configuration

    def change(self, values: dict[str, str]) -> str:
        """By msconfig, all at once. What it says."""
        words = [word for pair in values.items() for word in pair]
        return self.say("msconfig", "set", *words)

    def undo(self) -> None:
        """The file as it was at first."""
        self.write_config()

    def configured(self, name: str) -> str:
        return self.say("msconfig", "get", name).strip()

    # ---- what runs

    def status(self) -> dict:
        return json.loads(self.say("msgstat", "--json"))

    def service(self, name: str) -> dict:
        return next(entry for entry in self.status()["services"] if entry["name"] == name)

    def pids(self) -> dict[str, list[int]]:
        return {entry["name"]: sorted(worker["pid"] for worker in entry["workers"]
                                      if worker.get("generation") == entry["generation"] and "pid" in worker)
                for entry in self.status()["services"] if entry["started"]}

    def running(self, name: str) -> list[str]:
        """What the workers that are handed the option use, by `msconfig explain`."""
        return [line.split(":", 1)[1].strip() for line in self.say("msconfig", "explain", name).splitlines()
                if line.startswith("  Running:")]

    # ---- clients

    def connect(self, service: str, tls: bool = False) -> "Line":
        return Line(self.port(service, tls), context() if tls else None)

    def imap(self, login: bool = True) -> "Line":
        line = self.connect("imap")
        line.read()
        if login:
            line.imap(f"LOGIN {USER} {PASSWORD}")
        return line

    def pop(self) -> "Line":
        line = self.connect("pop")
        line.read()
        line.ask(f"USER {USER}")
        line.ask(f"PASS {PASSWORD}")
        return line

    def lmtp(self) -> "Line":
        line = self.connect("lmtp")
        line.smtp(None)
        line.smtp("LHLO test.example")
        return line

    def new_user(self) -> str:
        name = f"user{next(self.numbers)}"
        self.add_users([(name, PASSWORD)])
        # Workers look at the user file once a second.
        end = time.monotonic() + 10
        while time.monotonic() < end:
            with self.imap(login=False) as line:
                if line.imap(f"LOGIN {name} {PASSWORD}")[-1].split()[1] == "OK":
                    return name
            time.sleep(0.1)
        raise AssertionError(f"{name} cannot log in")


def context() -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    return made


class Line:
    """A connection that speaks lines. `ended` when the server has closed it."""

    def __init__(self, port: int, tls: ssl.SSLContext | None = None):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        if tls:
            self.socket = tls.wrap_socket(self.socket)
        self.buffer = b""
        self.tag = 0

    def __enter__(self) -> "Line":
        return self

    def __exit__(self, *unused) -> None:
        self.close()

    def close(self) -> None:
        self.socket.close()

    def read(self) -> str:
        """The next line; empty at the end. TimeoutError leaves what has come."""
        while b"\n" not in self.buffer:
            try:
                part = self.socket.recv(65536)
            except ConnectionError:
                part = b""
            if not part:
                break
            self.buffer += part
        line, _, self.buffer = self.buffer.partition(b"\n")
        return line.decode(errors="replace").rstrip("\r")

    def silent(self, seconds: float) -> bool:
        """Nothing comes for so long, not even an end."""
        if self.buffer:
            return False
        self.socket.settimeout(seconds)
        try:
            self.buffer += self.socket.recv(65536)
            return False
        except TimeoutError:
            return True
        except ConnectionError:
            return False
        finally:
            self.socket.settimeout(20)

    def send(self, text: str) -> None:
        try:
            self.socket.sendall(text.encode() + b"\r\n")
        except ConnectionError:
            pass

    def ask(self, text: str) -> str:
        self.send(text)
        return self.read()

    def imap(self, command: str) -> list[str]:
        """The answer's lines, the tagged one last; an empty one last when the connection ended."""
        self.tag += 1
        self.send(f"t{self.tag} {command}")
        lines = []
        while True:
            lines.append(self.read())
            if not lines[-1] or lines[-1].startswith(f"t{self.tag} "):
                return lines

    def smtp(self, command: str | None) -> list[str]:
        if command is not None:
            self.send(command)
        lines = []
        while True:
            lines.append(self.read())
            if len(lines[-1]) < 4 or lines[-1][3] != "-":
                return lines

    def multi(self, command: str) -> list[str]:
        """A POP3 answer of several lines."""
        lines = [self.ask(command)]
        while lines[0].startswith("+OK") and lines[-1] != ".":
            lines.append(self.read())
        return lines

