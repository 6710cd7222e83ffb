# SPDX-License-Identifier: Apache-2.0
"""What an IMAP server says as values (RFC 3501 section 9), and the expectations of a script in the same form."""

import re
from dataclasses import dataclass, field


class BadGrammar(Exception):
    """The octets are not what the formal syntax allows."""


class Atom(str):
    """An atom, a number, a flag, a section name: compared without regard to case."""


class Text(bytes):
    """A quoted string or a literal: the same value either way."""


class AnyCase(bytes):
    """~"text" in an expectation: a string whose case is free."""


class Hole(str):
    """$name binds a value, a lone $ is any one value."""


class Rest:
    """$* in an expectation: whatever else the list has."""


Node = Atom | Text | AnyCase | Hole | Rest | list

STATUS_WORDS = ("OK", "NO", "BAD", "BYE", "PREAUTH")
MOST_NESTING = 60


@dataclass
class Response:
    kind: str  # "+", "tagged", "untagged"
    raw: bytes
    tag: str = ""
    word: str = ""  # upper case: OK, FETCH, LIST, ...
    number: Node | None = None
    code: list | None = None  # [ATOM, values...] of a response code
    text: str = ""
    nodes: list = field(default_factory=list)

    def __str__(self) -> str:
        shown = self.raw.decode("latin-1")
        return shown if len(shown) <= 300 else f"{shown[:300]}... ({len(shown)} octets)"


class Scanner:
    """Literals are in place: {3}CRLFabc. `pattern`: an expectation, with holes."""

    def __init__(self, octets: bytes, pattern: bool = False):
        self.octets, self.at, self.pattern = octets, 0, pattern

    def end(self) -> bool:
        return self.at >= len(self.octets)

    def peek(self) -> bytes:
        return self.octets[self.at : self.at + 1]

    def take(self, wanted: bytes) -> None:
        if not self.octets.startswith(wanted, self.at):
            raise BadGrammar(f"expected {wanted!r} at octet {self.at} of {self.octets[:200]!r}")
        self.at += len(wanted)

    def match(self, pattern: bytes) -> bytes | None:
        found = re.compile(pattern, re.DOTALL).match(self.octets, self.at)
        if not found:
            return None
        self.at = found.end()
        return found[0]

    def node(self, closing: bytes = b"", depth: int = 0) -> Node:
        if depth > MOST_NESTING:
            raise BadGrammar("too deep")
        first = self.peek()
        if first == b"(":
            return self._list(depth)
        if first == b'"':
            return self._quoted()
        if first == b"{" or (first == b"~" and self.octets[self.at + 1 : self.at + 2] == b"{"):
            return self._literal()
        if self.pattern and self.match(rb'~(?=")'):
            return AnyCase(self._quoted())
        if self.pattern:
            if self.match(rb"\$\*"):
                return Rest()
            if (hole := self.match(rb"\$([a-z]\w*)?(?=[ )\]]|$)")) is not None:
                return Hole(hole[1:].decode())
        return self._atom(closing)

    def _list(self, depth: int) -> list:
        self.take(b"(")
        made: list = []
        while self.peek() != b")":
            if self.end():
                raise BadGrammar("a list without its end")
            # body = "(" 1*body ...: the parts of a multipart stand side by side without a space.
            if made and not (isinstance(made[-1], list) and self.peek() == b"("):
                self.take(b" ")
            made.append(self.node(depth=depth + 1))
        self.take(b")")
        return made

    def _quoted(self) -> Text:
        found = self.match(rb'"(?:[^"\\\r\n\x00\x80-\xff]|\\["\\])*"')
        if found is None and self.pattern:
            found = self.match(rb'"(?:[^"\\\r\n\x00]|\\["\\])*"')
        if found is None:
            raise BadGrammar(f"not a quoted string: {self.octets[self.at : self.at + 80]!r}")
        return Text(re.sub(rb"\\(.)", rb"\1", found[1:-1]))

    def _literal(self) -> Text:
        head = self.match(rb"~?\{\d+\}\r\n")
        if head is None:
            raise BadGrammar(f"not a literal: {self.octets[self.at : self.at + 40]!r}")
        size = int(re.search(rb"\d+", head)[0])
        value = self.octets[self.at : self.at + size]
        self.at += size
        return Text(value)

    def _atom(self, closing: bytes) -> Atom:
        start = self.at
        stops = rb' ()"\{\x00-\x1f\x7f-\xff' + re.escape(closing)
        while True:
            self.match(rb"[^\[" + stops + rb"]+")
            if self.peek() != b"[" or closing == b"[":
                break
            # BODY[HEADER.FIELDS (A B)]<0>: one name
            if self.match(rb'\[(?:[^\]"\r\n]|"[^"\r\n]*")*\]') is None:
                raise BadGrammar(f"a section without its end: {self.octets[start : start + 80]!r}")
        if self.at == start:
            raise BadGrammar(f"no value at octet {start} of {self.octets[:200]!r}")
        return Atom(self.octets[start : self.at].decode("ascii"))


