# SPDX-License-Identifier: Apache-2.0
"""Two hosts, as two instances of the family with the same users, and a Postfix that takes each one's mail to his host."""

import contextlib
import os
import smtplib
import sys
import time
from pathlib import Path

SOURCE = Path(os.environ["POSTHORN_SOURCE"])
sys.path[:0] = [str(SOURCE / "test" / "support"), str(SOURCE / "test" / "system" / "lmtp")]

import jmap  # noqa: E402  (found by the lines above)
import postfix  # noqa: E402
from instance import Instance  # noqa: E402

ONE, TWO = HOSTS = ("one.test.example", "two.test.example")
HOME = {"anna": ONE, "bert": TWO, "carl": TWO}
DOMAIN = "test.example"
BINARIES = Path(os.environ["POSTHORN_BIN"])
WEB = Path(os.environ["POSTHORN_BUILD"]) / "web"
MAY_READ_AND_FLAG = {"mayReadItems": True, "maySetSeen": True, "maySetKeywords": True}


def password(user: str) -> str:
    return f"{user}-secret"


class Family:
    """Both hosts; close() ends them."""

    def __init__(self):
        self._stack = contextlib.ExitStack()
        self.hosts: dict[str, Instance] = {}
        for name in HOSTS:
            options = {"base.hostname": name, "auth.failuredelay": "0"}
            self.hosts[name] = Instance(BINARIES, options, services=["imap", "http", "ens", "lmtp"])
            self._stack.callback(self.hosts[name].stop)
            if (WEB / "dist").exists():
                self.hosts[name].serve_web_client(WEB / "dist")
        self.postfix = None
        if not postfix.missing():
            self.postfix = postfix.Postfix({self.address(user): f"inet:127.0.0.1:{self.hosts[home].port('lmtp', False)}"
                                            for user, home in HOME.items()}, DOMAIN)
            self._stack.callback(self.postfix.close)
        for name, host in self.hosts.items():
            jmap.prepare_webmail(host, self._ways_from(name))
            host.add_users([(user, password(user)) for user in HOME])
            for user, home in HOME.items():
                host.run("msuser", "set", user, f"mail={self.address(user)}", f"host={home}", f"name={user.title()} Example")

    def _ways_from(self, name: str) -> dict[str, str]:
        """How the host reaches the other one, and the mail server."""
        ways = {"http.smtpport": str(self.postfix.port)} if self.postfix else {}
        for other, there in self.hosts.items():
            if other != name:
                ways |= {f"proxy:{other}.imaphost": "127.0.0.1",
                         f"proxy:{other}.imapport": there.options["imap.port"],
                         f"proxy:{other}.ensport": there.options["ens.port"],
                         f"proxy:{other}.imapadmin": jmap.PROXY_USER,
                         f"proxy:{other}.imapadminpass": jmap.PROXY_PASSWORD}
        return ways

    def start(self) -> None:
        for host in self.hosts.values():
            host.start()
        if self.postfix:
            self.postfix.start()

    def close(self) -> None:
        self._stack.close()

    def log(self) -> str:
        return "".join(f"---- {name}\n{host.log()[-8000:]}\n" for name, host in self.hosts.items())

    @staticmethod
    def address(user: str) -> str:
        return f"{user}@{DOMAIN}"

    def origin(self, host: str) -> str:
        return f"http://127.0.0.1:{self.hosts[host].port('http', False)}"

    def client(self, user: str, host: str, way: str = "cookie") -> jmap.Client:
        return jmap.Client(self.hosts[host].port("http", False), user, password(user), way=way)

    def deliver(self, user: str, subject: str) -> float:
        """By LMTP at the user's host; when the last line of the message was sent, by time.monotonic()."""
        text = (f"From: Carl <{self.address('carl')}>\r\nTo: {self.address(user)}\r\nSubject: {subject}\r\n"
                f"Message-ID: <{abs(hash(subject))}@{DOMAIN}>\r\n\r\nbody of {subject}\r\n")
        with smtplib.LMTP("127.0.0.1", self.hosts[HOME[user]].port("lmtp", False), timeout=60) as line:
            line.ehlo_or_helo_if_needed()
            line.mail(self.address("carl"))
            code, words = line.rcpt(self.address(user))
            assert code == 250, words
            began = time.monotonic()
            code, words = line.data(text.encode())
            assert code == 250, words
        return began


class Share:
    """A folder that its owner has made, with one message, and lets the reader read and flag. He did so at the web server of
    the reader's host."""

    def __init__(self, family: Family, owner: str, reader: str, name: str, subject: str):
        self._owner, self._family = family.client(owner, HOME[reader]), family
        self.name = name
        self.account = self._owner.own_account
        made = self._owner.call("Mailbox/set", {"create": {"t": {"name": name}}})
        self.folder = made["created"]["t"]["id"]
        self.put(subject)
        self._set({f"shareWith/{reader}": MAY_READ_AND_FLAG})

    def _set(self, change: dict) -> None:
        done = self._owner.call("Mailbox/set", {"update": {self.folder: change}})
        assert self.folder in (done["updated"] or {}), done

    def put(self, subject: str) -> None:
        """One message more."""
        text = f"From: {self._owner.user}@{DOMAIN}\r\nSubject: {subject}\r\n\r\nbody of {subject}\r\n"
        blob = self._owner.upload(text.encode(), "message/rfc822")["blobId"]
        made = self._owner.call("Email/import", {"emails": {"m": {"blobId": blob, "mailboxIds": {self.folder: True}}}})
        assert made["created"], made

    def keywords(self, subject: str) -> list[str]:
        """What the owner sees on the message."""
        found = self._owner.emails(self.folder, ["subject", "keywords"])
        return sorted(next(email["keywords"] for email in found if email["subject"] == subject))

    def withdraw(self) -> None:
        self._set({"shareWith": None})
