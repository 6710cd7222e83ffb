# SPDX-License-Identifier: Apache-2.0
"""The IMAP server that a test talks to: an instance of its own, or another server named by the environment.

POSTHORN_AGAINST=HOST:PORT:TLSPORT, POSTHORN_AGAINST_USERS=name,name,..., POSTHORN_AGAINST_PASSWORD and
POSTHORN_AGAINST_CERT run the same test against a server that is there already. Its accounts are emptied first.
"""

import imaplib
import os
import re
import shutil
import ssl
import sys
from pathlib import Path

SOURCE = Path(os.environ.get("POSTHORN_SOURCE", Path(__file__).resolve().parents[3]))
BINARIES = Path(os.environ.get("POSTHORN_BIN", SOURCE / "build" / "release" / "bin"))
sys.path.insert(0, str(SOURCE / "test" / "support"))

from instance import Instance  # noqa: E402  (found by the line above)

PASSWORD = "a secret"
LISTED = re.compile(rb'\* LIST \(([^)]*)\) (?:"(.)"|NIL) (?:"((?:[^"\\]|\\.)*)"|(\S+))')


class Server:
    """`users` empty accounts, on localhost; stop() it."""

    def __init__(self, users: int, options: dict[str, str] | None = None):
        against = os.environ.get("POSTHORN_AGAINST")
        self.instance = None
        if against:
            self.host, port, tls_port = against.split(":")
            self.port, self.tls_port = int(port), int(tls_port)
            self.users = os.environ["POSTHORN_AGAINST_USERS"].split(",")[:users]
            self.password = os.environ.get("POSTHORN_AGAINST_PASSWORD", "pw")
            self.certificate = os.environ.get("POSTHORN_AGAINST_CERT", "")
            for user in self.users:
                self.empty(user)
            return
        self.host, self.password = "127.0.0.1", PASSWORD
        self.users = [f"user{number}" for number in range(users)]
        self.instance = Instance(BINARIES, {"auth.failuredelay": "0", **(options or {})}, services=["imap"])
        try:
            self.instance.add_users([(user, PASSWORD) for user in self.users])
            self.instance.start()
        except BaseException:
            print(self.instance.log(), file=sys.stderr)
            self.stop()
            raise
        self.port, self.tls_port = self.instance.port("imap", False), self.instance.port("imap", True)
        self.certificate = str(self.instance.certificate)

    def stop(self):
        if self.instance is not None:
            self.instance.stop()

    def context(self) -> ssl.SSLContext:
        """Trusts the server's certificate, which names localhost and, unless it is another's, 127.0.0.1."""
        context = ssl.create_default_context(cafile=self.certificate or None)
        if self.instance is None:
            context.check_hostname = False
        return context

    def login(self, user: str, tls: bool = False) -> imaplib.IMAP4:
        if tls:
            client = imaplib.IMAP4_SSL(self.host, self.tls_port, ssl_context=self.context(), timeout=60)
        else:
            client = imaplib.IMAP4(self.host, self.port, timeout=60)
        client.login(user, self.password)
        return client

    def empty(self, user: str):
        """Leaves an INBOX without messages and nothing beside it."""
        client = self.login(user)
        names = [name for _, name in listed(client) if name.upper() != "INBOX"]
        for name in sorted(names, key=len, reverse=True):
            client.delete(quoted(name))
        for _, name in listed(client, client.lsub()[1]):
            client.unsubscribe(quoted(name))
        if client.select("INBOX")[1] != [b"0"]:
            client.store("1:*", "+FLAGS.SILENT", "(\\Deleted)")
            client.expunge()
        client.logout()


def quoted(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def listed(client: imaplib.IMAP4, lines: list | None = None) -> list[tuple[list[str], str]]:
    """(attributes, name) of every mailbox, or of these lines of LIST or LSUB; names as they are on the wire."""
    found = []
    for line in client.list()[1] if lines is None else lines:
        match = LISTED.match(b"* LIST " + line) if line else None
        if match:
            name = (match.group(3) or match.group(4) or b"").decode()
            found.append((match.group(1).decode().split(), name.replace('\\"', '"').replace("\\\\", "\\")))
    return found


def need(program: str) -> str:
    path = shutil.which(program)
    if not path:
        print(f"SKIPPED: {program} is not installed (tools/packages)")
        sys.exit(77)
    return path
