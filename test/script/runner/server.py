# SPDX-License-Identifier: Apache-2.0
"""The servers that scripts are played against: instances of our own, or one elsewhere."""

import datetime
import re
from pathlib import Path

from instance import Instance

from runner.imap_client import Client
from runner.imap_seed import client_of
from runner.messages import with_crlf
from runner.skipped import Skipped
from runner.transcript import Transcript

_CHANGES = re.compile(r"(UID )?(STORE|EXPUNGE|MOVE|COPY|APPEND|CLOSE)\b", re.IGNORECASE)
Key = tuple[str, ...]  # a service and its options


def key_of(script: Transcript, service: str) -> Key:
    return (service, *sorted(script.config))


class OwnServer:
    """One temporary instance with one set of options."""

    local = True

    def __init__(self, binaries: Path, options: dict[str, str], service: str, accounts: int):
        self.instance = Instance(binaries, options, services=[service])
        self._accounts = iter([self._account(n) for n in range(accounts)])
        self.instance.add_users([self._account(n) for n in range(accounts)] + [self.admin()])
        self.instance.start()
        self.host = "127.0.0.1"

    @staticmethod
    def admin() -> tuple[str, str]:
        return ("scriptadmin", "admin-secret")

    @staticmethod
    def _account(number: int) -> tuple[str, str]:
        # All of one length: the delivery's own header line, and so the size of a message, depends on it.
        return f"user{number:05}", f"secret-{number}"

    def account(self) -> tuple[str, str]:
        return next(self._accounts)

    def port(self, service: str, tls: bool) -> int:
        if tls and not self.instance.offers_tls(service):
            raise Skipped("this instance has no TLS port")
        return self.instance.port(service, tls)

    def deliver(self, user: str, message: bytes) -> None:
        self.instance.deliver(user, message)

    @staticmethod
    def delivered(user: str, message: bytes) -> bytes:
        return b"Delivered-To: " + user.encode() + b"\r\n" + message

    def facts(self) -> dict[str, str]:
        return {"host": self.instance.hostname, "year": str(datetime.date.today().year)}

    def stop(self) -> None:
        self.instance.stop()


class Own:
    """Starts an instance for each service and set of options that a script asks for; ends them all. `accounts`: how many
    each of them needs, for each run of a script takes its own."""

    def __init__(self, binaries: Path, accounts: dict[Key, int]):
        self._binaries, self._accounts = binaries, accounts
        self._servers: dict[Key, OwnServer] = {}

    def __enter__(self) -> "Own":
        return self

    def __exit__(self, *_exc) -> None:
        for server in self._servers.values():
            server.stop()

    def server_for(self, script: Transcript, way: str, service: str) -> OwnServer:
        options = dict(line.split("=", 1) for line in script.config)
        if way == "tls" and options.get(f"{service}.sslusessl") in ("no", "0"):
            raise Skipped("the script switches TLS off")
        key = key_of(script, service)
        if key not in self._servers:
            usual = {"auth.failuredelay": "0", "store.admins": OwnServer.admin()[0]}
            if service == "imap":
                usual["store.defaultfolders"] = "no"  # scripts begin with INBOX alone
            self._servers[key] = OwnServer(self._binaries, {**usual, **options}, service, self._accounts[key])
        return self._servers[key]


class Elsewhere:
    """One server that we did not start: what needs options of ours is skipped, and each account is left as it was,
    which is empty."""

    local = False

    def __init__(self, address: str, tls_port: int | None, users: list[str], wipe: bool):
        self.host, _, port = address.rpartition(":")
        self._port, self._tls_port, self._wipe = int(port), tls_port, wipe
        self._users = [tuple(user.split(":", 1)) for user in users]
        self._next = 0
        self._kept: dict[str, list[str]] = {}

    def __enter__(self) -> "Elsewhere":
        return self

    def __exit__(self, *_exc) -> None:
        pass

    def server_for(self, script: Transcript, way: str, service: str) -> "Elsewhere":
        if script.config:
            raise Skipped("needs options of our own")
        if script.users > len(self._users):
            raise Skipped(f"needs {script.users} users (--user, --user2)")
        if service == "pop" and (script.mailboxes or script.users > 1):
            raise Skipped("needs fixtures of our own")
        actions = ("wait", "deliver") if service == "pop" else ("wait",)
        if any(step.kind == "!" and step.text.startswith(actions) for step in script.steps):
            raise Skipped("needs to act on the server")
        if way == "pipelined" and any(_CHANGES.match(step.text) for step in script.steps if step.kind == "C"):
            raise Skipped("commands that change what the next ones see may be answered together (RFC 3501 section 5.5)")
        if way == "tls" and not self._tls_port:
            raise Skipped("no --tls-port")
        if service == "imap":
            for user, password in self._users:
                self._look_at(user, password)
        self._next = 0
        return self

    def _look_at(self, user: str, password: str) -> None:
        """Once for each account: it must be empty, for it will be emptied."""
        if user in self._kept:
            return
        client = client_of(self, user, password, None)
        try:
            if client.separator() != "/":
                raise RuntimeError("scripts are written for the separator /")
            names = client.mailboxes()
            full = [name for name in names if client.messages(name)]
            if not self._wipe and (full or len(names) > 10):
                raise RuntimeError(f"{user} is not empty; with --wipe it will be emptied: {' '.join(names)}")
            self._kept[user] = [] if self._wipe else names
        finally:
            client.end()

    def clean(self, client: Client) -> None:
        client.clean(self._kept[client.user])

    @staticmethod
    def admin() -> tuple[str, str]:
        raise Skipped("needs an administrator")

    def account(self) -> tuple[str, str]:
        if not self._users:
            raise Skipped("needs --user")
        self._next += 1
        return self._users[self._next - 1]

    def port(self, _service: str, tls: bool) -> int:
        return self._tls_port if tls and self._tls_port else self._port

    def deliver(self, user: str, message: bytes) -> None:
        client = client_of(self, user, dict(self._users)[user], None)
        try:
            client.append("INBOX", with_crlf(message))
        finally:
            client.end()

    @staticmethod
    def delivered(_user: str, message: bytes) -> bytes:
        return message

    def facts(self) -> dict[str, str]:
        return {"host": self.host}

    def stop(self) -> None:
        pass