def parse(octets: bytes, pattern: bool = False) -> Response:
    """One whole response without its last CRLF; or, with `pattern`, an expectation."""
    if octets == b"+" or octets.startswith(b"+ "):
        return Response("+", octets, text=octets[2:].decode("latin-1"))
    scan = Scanner(octets, pattern)
    made = Response("untagged", octets)
    if scan.match(rb"\* ") is None:
        made.kind = "tagged"
        words = "|".join(STATUS_WORDS[:3]).encode()
        if pattern and re.match(rb"(?:" + words + rb")(?:\||\s|$)", octets):
            made.tag = ""  # that of the oldest command that is not answered yet
        else:
            made.tag = (scan.match(rb'[^ (){%*"\\+\x00-\x1f\x7f-\xff]+') or b"").decode()
            scan.take(b" ")
            if not made.tag:
                raise BadGrammar(f"neither untagged nor tagged: {octets[:200]!r}")
    _after_tag(scan, made)
    return made


def _after_tag(scan: Scanner, made: Response) -> None:
    first = scan.node()
    if made.kind == "untagged" and (isinstance(first, Hole) or first.isdigit()):
        made.number = first
        scan.take(b" ")
        first = scan.node()
    if not isinstance(first, Atom):
        raise BadGrammar(f"no response name: {scan.octets[:200]!r}")
    made.word = first.upper()
    if made.word.split("|")[0] in STATUS_WORDS:
        _resp_text(scan, made)
        return
    if made.kind == "tagged":
        raise BadGrammar(f"a tagged response is OK, NO or BAD: {scan.octets[:200]!r}")
    while not scan.end():
        scan.take(b" ")
        made.nodes.append(scan.node())


def _resp_text(scan: Scanner, made: Response) -> None:
    """resp-text = ["[" resp-text-code "]" SP] text"""
    if scan.pattern and scan.end():
        return
    scan.take(b" ")
    if scan.peek() == b"[":
        scan.take(b"[")
        made.code = _code(scan)
        scan.take(b"]")
        if not (scan.end() and scan.pattern):
            scan.take(b" ")
    made.text = scan.octets[scan.at :].decode("latin-1")
    if not scan.pattern and (not made.text or re.search(r"[\x00\r\n\x80-\xff]", made.text)):
        raise BadGrammar(f"text is one or more 7-bit characters: {scan.octets[:200]!r}")


def _code(scan: Scanner) -> list:
    made: list = [Atom((scan.match(rb"[^ \]\r\n]+") or b"").decode("ascii"))]
    if not made[0]:
        raise BadGrammar(f"an empty response code: {scan.octets[:200]!r}")
    start = scan.at
    try:
        while scan.peek() == b" ":
            scan.take(b" ")
            made.append(scan.node(closing=b"]"))
        if scan.peek() != b"]":
            raise BadGrammar("not values")
    except BadGrammar:
        # atom [SP 1*<any TEXT-CHAR except "]">] is as free as text
        scan.at = start
        made[1:] = [Atom((scan.match(rb"[^\]\r\n]*") or b"").decode("latin-1").strip())]
    return made


def text_of(node: Node) -> str:
    """What $name stands for once it is bound."""
    if isinstance(node, list):
        return "(" + " ".join(text_of(part) for part in node) + ")"
    if isinstance(node, (Text, AnyCase)):
        return bytes(node).decode("latin-1")
    return str(node)
