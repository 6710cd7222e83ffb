# SPDX-License-Identifier: Apache-2.0
"""An instance that speaks LMTP and IMAP, a client of LMTP, and what lies in a mailbox."""

import contextlib
import imaplib
import os
import re
import socket
import ssl
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(os.environ["POSTHORN_SOURCE"]) / "test" / "support"))

from instance import Instance  # noqa: E402  (found by the line above)

PASSWORD = "secret"
DOMAIN = "test.example"
TIMEOUT = 60.0


def family(users: list[str], options: dict[str, str] | None = None, services: list[str] | None = None) -> Instance:
    """A running instance; the caller stops it."""
    # Many clients of one test come from one address.
    usual = {"auth.failuredelay": "0", "log.level": "Information"}
    instance = Instance(Path(os.environ["POSTHORN_BIN"]), usual | dict(options or {}), services or ["lmtp", "imap"])
    try:
        instance.add_users([(user, PASSWORD) for user in users])
        instance.start()
    except BaseException:
        with contextlib.suppress(AssertionError):
            instance.stop()
        raise
    return instance


class Lmtp:
    """One connection; replies are lists of lines."""

    def __init__(self, where: int | str | Path, tls: bool = False, hello: bool = True):
        if isinstance(where, int):
            self.socket = socket.create_connection(("127.0.0.1", where), timeout=TIMEOUT)
        else:
            self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self.socket.settimeout(TIMEOUT)
            self.socket.connect(str(where))
        self.buffer = b""
        if tls:
            self.wrap()
        self.greeting = self.reply()
        if hello and self.greeting[0].startswith("220"):
            self.ok("LHLO client.example")

    def wrap(self) -> None:
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        self.socket = context.wrap_socket(self.socket)

    def send(self, octets: bytes) -> None:
        self.socket.sendall(octets)

    def line(self) -> str:
        while b"\r\n" not in self.buffer:
            part = self.socket.recv(65536)
            if not part:
                raise EOFError("the server closed")
            self.buffer += part
        line, self.buffer = self.buffer.split(b"\r\n", 1)
        return line.decode()

    def reply(self) -> list[str]:
        lines = [self.line()]
        while lines[-1][3:4] == "-":
            lines.append(self.line())
        return lines

    def command(self, text: str) -> str:
        self.send(text.encode() + b"\r\n")
        return self.reply()[-1]

    def ok(self, text: str) -> str:
        answer = self.command(text)
        assert answer[0] in "23", f"{text}: {answer}"
        return answer

    def envelope(self, recipients: list[str], sender: str = "sender@example.org", words: str = "") -> list[str]:
        """MAIL and all RCPT in one write; the replies to RCPT."""
        lines = [f"MAIL FROM:<{sender}>{words}"] + [f"RCPT TO:<{one}>" for one in recipients]
        self.send("".join(line + "\r\n" for line in lines).encode())
        answer = self.reply()[-1]
        assert answer.startswith("250"), answer
        return [self.reply()[-1] for _ in recipients]

    def text(self, message: bytes) -> None:
        """DATA with the whole message; its replies are the caller's."""
        self.ok("DATA")
        stuffed = re.sub(rb"(?m)^\.", b"..", message)
        self.send(stuffed + (b"" if stuffed.endswith(b"\r\n") else b"\r\n") + b".\r\n")

    def deliver(self, message: bytes, *recipients: str, sender: str = "sender@example.org") -> list[str]:
        """A whole transaction: one reply for each recipient that was taken."""
        taken = [answer for answer in self.envelope([address(r) for r in recipients], sender) if answer[0] == "2"]
        self.text(message)
        return [self.reply()[-1] for _ in taken]

    def close(self) -> None:
        self.socket.close()


def address(user: str) -> str:
    return user if "@" in user else f"{user}@{DOMAIN}"


def message(subject: str, body: bytes = b"text\r\n", fields: bytes = b"") -> bytes:
    head = f"Subject: {subject}\r\nFrom: sender@example.org\r\nMessage-ID: <{subject}@example.org>\r\n"
    return head.encode() + fields + b"\r\n" + body


class Mailbox:
    """A user's mailbox by IMAP."""

    def __init__(self, instance: Instance, user: str, name: str = "INBOX"):
        self.imap = imaplib.IMAP4("127.0.0.1", instance.port("imap", False), timeout=TIMEOUT)
        self.imap.login(user, PASSWORD)
        status, data = self.imap.select(name, readonly=True)
        assert status == "OK", data
        self.count = int(data[0])

    def all(self, part: str = "BODY.PEEK[]") -> list[bytes]:
        if self.count == 0:
            return []
        _, data = self.imap.fetch("1:*", f"({part})")
        return [item[1] for item in data if isinstance(item, tuple)]

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self.imap.logout()

    def __enter__(self) -> "Mailbox":
        return self

    def __exit__(self, *_exc) -> None:
        self.close()


def held(instance: Instance, user: str, name: str = "INBOX") -> list[bytes]:
    """Every message of a mailbox, whole."""
    with Mailbox(instance, user, name) as box:
        return box.all()


def subjects(instance: Instance, user: str, name: str = "INBOX") -> list[str]:
    with Mailbox(instance, user, name) as box:
        fields = box.all("BODY.PEEK[HEADER.FIELDS (SUBJECT)]")
    return [field.decode().partition(":")[2].strip() for field in fields]


def wait_for(what: str, condition, most: float = 30.0):
    """The first true value of `condition()`."""
    deadline = time.monotonic() + most
    while not (value := condition()):
        assert time.monotonic() < deadline, f"not within {most} s: {what}"
        time.sleep(0.01)
    return value


def main() -> None:
    unittest.main(verbosity=2)
