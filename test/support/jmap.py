# SPDX-License-Identifier: Apache-2.0
"""A JMAP client for tests (RFC 8620), on the standard library alone; and what an instance needs to be a webmail."""

import base64
import http.client
import json
import ssl
import time
import urllib.parse

CORE = "urn:ietf:params:jmap:core"
MAIL = "urn:ietf:params:jmap:mail"
SUBMISSION = "urn:ietf:params:jmap:submission"
QUOTA = "urn:ietf:params:jmap:quota"
BLOB = "urn:ietf:params:jmap:blob"
PRINCIPALS = "urn:ietf:params:jmap:principals"
ALL = [CORE, MAIL, SUBMISSION, QUOTA, BLOB, PRINCIPALS]

PROXY_USER = "webproxy"
PROXY_PASSWORD = "proxy-secret-of-tests"


def webmail_options(instance) -> dict[str, str]:
    """What the web server of `instance` needs to reach its own imapd; give it the user by add_proxy_user()."""
    admins = instance.options.get("store.admins", "")
    return {
        "store.admins": f"{admins} {PROXY_USER}".strip(),
        "base.proxyadmin": PROXY_USER,
        "base.proxyadminpass": PROXY_PASSWORD,
        "base.proxyimapport": instance.options["imap.port"],
    }


def prepare_webmail(instance, options: dict[str, str] | None = None) -> None:
    """Before start(): the instance's web server reaches its own stores."""
    instance.options |= webmail_options(instance) | (options or {})
    instance.write_config()
    instance.add_users([(PROXY_USER, PROXY_PASSWORD)])


class HttpError(Exception):
    def __init__(self, status: int, headers: dict[str, str], body: bytes):
        super().__init__(f"{status}: {body[:500].decode(errors='replace')}")
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)


class MethodError(Exception):
    """A method answered "error"."""

    def __init__(self, arguments: dict):
        super().__init__(json.dumps(arguments))
        self.type, self.arguments = arguments["type"], arguments


class EventStream:
    """One text/event-stream; next() waits for an event."""

    def __init__(self, connection, response):
        self._connection, self._response = connection, response

    def next(self, timeout: float = 10.0) -> tuple[str, str, str]:
        """(event, id, data); TimeoutError when none comes."""
        event = identity = data = ""
        deadline = time.monotonic() + timeout
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError("no event came")
            self._connection.sock.settimeout(left)
            try:
                line = self._response.readline()
            except (TimeoutError, ssl.SSLError) as error:
                raise TimeoutError("no event came") from error
            if not line:
                raise EOFError("the event stream ended")
            line = line.decode().rstrip("\r\n")
            if not line and (event or data):
                return event, identity, data
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if name == "event":
                event = value
            elif name == "id":
                identity = value
            elif name == "data":
                data += value

    def state_change(self, account: str, kind: str, timeout: float = 10.0) -> str:
        """Waits until `kind` of `account` changes; its new state."""
        deadline = time.monotonic() + timeout
        while True:
            event, _, data = self.next(max(0.001, deadline - time.monotonic()))
            if event == "state":
                state = json.loads(data)["changed"].get(account, {}).get(kind)
                if state:
                    return state

    def close(self) -> None:
        self._connection.close()


