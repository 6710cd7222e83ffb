# SPDX-License-Identifier: Apache-2.0
"""The options as the programs themselves describe them: `msconfig sample` names them, `msconfig explain` explains."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

LINE = re.compile(r'^#"?([a-z][a-z_]*:?[^ :"]*\.[A-Za-z0-9_.:*-]+)"?: ', re.M)
CHANGE = re.compile(r"^  Change: +(\w+)", re.M)
RECEIVERS = re.compile(r"^  Goes to: .* the workers of (.*)$", re.M)


@dataclass(frozen=True)
class Option:
    apply: str                # live, refresh or restart
    not_yet: bool             # it says itself that nothing depends on it in this release
    services: frozenset[str]  # whose workers are handed it


def names(run) -> set[str]:
    """`run` runs a program of the product and returns what it prints. Those of a group have NAME for its name."""
    return set(LINE.findall(run("msconfig", "sample")))


def options(run, file: Path, wanted: Iterable[str]) -> dict[str, Option]:
    """All of them in one run of msconfig, whose commands are put into `file`."""
    wanted = list(wanted)
    file.write_text("".join(f"explain {name}\n" for name in wanted))
    texts: dict[str, list[str]] = {}
    lines = None
    for line in run("msconfig", "run", str(file)).splitlines():
        if not line.startswith(" "):
            lines = texts.setdefault(line.strip(), [])
        lines.append(line)
    return {name: _option("\n".join(texts[name])) for name in wanted}


def _option(text: str) -> Option:
    receivers = RECEIVERS.search(text)
    return Option(CHANGE.search(text).group(1), "not yet" in text.lower(),
                  frozenset(receivers.group(1).split(", ") if receivers else ()))
