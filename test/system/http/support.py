# SPDX-License-Identifier: Apache-2.0
"""What the tests of mshttpd share: an instance, a client that keeps its cookie, a bare connection."""

import http.client
import json
import os
import socket
import ssl
import sys
from pathlib import Path

SOURCE = Path(os.environ.get("POSTHORN_SOURCE", Path(__file__).resolve().parents[3]))
BINARIES = Path(os.environ.get("POSTHORN_BIN", SOURCE / "build" / "release" / "bin"))
sys.path.insert(0, str(SOURCE / "test" / "support"))

from instance import Instance  # noqa: E402  (found by the line above)

PASSWORD = "a secret word"
BACK_END = {"base.proxyadmin": "proxy", "base.proxyadminpass": PASSWORD}


def family(users: list[str], options: dict[str, str] | None = None, services: tuple[str, ...] = ("http",)) -> Instance:
    """A running instance with these users; stop() it. Logins are not slowed down unless `options` say so."""
    made = {"auth.failuredelay": "0", "http.webdir": "nowhere", "log.level": "Information", **BACK_END, **(options or {})}
    made["store.admins"] = (made.get("store.admins", "") + " proxy").strip()
    instance = Instance(BINARIES, made, services=list(services))
    try:
        if "imap" in services:
            instance.options["base.proxyimapport"] = instance.options["imap.port"]
            instance.write_config()
        instance.add_users([(user, PASSWORD) for user in [*users, "proxy"]])
        instance.start()
    except BaseException:
        print(instance.log(), file=sys.stderr)
        instance.stop()
        raise
    return instance


class Answer:
    def __init__(self, response: http.client.HTTPResponse):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    def json(self):
        return json.loads(self.body)

    def __repr__(self) -> str:
        return f"{self.status} {self.body[:300]!r}"


class Browser:
    """Requests with the cookie of the last login, each over a connection of its own unless it is kept."""

    def __init__(self, instance: Instance, tls: bool = False, source: str = "127.0.0.1"):
        self.instance = instance
        self.tls = tls
        self.source = source
        self.cookie = ""
        self.csrf = ""

    def connect(self) -> http.client.HTTPConnection:
        port = self.instance.port("http", self.tls)
        if self.tls:
            context = ssl.create_default_context(cafile=str(self.instance.certificate))
            return http.client.HTTPSConnection("127.0.0.1", port, timeout=60, context=context,
                                               source_address=(self.source, 0))
        return http.client.HTTPConnection("127.0.0.1", port, timeout=60, source_address=(self.source, 0))

    def ask(self, method: str, path: str, body=None, headers: dict[str, str] | None = None) -> Answer:
        sent = dict(headers or {})
        if self.cookie and "Authorization" not in sent:
            sent.setdefault("Cookie", self.cookie)
            if self.csrf and method not in ("GET", "HEAD"):
                sent.setdefault("X-CSRF-Token", self.csrf)
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
            sent.setdefault("Content-Type", "application/json")
        connection = self.connect()
        try:
            connection.request(method, path, body=body, headers=sent)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def log_in(self, user: str, password: str = PASSWORD, **more) -> Answer:
        answer = self.ask("POST", "/login", {"user": user, "password": password, **more}, {"Cookie": ""})
        if answer.status == 200:
            self.cookie = answer.headers["Set-Cookie"].split(";")[0]
            self.csrf = answer.json()["csrf"]
        return answer


class Line:
    """A bare connection."""

    def __init__(self, instance: Instance, tls: bool = False, source: str = "127.0.0.1"):
        self.socket = socket.create_connection(("127.0.0.1", instance.port("http", tls)), timeout=60,
                                               source_address=(source, 0))
        if tls:
            context = ssl.create_default_context(cafile=str(instance.certificate))
            self.socket = context.wrap_socket(self.socket, server_hostname="localhost")
        self.file = self.socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.socket.close()

    def send(self, octets: bytes) -> None:
        self.socket.sendall(octets)

    def head(self) -> tuple[int, dict[str, str]]:
        """The next response's status and fields; (0, {}) at the end of the connection."""
        first = self.file.readline()
        if not first:
            return 0, {}
        fields = {}
        while (line := self.file.readline()) not in (b"\r\n", b""):
            name, _, value = line.decode("latin-1").partition(":")
            fields[name.lower()] = value.strip()
        return int(first.split()[1]), fields

    def answer(self) -> tuple[int, bytes]:
        status, fields = self.head()
        return status, self.file.read(int(fields.get("content-length", 0)))

    def ended(self) -> bool:
        """Waits for the server to close."""
        try:
            return self.file.read() == b""
        except ConnectionError:
            return True
