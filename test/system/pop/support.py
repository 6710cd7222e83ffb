# SPDX-License-Identifier: Apache-2.0
"""What the POP3 system tests share: an instance, messages of every kind, a bare connection."""

import os
import shutil
import socket
import ssl
import sys
import unittest
from pathlib import Path

SOURCE = Path(os.environ.get("POSTHORN_SOURCE", Path(__file__).resolve().parents[3]))
BINARIES = Path(os.environ.get("POSTHORN_BIN", SOURCE / "build" / "release" / "bin"))
sys.path.insert(0, str(SOURCE / "test" / "support"))

from instance import Instance, make_certificate  # noqa: E402,F401  (found by the line above)

PASSWORD = "a secret"

HEADER = b"From: anna@example.org\r\nSubject: %s\r\nDate: Mon, 1 Jan 2024 10:00:00 +0000\r\n\r\n"


def message(subject: str, body: bytes) -> bytes:
    return HEADER % subject.encode() + body


def varied_messages() -> list[bytes]:
    """What a client must get back octet for octet (with CRLF lines, as mail has them)."""
    return [
        message("plain", b"A line.\r\n"),
        message("dots", b".\r\n..\r\n.dot\r\n\r\n.\r\ntrailing .\r\n" + b".\r\n" * 3000),
        message("unended", b"no line end"),
        message("eight bit", bytes(range(128, 256)) + b"\r\n" + "Grüße\r\n".encode()),
        message("nul", b"before\0after\r\n\0\r\n"),
        message("long line", b"x" * 100_000 + b"\r\n" + b"." * 5000 + b"\r\n"),
        message("empty", b""),
        message("dots at window borders", (b"y" * 126 + b"\r\n") * 1024 + b".z\r\n" * 70_000),
        message("30 MB", (b"z" * 76 + b"\r\n") * 400_000),
    ]


def family(users: list[str], options: dict[str, str] | None = None) -> Instance:
    """A running instance with these users; stop() it."""
    instance = Instance(BINARIES, {"auth.failuredelay": "0", **(options or {})}, services=["pop"])
    try:
        instance.add_users([(user, PASSWORD) for user in users])
        instance.start()
    except BaseException:
        print(instance.log(), file=sys.stderr)
        instance.stop()
        raise
    return instance


def as_sent(user: str, text: bytes) -> bytes:
    """What RETR gives for a delivered message: the delivery's line before it, a line end behind it."""
    whole = b"Delivered-To: " + user.encode() + b"\r\n" + text
    return whole if whole.endswith(b"\r\n") else whole + b"\r\n"


class Pop:
    """A bare POP3 connection, so that nothing stands between the test and the octets."""

    def __init__(self, port: int, context: ssl.SSLContext | None = None, name: str = "localhost",
                 before: bytes = b"", source: str = ""):
        bind = (source, 0) if source else None
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30, source_address=bind)
        if before:
            self.socket.sendall(before)
        if context:
            self.socket = context.wrap_socket(self.socket, server_hostname=name)
        self.file = self.socket.makefile("rb")
        self.greeting = self.file.readline()

    def command(self, line: str) -> bytes:
        self.socket.sendall(line.encode() + b"\r\n")
        return self.file.readline()

    def ok(self, line: str) -> bytes:
        answer = self.command(line)
        if not answer.startswith(b"+OK"):
            raise AssertionError(f"{line}: {answer!r}")
        return answer

    def lines(self, line: str) -> list[bytes]:
        self.ok(line)
        found = []
        while (text := self.file.readline()) != b".\r\n":
            if not text:
                raise AssertionError("closed in the middle of a response")
            found.append(text[1:] if text.startswith(b".") else text)
        return found

    def login(self, user: str) -> "Pop":
        self.ok(f"USER {user}")
        self.ok(f"PASS {PASSWORD}")
        return self

    def close(self) -> None:
        self.file.close()
        self.socket.close()


def need(program: str) -> str:
    path = shutil.which(program)
    if not path:
        print(f"SKIPPED: {program} is not installed (tools/packages)")
        sys.exit(77)
    return path


def main() -> None:
    unittest.main(verbosity=2)