class Client:
    """One user of one web server. `way`: "cookie" (as a browser), "basic", or "bearer"."""

    def __init__(self, port: int, user: str, password: str, way: str = "cookie", tls: ssl.SSLContext | None = None,
                 host: str = "127.0.0.1"):
        self.host, self.port, self._tls = host, port, tls
        self.user, self._password = user, password
        self.cookie = self.csrf = self.token = ""
        self._auth: dict[str, str] = {}
        if way == "cookie":
            self.log_in()
        else:
            pair = base64.b64encode(f"{user}:{password}".encode()).decode()
            self._auth = {"Authorization": f"Basic {pair}"}
        if way == "bearer":
            self.token = self.json("POST", "/session/token")["token"]
            self._auth = {"Authorization": f"Bearer {self.token}"}

    # ---- HTTP

    def connect(self, timeout: float = 60.0):
        if self._tls:
            return http.client.HTTPSConnection(self.host, self.port, timeout=timeout, context=self._tls)
        return http.client.HTTPConnection(self.host, self.port, timeout=timeout)

    def _headers(self, more: dict[str, str] | None) -> dict[str, str]:
        headers = dict(self._auth)
        if self.cookie:
            headers |= {"Cookie": self.cookie, "X-CSRF-Token": self.csrf}
        return headers | (more or {})

    def raw(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None):
        """(status, headers, body) of one request on a connection of its own; names of headers in small letters."""
        connection = self.connect()
        try:
            connection.request(method, path, body=body, headers=self._headers(headers))
            response = connection.getresponse()
            content = response.read()
            return response.status, {name.lower(): value for name, value in response.getheaders()}, content
        finally:
            connection.close()

    def http(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> bytes:
        status, got, content = self.raw(method, path, body, headers)
        if status >= 300:
            raise HttpError(status, got, content)
        return content

    def json(self, method: str, path: str, body=None):
        data = None if body is None else json.dumps(body).encode()
        return json.loads(self.http(method, path, data, {"Content-Type": "application/json"} if data else None))

    def log_in(self) -> None:
        self.cookie = self.csrf = ""
        body = json.dumps({"user": self.user, "password": self._password}).encode()
        status, headers, content = self.raw("POST", "/login", body, {"Content-Type": "application/json"})
        if status != 200:
            raise HttpError(status, headers, content)
        self.cookie = headers["set-cookie"].split(";")[0]
        self.csrf = json.loads(content)["csrf"]

    # ---- JMAP

    def session(self) -> dict:
        return self.json("GET", "/.well-known/jmap")

    def account(self) -> str:
        return self.session()["primaryAccounts"][MAIL]

    def request(self, calls: list, using: list[str] | None = None) -> list:
        """methodResponses."""
        return self.json("POST", "/jmap/api", {"using": using or ALL, "methodCalls": calls})["methodResponses"]

    def call(self, method: str, arguments: dict | None = None, using: list[str] | None = None) -> dict:
        """One method on the user's own account unless the arguments name another; MethodError."""
        given = dict(arguments or {})
        given.setdefault("accountId", self.own_account)
        name, answer, _ = self.request([[method, given, "c"]], using)[0]
        if name == "error":
            raise MethodError(answer)
        return answer

    @property
    def own_account(self) -> str:
        if not hasattr(self, "_account"):
            self._account = self.account()
        return self._account

    def upload(self, content: bytes, media_type: str = "application/octet-stream", account: str | None = None) -> dict:
        path = f"/jmap/upload/{account or self.own_account}"
        return json.loads(self.http("POST", path, content, {"Content-Type": media_type}))

    def download(self, blob: str, name: str = "blob", media_type: str = "application/octet-stream",
                 account: str | None = None) -> bytes:
        return self.http("GET", f"/jmap/download/{account or self.own_account}/{urllib.parse.quote(blob)}/"
                                f"{urllib.parse.quote(name)}?accept={urllib.parse.quote(media_type, safe='')}")

    def events(self, types: str = "*", closeafter: str = "no", ping: int = 0) -> EventStream:
        connection = self.connect()
        connection.request("GET", f"/jmap/eventsource?types={types}&closeafter={closeafter}&ping={ping}",
                           headers=self._headers({"Accept": "text/event-stream"}))
        response = connection.getresponse()
        if response.status != 200:
            raise HttpError(response.status, dict(response.getheaders()), response.read())
        return EventStream(connection, response)

    def mailboxes(self, account: str | None = None) -> dict[str, dict]:
        """By role, and by name those without one."""
        arguments = {"ids": None} | ({"accountId": account} if account else {})
        boxes = self.call("Mailbox/get", arguments)["list"]
        return {box["role"] or box["name"]: box for box in boxes}

    def emails(self, mailbox: str, properties: list[str] | None = None, account: str | None = None) -> list[dict]:
        """All messages of a mailbox, newest first."""
        account = account or self.own_account
        answers = self.request([
            ["Email/query", {"accountId": account, "filter": {"inMailbox": mailbox},
                             "sort": [{"property": "receivedAt", "isAscending": False}]}, "q"],
            ["Email/get", {"accountId": account, "#ids": {"resultOf": "q", "name": "Email/query", "path": "/ids"},
                           "properties": properties}, "g"]])
        if answers[-1][0] == "error":
            raise MethodError(answers[-1][1])
        return answers[-1][1]["list"]

    def wait_for_email(self, mailbox: str, test, timeout: float = 20.0) -> dict:
        """Polls until a message passes `test`."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            for email in self.emails(mailbox):
                if test(email):
                    return email
            time.sleep(0.05)
        raise TimeoutError("the message did not come")


def eventually(test, timeout: float = 20.0) -> None:
    """Polls until `test()` is true."""
    deadline = time.monotonic() + timeout
    while not test():
        if time.monotonic() > deadline:
            raise TimeoutError("it did not come to pass")
        time.sleep(0.05)
