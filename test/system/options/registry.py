# SPDX-License-Identifier: Apache-2.0
"""The options as the programs themselves describe them: `msconfig sample` names them, `msconfig explain` explains."""

import re
from dataclasses import dataclass

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


def option(run, name: str) -> Option:
    text = run("msconfig", "explain", name)
    receivers = RECEIVERS.search(text)
    return Option(CHANGE.search(text).group(1), "not yet" in text.lower(),
                  frozenset(receivers.group(1).split(", ") if receivers else ()))
