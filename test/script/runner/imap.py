# SPDX-License-Identifier: Apache-2.0
"""What is particular to IMAP: tags, literals, untagged responses in any order, what comes unasked."""

import re
from dataclasses import dataclass

from runner import imap_match
from runner.connection import Connection
from runner.imap_assign import Assignment, Mismatch, report
from runner.imap_client import Wire
from runner.imap_model import Broken, Model
from runner.imap_seed import prepare, tidy  # noqa: F401  (part of what a protocol offers)
from runner.imap_wire import BadGrammar, Response, parse
from runner.transcript import Step, Transcript, expanded

SERVICE = "imap"
EXTENSION = ".imt"
SELECTING = ("SELECT", "EXAMINE", "CLOSE", "UNSELECT")

_IN = {
    "greeting": [],
    "connected": ["S * OK"],
    "authenticated": ["S * OK", "C LOGIN $user $password", "S OK"],
    "selected": ["S * OK", "C LOGIN $user $password", "S OK", "C SELECT INBOX", "S OK"],
    "examined": ["S * OK", "C LOGIN $user $password", "S OK", "C EXAMINE INBOX", "S OK"],
}
DEFAULT_STATE = "selected"


def prelude(state: str) -> list[Step]:
    """The steps before the script's own."""
    if state not in _IN:
        raise ValueError(f"state: {state} ({', '.join(_IN)})")
    return [Step(line[0], line[2:], 0) for line in _IN[state]]


def can_pipeline(script: Transcript) -> bool:
    """No answer is needed before the next command; literals are then sent without waiting."""
    if any(s.kind in ("Cx", "C+", "!") or (s.kind == "S" and s.text.startswith("+")) for s in script.steps):
        return False
    commands = [s.text for s in script.steps if s.kind == "C"]
    return not any(re.match(r"STARTTLS|LOGOUT|IDLE|AUTHENTICATE", text, re.IGNORECASE) for text in commands[:-1])


@dataclass
class Pending:
    tag: str
    command: str


_LITERAL = re.compile(r"\{\{\{(\+?)#(\d+)\}\}\}|\{\{(\+?)(.*?)\}\}(?!\})", re.DOTALL)


def unescaped(text: str) -> bytes:
    r"""\r \n \xNN in a short literal."""
    octets = text.encode()
    octets = re.sub(rb"\\x([0-9A-Fa-f]{2})", lambda m: bytes([int(m[1], 16)]), octets)
    return octets.replace(b"\\r", b"\r").replace(b"\\n", b"\n")


def with_literals(step: Step, text: str) -> list[tuple[bytes, str, bytes]]:
    """(octets before, "+" or "", value) for each literal; the last one has no literal: its value is what remains."""
    made = []
    at = 0
    for found in _LITERAL.finditer(text):
        value = unescaped(found[4]) if found[2] is None else step.blocks[int(found[2])]
        made.append((text[at : found.start()].encode(), found[1] or found[3] or "", value))
        at = found.end()
    made.append((b"", "", text[at:].encode()))
    return made


