# SPDX-License-Identifier: Apache-2.0
"""Reads a transcript into values; knows nothing of sockets or of a protocol."""

import re
from dataclasses import dataclass, field
from pathlib import Path

WAYS = ("lines", "bytes", "tls", "pipelined")

_HEADER = re.compile(r"^([a-z]+):\s*(.*)$")
_STEP = re.compile(r"^(?:(\d+) )?(C|Cx|C\+|S|S\*|S\+|S\?|S!|!)(?::| )(?: ?(.*))?$")
_FILE = re.compile(r"\{\{\{(\+?)([^{}#+][^{}]*)\}\}\}")
_OPEN = re.compile(r"\{\{\{(\+?)$")
_EXPANSION = re.compile(r"%\{(.)\*(\d+)\}")


class BadTranscript(Exception):
    """The file itself is wrong; names file and line."""


@dataclass
class Step:
    """One line: `C` send a line, `C+` one without a tag, `Cx` send octets, `S`, `S*`, `S+`, `S?`, `S!` expect, `!` do
    something else."""

    kind: str
    text: str
    line: int
    connection: int = 1
    block: bytes | None = None  # the octets of {{{ }}} or of {{{file}}}
    from_file: bool = False
    blocks: list[bytes] = field(default_factory=list)  # IMAP: {{{#0}}}, {{{+#1}}} in the text stand for these


@dataclass
class Transcript:
    path: Path
    config: list[str] = field(default_factory=list)
    mailboxes: list[tuple[str, str]] = field(default_factory=list)  # file, what else the line says
    creates: list[str] = field(default_factory=list)
    needs: list[str] = field(default_factory=list)  # capabilities
    lacks: list[str] = field(default_factory=list)  # those of them that our own server is known not to have
    connections: int = 1
    users: int = 1
    state: str = ""  # the protocol's usual one
    ways: tuple[str, ...] = WAYS
    regression: str = ""
    steps: list[Step] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"{self.path.parent.name}/{self.path.stem}"

    def can_pipeline(self) -> bool:
        """One connection, nothing but lines, and no line that needs an answer seen before."""
        if self.connections > 1 or any(s.kind in ("Cx", "!") for s in self.steps):
            return False
        bound: set[str] = set()
        for step in self.steps:
            names = set(re.findall(r"\$([a-z]\w*)", step.text))
            if step.kind.startswith("C") and names & bound:
                return False
            if step.kind.startswith("S"):
                bound |= names
        return True

    def applicable(self, way: str) -> bool:
        if way not in self.ways or (way == "pipelined" and not self.can_pipeline()):
            return False
        # What upgrades by itself cannot begin encrypted.
        return not (way == "tls" and any(s.kind == "!" and s.text == "tls" for s in self.steps))


def load(path: Path, root: Path) -> Transcript:
    """`root` is where mailbox: and {{{file}}} names start."""
    script = Transcript(path)
    lines = path.read_text(encoding="utf-8").split("\n")
    number = 0
    while number < len(lines):
        text = lines[number]
        number += 1
        if not text.strip() or text.startswith("#"):
            continue
        step = _STEP.match(text)
        if step:
            made = Step(step[2], step[3] or "", number, int(step[1] or 1))
            if made.text == "{{{":
                number = _inline_block(lines, number, made, path)
            elif made.kind == "S" and re.fullmatch(r"\{\{\{[^{}]*\}\}\}", made.text):
                made.block = (root / made.text[3:-3]).read_bytes()
                made.from_file = True
            else:
                number = _embedded_blocks(lines, number, made, path, root)
            script.steps.append(made)
            continue
        header = _HEADER.match(text)
        if not header or script.steps:
            raise BadTranscript(f"{path}:{number}: not a step, not a header: {text}")
        _set_header(script, header[1], header[2].split(" #")[0].strip(), number)
    if not script.steps:
        raise BadTranscript(f"{path}: no steps")
    if max(s.connection for s in script.steps) > script.connections:
        raise BadTranscript(f"{path}: more connections are used than `connections:` says")
    return script


def _embedded_blocks(lines: list[str], number: int, step: Step, path: Path, root: Path) -> int:
    """{{{file}}}, and {{{ at the end of a line with the block in the lines below; }}} may be followed by more."""

    def named(found: re.Match[str]) -> str:
        step.blocks.append((root / found[2]).read_bytes())
        return f"{{{{{{{found[1]}#{len(step.blocks) - 1}}}}}}}"

    step.text = _FILE.sub(named, step.text)
    while found := _OPEN.search(step.text):
        block = []
        while number < len(lines) and not lines[number].startswith("}}}"):
            block.append(lines[number].encode() + b"\r\n")
            number += 1
        if number == len(lines):
            raise BadTranscript(f"{path}:{step.line}: {{{{{{ without }}}}}}")
        step.blocks.append(b"".join(block))
        after = _FILE.sub(named, lines[number][3:])
        step.text = f"{step.text[: found.start()]}{{{{{{{found[1]}#{len(step.blocks) - 1}}}}}}}{after}"
        number += 1
    return number


def _inline_block(lines: list[str], number: int, step: Step, path: Path) -> int:
    block = []
    while number < len(lines) and lines[number] != "}}}":
        block.append(lines[number].encode())
        number += 1
    if number == len(lines):
        raise BadTranscript(f"{path}:{step.line}: {{{{{{ without }}}}}}")
    step.block = b"".join(line + b"\r\n" for line in block)
    return number + 1


def _set_header(script: Transcript, key: str, value: str, number: int) -> None:
    if key == "config":
        if "=" not in value:
            raise BadTranscript(f"{script.path}:{number}: config: needs name=value")
        script.config.append(value)
    elif key == "mailbox":
        words = value.split()
        script.mailboxes.append((words[0], " ".join(words[1:])))
    elif key == "create":
        script.creates.append(value)
    elif key in ("needs", "lacks"):
        getattr(script, key).extend(value.upper().split())
    elif key == "connections":
        script.connections = int(value)
    elif key == "users":
        script.users = int(value)
    elif key == "state":
        script.state = value
    elif key == "regression":
        script.regression = value
    elif key == "ways":
        script.ways = tuple(value.split())
        if not set(script.ways) <= set(WAYS):
            raise BadTranscript(f"{script.path}:{number}: ways are {', '.join(WAYS)}")
    else:
        raise BadTranscript(f"{script.path}:{number}: unknown header {key}:")


def expanded(text: str, bound: dict[str, str]) -> str:
    """$names filled in, %{A*300} spelled out."""
    text = _EXPANSION.sub(lambda m: m[1] * int(m[2]), text)
    return re.sub(r"\$([a-z]\w*)", lambda m: bound.get(m[1], m[0]), text)


def octets_of(step: Step, bound: dict[str, str]) -> bytes:
    """What a C or Cx step sends; Cx with \\r \\n \\xNN."""
    text = expanded(step.text, bound)
    if step.kind == "Cx":
        return text.encode().decode("unicode_escape").encode("latin-1")
    return text.encode() + b"\r\n"
