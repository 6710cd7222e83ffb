# SPDX-License-Identifier: Apache-2.0
"""IMAP responses, read strictly: octets in, values out. What RFC 3501's grammar does not allow is a BadResponse."""

import re
import socket
import ssl
from dataclasses import dataclass, field

TIMEOUT = 60.0
LITERAL_END = re.compile(rb"\{(\d+)\}\r\n\Z")
CONDITIONS = (b"OK", b"NO", b"BAD", b"BYE", b"PREAUTH")


class BadResponse(Exception):
    """The server broke the grammar or a rule."""


@dataclass
class Response:
    """`kind` is the tag, "*" or "+"; `name` the response in capitals; `number` of * n NAME; `code` of [CODE ...]."""
    kind: str
    name: str = ""
    number: int | None = None
    values: list = field(default_factory=list)
    code: str = ""
    code_text: bytes = b""
    raw: bytes = b""


class Cursor:
    """Walks over one response, literals included."""

    def __init__(self, octets: bytes):
        self.octets, self.at = octets, 0

    def fail(self, what: str):
        raise BadResponse(f"{what} at octet {self.at} of {self.octets[:400]!r}")

    def peek(self) -> bytes:
        return self.octets[self.at : self.at + 1]

    def skip(self, wanted: bytes):
        if not self.octets.startswith(wanted, self.at):
            self.fail(f"no {wanted!r}")
        self.at += len(wanted)

    def match(self, pattern: re.Pattern) -> bytes:
        found = pattern.match(self.octets, self.at)
        if not found:
            self.fail(f"nothing like {pattern.pattern!r}")
        self.at = found.end()
        return found.group()

    def end(self):
        self.skip(b"\r\n")
        if self.at != len(self.octets):
            self.fail("more than one line")

    ATOM = re.compile(rb'[^\x00-\x20\x7f-\xff(){"]+')
    QUOTED = re.compile(rb'"((?:[^"\\\r\n\0]|\\["\\])*)"')
    LITERAL = re.compile(rb"\{\d+\}\r\n")

    def value(self):
        """A list, an atom (bytes), a string (bytearray, so that the two differ), or None for NIL."""
        first = self.peek()
        if first == b"(":
            return self.list()
        if first == b'"':
            quoted = self.match(self.QUOTED)
            return bytearray(re.sub(rb"\\(.)", rb"\1", quoted[1:-1]))
        if first == b"{":
            size = int(self.match(self.LITERAL)[1:-3])
            self.at += size
            return bytearray(self.octets[self.at - size : self.at])
        atom = self.match(self.ATOM)
        return None if atom.upper() == b"NIL" else atom

    def list(self) -> list:
        self.skip(b"(")
        found = []
        while self.peek() != b")":
            if found and not (self.peek() == b"(" and isinstance(found[-1], list)):
                self.skip(b" ")
            found.append(self.value())
        self.skip(b")")
        return found

    SECTION = re.compile(rb"[A-Za-z0-9.]+(?:\[[^\]\r\n]*\](?:<\d+>)?)?")

    def fetch_list(self) -> dict:
        """The pairs of a FETCH response, by the item's name in capitals."""
        self.skip(b"(")
        found = {}
        while self.peek() != b")":
            if found:
                self.skip(b" ")
            name = self.match(self.SECTION).decode().upper()
            self.skip(b" ")
            if name in found:
                self.fail(f"{name} twice")
            found[name] = self.value()
        self.skip(b")")
        if not found:
            self.fail("an empty FETCH")
        return found


NUMBERED = re.compile(rb"\* (\d+) (EXISTS|RECENT|EXPUNGE|FETCH)", re.IGNORECASE)
WORD = re.compile(rb"[A-Za-z0-9-]+")
TEXT = re.compile(rb"[\x20-\x7e]+")
CODE = re.compile(rb"\[([A-Za-z0-9-]+)(?: ([^\]\r\n]*))?\](?: |(?=\r\n))")
PLAIN = {b"CAPABILITY", b"FLAGS", b"LIST", b"LSUB", b"SEARCH", b"ESEARCH", b"STATUS", b"VANISHED", b"ENABLED", b"ID",
         b"NAMESPACE"}