class Talk:
    """One connection of a script. `relaxed`: a foreign server is sent all commands at once and may answer them in
    part together (RFC 3501 section 5.5), so that data may come before the completion of earlier commands."""

    def __init__(self, connection: Connection, bound: dict[str, str], relaxed: bool = False):
        self.connection, self.bound, self._relaxed = connection, bound, relaxed
        self._wire = Wire(connection)
        self._model = Model()
        self._model.free = relaxed
        self._pending: list[Pending] = []
        self._early: list[tuple[Response, bool]] = []
        self._completed: dict[str, Response] = {}  # relaxed: of commands that are expected later
        self._tags = 0

    # ---- sending

    def send(self, step: Step) -> None:
        if step.kind == "Cx":
            self._model.free = True
            self.connection.send(expanded(step.text, self.bound).encode().decode("unicode_escape").encode("latin-1"))
            return
        head = self._tag(step) if step.kind == "C" else b""
        for before, mark, value in with_literals(step, expanded(step.text, self.bound))[:-1]:
            self.connection.send(head + before + b"{%d%s}\r\n" % (len(value), mark.encode()))
            if not mark and not self._goes_on():
                return
            head = value
        self.connection.send(head + with_literals(step, expanded(step.text, self.bound))[-1][2] + b"\r\n")

    def send_all(self, steps: list[Step]) -> None:
        """Everything at once: no literal waits."""
        whole = b""
        for step in steps:
            whole += self._tag(step)
            *parts, (_, _, last) = with_literals(step, expanded(step.text, self.bound))
            for before, _, value in parts:
                whole += before + b"{%d+}\r\n" % len(value) + value
            whole += last + b"\r\n"
        self.connection.send(whole)

    def _tag(self, step: Step) -> bytes:
        self._tags += 1
        words = step.text.upper().split(" ")
        command = " ".join(words[:2]) if words[0] == "UID" else words[0]
        self._pending.append(Pending(f"a{self._tags}", command))
        return f"a{self._tags} ".encode()

    def _goes_on(self) -> bool:
        """Waits for the continuation of a literal; a tagged answer instead ends the command."""
        while (got := self._read()) is not None:
            if got[0].kind == "+":
                return True
            if got[0].kind == "tagged":
                self._wire.put_back(got[0])
                return False
            self._early.append(got)
        return False

    # ---- reading

    def _command(self) -> str:
        """The one in progress."""
        command = self._pending[0].command if self._pending else ""
        return "" if self._relaxed and command not in SELECTING else command

    def _read(self) -> tuple[Response, bool] | None:
        try:
            got = self._wire.read()
            if got is None:
                return None
            return got, self._model.see(got, self._command())
        except (BadGrammar, Broken) as wrong:
            raise Mismatch(str(wrong)) from None
        except TimeoutError:
            raise Mismatch("nothing more came in time") from None

    def _read_on(self) -> tuple[Response, bool] | None:
        """The next response; completions that came out of turn wait for theirs."""
        wanted = self._pending[0].tag if self._pending else ""
        if wanted in self._completed:
            return self._completed.pop(wanted), True
        while (got := self._read()) is not None and self._relaxed and got[0].kind == "tagged" and got[0].tag != wanted:
            self._completed[got[0].tag] = got[0]
        return got

    def expect(self, steps: list[Step]) -> None:
        """Reads what `steps`, all of them expectations in a row, ask for."""
        part: list[Step] = []
        for step in steps:
            part.append(step)
            if step.kind == "S" and not step.text.startswith("* "):
                self._expect_part(part[:-1], step)
                part = []
        if part:
            self._expect_part(part, None)

    def _expect_part(self, steps: list[Step], last: Step | None) -> None:
        if self._pending:
            self.bound["tag"] = self._pending[0].tag
        wanted = [(step, self._pattern(step)) for step in steps]
        seen, self._early = self._early, []
        if last is None:
            self._until_all(wanted, seen)
        else:
            self._until_end(wanted, seen, last)

    def _pattern(self, step: Step) -> Response:
        text = _joined(step.text, self.bound)
        octets = b""
        for before, _, value in with_literals(step, text)[:-1]:
            octets += before + b"{%d}\r\n" % len(value) + value
        octets += with_literals(step, text)[-1][2]
        try:
            return parse(octets, pattern=True)
        except BadGrammar as wrong:
            raise ValueError(f"line {step.line} of the script: {wrong}") from None

    def _until_all(self, wanted: list[tuple[Step, Response]], seen: list[tuple[Response, bool]]) -> None:
        """No command is being answered: reads until everything has come (IDLE, the greeting)."""
        while True:
            after = Assignment(wanted, seen, self.bound).found()
            if after is not None:
                self._settle(wanted, seen, after)
                return
            got = None
            try:
                got = self._read()
            except Mismatch as wrong:
                raise Mismatch(f"{wrong}; {report(wanted, seen, self.bound)}") from None
            if got is None or got[0].kind != "untagged":
                raise Mismatch(f"{got[0] if got else 'the server closed'}; {report(wanted, seen, self.bound)}")
            seen.append(got)

    def _until_end(self, wanted: list[tuple[Step, Response]], seen: list, last: Step) -> None:
        try:
            while (got := self._read_on()) is not None and got[0].kind == "untagged":
                seen.append(got)
        except Mismatch as wrong:
            shown = " | ".join(str(r) for r, _ in seen)
            raise Mismatch(f"{wrong}; before {last.text!r} came {shown!r}") from None
        self._check_end(got[0] if got else None, last, seen)
        merged = seen if self._relaxed else _merged(seen)
        after = Assignment(wanted, merged, self.bound).found()
        if after is None:
            raise Mismatch(report(wanted, merged, self.bound) + f"; then {got[0] if got else 'the server closed'}")
        self._settle(wanted, merged, after)

    def _check_end(self, got: Response | None, last: Step, seen: list) -> None:
        came = " | ".join(str(r) for r, _ in seen)
        if last.text == "<closed>":
            if got is not None:
                raise Mismatch(f"expected the end, got {got} after {came!r}")
            return
        if got is None:
            raise Mismatch(f"expected {last.text!r}, but the server closed after {came!r}")
        pattern = self._pattern(last)
        if pattern.kind == "+":
            if got.kind != "+" or (pattern.text and pattern.text != got.text):
                raise Mismatch(f"expected {last.text!r}, got {got} after {came!r}")
            return
        tag = pattern.tag or (self._pending[0].tag if self._pending else "?")
        after = imap_match.response(pattern, got, self.bound) if got.tag == tag else None
        if after is None:
            raise Mismatch(f"expected {tag} {last.text!r}, got {got} after {came!r}")
        if not pattern.tag:
            self._pending.pop(0)
        self.bound.update(after)

    def _settle(self, wanted: list, seen: list, found: tuple[dict, set[int]]) -> None:
        bound, used = found
        for at, (response, news) in enumerate(seen):
            if at not in used and not self._may_come(response, news):
                if not self._relaxed:
                    raise Mismatch(f"unexpected: {response}")
                self._early.append((response, news))
        for step, pattern in wanted:
            if step.kind == "S!" and not self._relaxed:
                for response, _ in seen:
                    if imap_match.response(pattern, response, bound, prefix=True) is not None:
                        raise Mismatch(f"line {step.line}: this must not come: {response}")
        self.bound.update(bound)

    @staticmethod
    def _may_come(response: Response, news: bool) -> bool:
        """What a server may say at any time and a client may overhear."""
        return response.word in ("OK", "RECENT", "CAPABILITY", "FLAGS") or (response.word == "EXISTS" and not news)

    def finish(self) -> None:
        """Nothing may be left but what may always come; a BYE at the end is the server's choice."""
        if self._early:
            raise Mismatch(f"unexpected: {self._early[0][0]}")
        rest = self.connection.rest()
        for line in rest.split(b"\r\n"):
            if line and not re.match(rb"\* (?:OK|BYE|CAPABILITY|FLAGS|\d+ (?:RECENT|EXISTS))", line, re.IGNORECASE):
                raise Mismatch(f"unexpected at the end: {rest[:300]!r}")


def _joined(text: str, bound: dict[str, str]) -> str:
    """$names inside of sets, quoted strings and literals, where no value of their own can stand."""
    text = re.sub(r"%\{(.)\*(\d+)\}", lambda m: m[1] * int(m[2]), text)
    fill = lambda m: bound.get(m[1], m[0])  # noqa: E731
    text = re.sub(r"\$([a-z]\w*)(?=[:,])", fill, text)
    text = re.sub(r"(?<=[:,])\$([a-z]\w*)", fill, text)
    inside = re.compile(r'"(?:[^"\\]|\\.)*"|\{\{(?!\{).*?\}\}', re.DOTALL)
    return inside.sub(lambda m: re.sub(r"\$([a-z]\w*)", fill, m[0]), text)


def _merged(seen: list[tuple[Response, bool]]) -> list[tuple[Response, bool]]:
    news = {id(response): told for response, told in seen}
    return [(r, news.get(id(r), True)) for r in imap_match.merged([r for r, _ in seen])]
