# SPDX-License-Identifier: Apache-2.0
"""What the LDAP tests share: a family whose users are in real slapds, logins by bare connections, and what they cost
and said in the logs."""

import contextlib
import json
import os
import re
import shutil
import socket
import ssl
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

SOURCE = Path(os.environ["POSTHORN_SOURCE"])
BINARIES = Path(os.environ["POSTHORN_BIN"])
sys.path.insert(0, str(SOURCE / "test" / "support"))

from instance import Instance  # noqa: E402  (found by the line above)
from slapd import BASES, GOOD_NAMES, SEARCHER, SEARCHER_PASSWORD, Authority, Slapd, unavailable  # noqa: E402,F401

if _why := unavailable():
    print(f"SKIPPED: {_why}")
    sys.exit(77)

# The whole of what a client may learn, whatever the reason.
AUTH_FAILED, DENIED, TRY_LATER = "auth-failed", "denied", "try-later"
TEXTS = {AUTH_FAILED: "Authentication failed", DENIED: "Login is not permitted",
         TRY_LATER: "Login is not possible at the moment"}
POP_CODES = {AUTH_FAILED: "[AUTH]", DENIED: "[AUTH]", TRY_LATER: "[SYS/TEMP]"}
IMAP_CODES = {AUTH_FAILED: "[AUTHENTICATIONFAILED]", DENIED: "[AUTHORIZATIONFAILED]", TRY_LATER: "[UNAVAILABLE]"}
CLASSES = {
    "bad-password": AUTH_FAILED, "no-such-user": AUTH_FAILED, "no-password": AUTH_FAILED, "empty-password": AUTH_FAILED,
    "bad-name": AUTH_FAILED, "password-too-long": AUTH_FAILED, "ambiguous": AUTH_FAILED, "damaged-entry": AUTH_FAILED,
    "account-locked": AUTH_FAILED, "inactive": DENIED, "deleted": DENIED, "disabled": DENIED, "on-hold": DENIED,
    "password-expired": DENIED, "password-must-change": DENIED, "wrong-host": DENIED, "service-denied": DENIED,
    "bad-service-filter": DENIED, "temporary": TRY_LATER, "internal": TRY_LATER,
}
EX_NOUSER, EX_TEMPFAIL = 67, 75
MESSAGE = b"From: x@example.com\r\nSubject: hello\r\n\r\nbody\r\n"


def options(servers: list[Slapd], **more: str) -> dict[str, str]:
    """Options for users in `servers`; without caches and without punishment, so that each login shows what it costs.
    In `more` a dot is written as two underscores: base__defaultdomain."""
    base = servers[0].base
    made = {
        "auth.directory": "ldap",
        "auth.ldapschema": "1" if base == BASES["schema1"] else "2",
        "base.ugldaphost": " ".join(f"127.0.0.1:{server.port}" for server in servers),
        "base.ugldapbasedn": base,
        "base.ugldapbinddn": SEARCHER.format(base=base),
        "base.ugldapbindcred": SEARCHER_PASSWORD,
        "base.defaultdomain": "example.com",
        "base.hostname": "mail.example.com",
        "base.authcachesize": "0",
        "base.authcachettl": "0",
        "auth.failuredelay": "0",
    }
    return made | {name.replace("__", "."): value for name, value in more.items()}


_logs: list[Callable[[], str]] = []  # to be shown when a case fails


@contextlib.contextmanager
def running(servers: list[Slapd], services: tuple[str, ...] = ("pop", "imap"), **more: str) -> Iterator[Instance]:
    """A family that has started; the servers need not have."""
    instance = Instance(BINARIES, options(servers, **more), services=list(services))
    try:
        instance.start()
        _logs.append(instance.log)
        yield instance
    finally:
        instance.stop()


@contextlib.contextmanager
def configured(servers: list[Slapd], **more: str) -> Iterator[Instance]:
    """The same for tools alone: nothing is started."""
    instance = Instance(BINARIES, options(servers, **more), services=["pop", "imap"])
    try:
        yield instance
    finally:
        instance.stop()


@contextlib.contextmanager
def slapds(*servers: Slapd, start: bool = True) -> Iterator[None]:
    try:
        for server in servers:
            _logs.append(server.log)
            if start:
                server.start()
        yield
    finally:
        for server in servers:
            server.close()


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="posthorn-ldap-", dir=os.environ.get("TMPDIR")))
    path.chmod(0o755)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


# ---- clients

class Line:
    """A connection that speaks lines."""

    def __init__(self, port: int, tls: bool = False, timeout: float = 30):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        if tls:
            context = ssl.create_default_context()
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            self.socket = context.wrap_socket(self.socket, server_hostname="mail.example.com")
        self.file = self.socket.makefile("rb")
        self.greeting = self.line()

    def line(self) -> str:
        line = self.file.readline()
        if not line:
            raise ConnectionError("the connection was closed")
        return line.decode(errors="replace").rstrip("\r\n")

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def close(self) -> None:
        self.file.close()
        self.socket.close()