def condition(cursor: Cursor, response: Response):
    """OK, NO, BAD, BYE, PREAUTH: [code] text."""
    cursor.skip(b" ")
    found = CODE.match(cursor.octets, cursor.at)
    if found:
        response.code, response.code_text = found.group(1).decode().upper(), found.group(2) or b""
        cursor.at = found.end()
    cursor.match(TEXT)
    cursor.end()


def parse(octets: bytes) -> Response:
    cursor = Cursor(octets)
    if octets.startswith(b"+ "):
        return Response("+", raw=octets)
    numbered = NUMBERED.match(octets)
    if numbered:
        response = Response("*", numbered.group(2).decode().upper(), int(numbered.group(1)), raw=octets)
        cursor.at = numbered.end()
        if response.name == "FETCH":
            cursor.skip(b" ")
            response.values = [cursor.fetch_list()]
        cursor.end()
        return response
    kind = cursor.match(re.compile(rb"[^\x00-\x20\x7f-\xff(){%\"\\]+")).decode()
    cursor.skip(b" ")
    name = cursor.match(WORD).upper()
    response = Response(kind, name.decode(), raw=octets)
    if name in CONDITIONS:
        condition(cursor, response)
    elif kind == "*" and name in PLAIN:
        while cursor.peek() != b"\r":
            cursor.skip(b" ")
            response.values.append(cursor.value())
        cursor.end()
    else:
        cursor.fail("unknown response")
    return response


def sequence(text: bytes) -> list[int]:
    """1:3,7 as numbers, in the order given. No asterisk: servers name what is there."""
    found = []
    for part in text.split(b","):
        first, colon, last = part.partition(b":")
        if not first.isdigit() or (colon and not last.isdigit()) or first.startswith(b"0"):
            raise BadResponse(f"not a set of numbers: {text!r}")
        low, high = int(first), int(last or first)
        found.extend(range(low, high + 1) if low <= high else range(low, high - 1, -1))
    return found


class Connection:
    """Octets to responses, over one socket."""

    def __init__(self, host: str, port: int, tls: bool = False):
        self.socket = socket.create_connection((host, port), timeout=TIMEOUT)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            self.socket = context.wrap_socket(self.socket)
        self.buffer = bytearray()

    def send(self, octets: bytes):
        self.socket.settimeout(TIMEOUT)
        self.socket.sendall(octets)

    def complete(self) -> bytes | None:
        """The first whole response of the buffer, its literals included."""
        at = 0
        while True:
            end = self.buffer.find(b"\r\n", at)
            if end < 0:
                return None
            line = bytes(self.buffer[at : end + 2])
            if b"\n" in line[:-2] or b"\r" in line[:-2] or b"\0" in line:
                raise BadResponse(f"CR, LF or NUL inside of a line: {line[:400]!r}")
            at = end + 2
            literal = LITERAL_END.search(line)
            if not literal:
                break
            at += int(literal.group(1))
        octets = bytes(self.buffer[:at])
        del self.buffer[:at]
        return octets

    def read(self) -> Response:
        """The next response; waits for it."""
        self.socket.settimeout(TIMEOUT)
        while (octets := self.complete()) is None:
            part = self.socket.recv(262144)
            if not part:
                raise BadResponse(f"closed by the server; unread: {bytes(self.buffer[:400])!r}")
            self.buffer += part
        return parse(octets)

    def arrived(self) -> list[Response]:
        """What has arrived by now; does not wait."""
        self.socket.settimeout(0.0)
        try:
            while part := self.socket.recv(262144):
                self.buffer += part
            raise BadResponse("closed by the server")
        except (BlockingIOError, ssl.SSLWantReadError):
            pass
        found = []
        while (octets := self.complete()) is not None:
            found.append(parse(octets))
        return found

    def close(self):
        self.socket.close()
