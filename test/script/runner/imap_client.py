# SPDX-License-Identifier: Apache-2.0
"""Lines and literals of an IMAP connection, and a small client that prepares accounts for scripts."""

import re

from runner.connection import Connection
from runner.imap_wire import BadGrammar, Response, Text, parse, text_of

_LITERAL = re.compile(rb"\{(\d+)\}\Z")
MOST_LITERAL = 200_000_000


class Wire:
    """Whole responses of one connection."""

    def __init__(self, connection: Connection):
        self.connection = connection
        self._again: list[Response] = []

    def read(self) -> Response | None:
        """Nothing when the server closed."""
        if self._again:
            return self._again.pop(0)
        octets = self.connection.read_line()
        if octets is None:
            return None
        return parse(self._with_literals(octets))

    def put_back(self, response: Response) -> None:
        self._again.insert(0, response)

    def _with_literals(self, octets: bytes) -> bytes:
        whole = octets
        while found := _LITERAL.search(octets):
            size = int(found[1])
            if size > MOST_LITERAL:
                raise BadGrammar(f"a literal of {size} octets")
            value = self.connection.read_octets(size)
            octets = self.connection.read_line() if value is not None else None
            if octets is None:
                raise BadGrammar(f"the server closed within a literal: {whole[:200]!r}")
            whole += b"\r\n" + value + octets
        return whole


class Refused(Exception):
    """The server did not do what preparing a script needs."""


class Client:
    """A session that makes ready what a script begins with; it expects success."""

    def __init__(self, connection: Connection, user: str, password: str):
        self.connection = connection
        self._wire = Wire(connection)
        self.user = user
        self._count = 0
        greeting = self._wire.read()
        if greeting is None or greeting.word not in ("OK", "PREAUTH"):
            raise Refused(f"greeting: {greeting}")
        self._before_login = self._asked_capabilities()
        self.command("LOGIN", Text(user.encode()), Text(password.encode()))

    def command(self, *words: str | Text | bytes) -> list[Response]:
        """Text is sent as a quoted string, bytes as a synchronising literal. Returns the untagged responses."""
        self._count += 1
        tag = f"s{self._count}"
        line = tag.encode()
        for word in words:
            if isinstance(word, Text):
                line += b' "' + re.sub(rb'(["\\])', rb"\\\1", bytes(word)) + b'"'
            elif isinstance(word, bytes):
                self.connection.send(line + b" {%d}\r\n" % len(word))
                self._until(tag, words, "+")
                line = word
            else:
                line += b" " + word.encode()
        self.connection.send(line + b"\r\n")
        return self._until(tag, words, "OK")

    def _until(self, tag: str, words: tuple, wanted: str) -> list[Response]:
        seen = []
        while (got := self._wire.read()) is not None:
            if got.kind == "untagged":
                seen.append(got)
                continue
            if (got.kind if wanted == "+" else got.word) == wanted and got.tag in ("", tag):
                return seen
            break
        shown = " ".join(w[:60].decode("latin-1") if isinstance(w, bytes) else w for w in words if words[0] != "LOGIN")
        raise Refused(f"{shown or 'LOGIN'}: {got or 'the server closed'}")

    def capabilities(self) -> set[str]:
        """Those before the login (STARTTLS, AUTH=...) and after."""
        return self._before_login | self._asked_capabilities()

    def _asked_capabilities(self) -> set[str]:
        told = [r for r in self.command("CAPABILITY") if r.word == "CAPABILITY"]
        return {str(node).upper() for node in told[0].nodes} if told else set()

    def append(self, mailbox: str, message: bytes, flags: str = "()", date: str = "") -> None:
        words: list = ["APPEND", Text(mailbox.encode()), flags]
        if date:
            words.append(Text(date.encode()))
        self.command(*words, message)

    def mailboxes(self) -> list[str]:
        told = [r for r in self.command("LIST", Text(b""), Text(b"*")) if r.word == "LIST"]
        return [text_of(r.nodes[2]) for r in told if r.nodes]

    def separator(self) -> str:
        told = [r for r in self.command("LIST", Text(b""), Text(b"")) if r.word == "LIST"]
        return text_of(told[0].nodes[1]) if told else ""

    def messages(self, mailbox: str) -> int:
        for one in self.command("STATUS", Text(mailbox.encode()), "(MESSAGES)"):
            if one.word == "STATUS":
                return int(text_of(one.nodes[1][1]))
        return 0

    def clean(self, keep: list[str]) -> None:
        """Deletes every mailbox but those, forgets every subscription, empties INBOX and what is kept."""
        for name in sorted(self.mailboxes(), key=len, reverse=True):
            if name.upper() == "INBOX" or name in keep:
                self.empty(name)
                continue
            try:
                self.command("DELETE", Text(name.encode("latin-1")))
            except Refused:  # \Noselect, or gone with its last child
                continue
        for one in self.command("LSUB", Text(b""), Text(b"*")):
            if one.word == "LSUB" and one.nodes:
                self.command("UNSUBSCRIBE", Text(text_of(one.nodes[2]).encode("latin-1")))

    def empty(self, mailbox: str) -> None:
        if self.messages(mailbox) == 0:
            return
        self.command("SELECT", Text(mailbox.encode("latin-1")))
        self.command("STORE", "1:*", "+FLAGS.SILENT", "(\\Deleted)")
        self.command("CLOSE")

    def end(self) -> None:
        try:
            self.command("LOGOUT")
        except (Refused, OSError, BadGrammar):
            pass
        self.connection.close()


