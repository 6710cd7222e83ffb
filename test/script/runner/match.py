# SPDX-License-Identifier: Apache-2.0
"""Patterns of expected lines: $name binds a word, a lone $ is anything."""

import re

_HOLE = re.compile(r"\$([a-z]\w*)?")


def to_regex(pattern: str, bound: dict[str, str], open_end: bool) -> re.Pattern[str]:
    """`open_end`: further words may follow (status lines carry free text)."""
    out = []
    seen: set[str] = set()
    at = 0
    for hole in _HOLE.finditer(pattern):
        out.append(re.escape(pattern[at : hole.start()]))
        name = hole[1]
        if name is None:
            out.append(".*")
        elif name in bound:
            out.append(re.escape(bound[name]))
        elif name in seen:
            out.append(f"(?P={name})")
        else:
            seen.add(name)
            out.append(f"(?P<{name}>\\S+)")
        at = hole.end()
    out.append(re.escape(pattern[at:]))
    if open_end:
        out.append("(?: .*)?")
    return re.compile("".join(out), re.DOTALL | (re.IGNORECASE if open_end else 0))


def matches(pattern: str, line: str, bound: dict[str, str], open_end: bool = False) -> bool:
    """Whether `line` is what `pattern` says; then its new names are bound."""
    found = to_regex(pattern, bound, open_end).fullmatch(line)
    if not found:
        return False
    bound.update({k: v for k, v in found.groupdict().items() if v is not None})
    return True