class Pop(Line):
    def command(self, text: str | bytes) -> str:
        self.send((text if isinstance(text, bytes) else text.encode()) + b"\r\n")
        return self.line()

    def login(self, user: str | bytes, password: str | bytes) -> str:
        user, password = (t if isinstance(t, bytes) else t.encode() for t in (user, password))
        answer = self.command(b"USER " + user)
        return self.command(b"PASS " + password) if answer.startswith("+OK") else answer

    def body(self, number: int) -> list[str]:
        assert self.command(f"RETR {number}").startswith("+OK")
        lines = []
        while (line := self.line()) != ".":
            lines.append(line)
        return lines


class Imap(Line):
    def command(self, text: bytes) -> tuple[list[str], str]:
        """Untagged lines and the tagged one."""
        self.send(b"a " + text + b"\r\n")
        untagged = []
        while not (line := self.line()).startswith("a "):
            untagged.append(line)
        return untagged, line

    def login(self, user: str | bytes, password: str | bytes) -> str:
        """With literals, so that every octet can be said."""
        user, password = (t if isinstance(t, bytes) else t.encode() for t in (user, password))
        self.send(b"a LOGIN {%d}\r\n" % len(user))
        if not (line := self.line()).startswith("+"):
            return line
        self.send(user + b" {%d}\r\n" % len(password))
        if not (line := self.line()).startswith("+"):
            return line
        self.send(password + b"\r\n")
        while not (line := self.line()).startswith("a "):
            pass
        return line


def connect(instance: Instance, service: str, tls: bool = False) -> Pop | Imap:
    kind = Pop if service == "pop" else Imap
    return kind(instance.port(service, tls), tls)


def answer(instance: Instance, user: str | bytes, password: str | bytes, service: str = "pop", tls: bool = False) -> str:
    """What the server says to a login."""
    client = connect(instance, service, tls)
    try:
        return client.login(user, password)
    finally:
        client.close()


def is_ok(text: str) -> bool:
    return text.startswith(("+OK", "a OK"))


# ---- expectations

def events(instance: Instance, since: int, kind: str) -> list[str]:
    log = (instance.directory / "master.log").read_bytes()[since:].decode(errors="replace")
    return [line for line in log.splitlines() if f" event={kind} " in line]


def mark(instance: Instance) -> int:
    return (instance.directory / "master.log").stat().st_size


def until(condition: Callable[[], object], what: str, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.01)


def accept(instance: Instance, user: str, password: str, owner: str, service: str = "pop", tls: bool = False) -> None:
    """The login is good, and it is `owner`'s mail that it opens."""
    since = mark(instance)
    said = answer(instance, user, password, service, tls)
    assert is_ok(said), f"{user} by {service}: {said}; {events(instance, since, 'login-failed')}"
    until(lambda: events(instance, since, "login"), f"{user}'s login in the log")
    line = events(instance, since, "login")[-1]
    assert re.search(rf' user="?{re.escape(owner)}"? ', line), f"{user} became another than {owner}: {line}"


def refuse(instance: Instance, user: str | bytes, password: str | bytes, reason: str, service: str = "pop",
           tls: bool = False) -> None:
    """The log has the reason; the client reads only what it may."""
    since = mark(instance)
    said = answer(instance, user, password, service, tls)
    kind = CLASSES[reason]
    code = (POP_CODES if service == "pop" else IMAP_CODES)[kind]
    whole = f"-ERR {code} {TEXTS[kind]}" if service == "pop" else f"a NO {code} {TEXTS[kind]}"
    until(lambda: events(instance, since, "login-failed"), f"{user!r}: a refusal in the log; the client read: {said}")
    line = events(instance, since, "login-failed")[-1]
    assert f" reason={reason} " in line, f"{user!r}: not {reason}: {line}"
    assert said == whole, f"{user!r}: the client read {said!r}, not {whole!r}"


def explain(instance: Instance, user: str, *words: str, service: str = "pop", password: str = "",
            status: int | None = None) -> str:
    """What `msconfig explain login` says."""
    asked = ["--password-from-stdin"] if password else []
    done = instance.run("msconfig", "explain", "login", user, "--from", "192.0.2.1", "--service", service, *words, *asked,
                        stdin=password.encode() + b"\n", check=False)
    text = done.stdout.decode()
    if status is not None:
        assert done.returncode == status, f"status {done.returncode}, not {status}:\n{text}{done.stderr.decode()}"
    return text


def mailboxes(instance: Instance, user: str) -> dict[str, dict]:
    """What mboxutil shows of a user: mailbox name to its numbers."""
    listed = json.loads(instance.run("mboxutil", "list", f"user/{user}/*", "--json").stdout)
    return {entry["name"]: entry for entry in listed}


# ---- running cases

def main(*cases: Callable) -> int:
    """Runs every case and says which were good. Returns the exit status."""
    failed = []
    for case in cases:
        start = time.monotonic()
        try:
            case()
        except Exception:  # noqa: BLE001  (the others have their say, too)
            traceback.print_exc()
            failed.append(case.__name__)
        verdict = "FAILED" if case.__name__ in failed else "passed"
        print(f"{verdict} {case.__name__} ({time.monotonic() - start:.1f} s)", flush=True)
    if failed:
        for log in _logs:
            print("---- log\n" + log()[-4000:], file=sys.stderr)
    return 1 if failed else 0
