# SPDX-License-Identifier: Apache-2.0
"""The servers that scripts are played against: instances of our own, or one elsewhere."""

import datetime
from pathlib import Path

from instance import Instance

from runner.play import Skipped
from runner.transcript import Transcript

ACCOUNTS = 400  # made when an instance starts; each run of a script takes its own


class OwnServer:
    """One temporary instance with one set of options."""

    local = True

    def __init__(self, binaries: Path, options: dict[str, str]):
        self.instance = Instance(binaries, options, services=["pop"])
        self._next = 0
        self.instance.add_users([self._account(n) for n in range(ACCOUNTS)] + [self.admin()])
        self.instance.start()
        self.host = "127.0.0.1"

    @staticmethod
    def admin() -> tuple[str, str]:
        return ("scriptadmin", "admin-secret")

    @staticmethod
    def _account(number: int) -> tuple[str, str]:
        # All of one length: the delivery's own header line, and so the size of a message, depends on it.
        return f"script{number:03}", f"secret-{number}"

    def account(self) -> tuple[str, str]:
        if self._next == ACCOUNTS:
            raise RuntimeError("more runs than accounts: raise ACCOUNTS")
        self._next += 1
        return self._account(self._next - 1)

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
    """Starts an instance for each set of options that a script asks for; ends them all."""

    def __init__(self, binaries: Path):
        self._binaries = binaries
        self._servers: dict[tuple[str, ...], OwnServer] = {}

    def __enter__(self) -> "Own":
        return self

    def __exit__(self, *_exc) -> None:
        for server in self._servers.values():
            server.stop()

    def server_for(self, script: Transcript, way: str) -> OwnServer:
        options = dict(line.split("=", 1) for line in script.config)
        if way == "tls" and options.get("pop.sslusessl") in ("no", "0"):
            raise Skipped("the script switches TLS off")
        key = tuple(sorted(script.config))
        if key not in self._servers:
            merged = {"auth.failuredelay": "0", "store.admins": OwnServer.admin()[0], **options}
            self._servers[key] = OwnServer(self._binaries, merged)
        return self._servers[key]


class Elsewhere:
    """One server that we did not start: only what needs no option, no fixture and no second user is played."""

    local = False

    def __init__(self, address: str, user: str | None):
        self.host, _, port = address.rpartition(":")
        self._port = int(port)
        self._user = tuple(user.split(":", 1)) if user else None

    def __enter__(self) -> "Elsewhere":
        return self

    def __exit__(self, *_exc) -> None:
        pass

    def server_for(self, script: Transcript, way: str) -> "Elsewhere":
        if script.config or script.mailboxes or script.users > 1:
            raise Skipped("needs options or fixtures of our own")
        if any(step.kind == "!" and step.text.startswith(("deliver", "wait")) for step in script.steps):
            raise Skipped("needs to act on the server")
        if way == "tls":
            raise Skipped("--against speaks in clear")
        return self

    @staticmethod
    def admin() -> tuple[str, str]:
        raise Skipped("needs an administrator")

    def account(self) -> tuple[str, str]:
        if not self._user:
            raise Skipped("needs --user")
        return self._user

    def port(self, _service: str, _tls: bool) -> int:
        return self._port

    def deliver(self, _user: str, _message: bytes) -> None:
        raise Skipped("needs fixtures of our own")

    @staticmethod
    def delivered(_user: str, message: bytes) -> bytes:
        return message

    def facts(self) -> dict[str, str]:
        return {}
