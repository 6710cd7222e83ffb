# SPDX-License-Identifier: Apache-2.0
"""Whether a response is what an expectation says: order is free where the RFC leaves it free."""

import re
from dataclasses import replace

from runner.imap_wire import AnyCase, Atom, Hole, Node, Response, Rest, Text, text_of

Bound = dict[str, str]

_SET = re.compile(r"(?:\d+(?::\d+)?)(?:,\d+(?::\d+)?)*\Z")
MOST_IN_SET = 1_000_000


def numbers_of(text: str) -> list[int] | None:
    """1:3,5 spelled out; nothing when it is no sequence set."""
    if not _SET.match(text):
        return None
    made: list[int] = []
    for part in text.split(","):
        low, _, high = part.partition(":")
        first, last = sorted((int(low), int(high or low)))
        if last - first + len(made) > MOST_IN_SET:
            return None
        made.extend(range(first, last + 1))
    return made


def section(name: str) -> str:
    """BODY[header.fields ("Subject" From)] in one spelling."""
    return name.replace('"', "").upper()


def same(wanted: Node, got: Node, bound: Bound, exact: bool = False) -> Bound | None:
    """The bindings afterwards, or nothing when it is something else. `exact`: atoms too mind their case."""
    if isinstance(wanted, Hole):
        return _bind(wanted, got, bound)
    if isinstance(wanted, Rest):
        return bound
    if isinstance(wanted, list):
        return in_order(wanted, got, bound) if isinstance(got, list) else None
    if isinstance(got, list):
        return None
    if isinstance(wanted, AnyCase):
        return bound if isinstance(got, Text) and got.lower() == wanted.lower() else None
    if isinstance(wanted, Text):
        return bound if isinstance(got, Text) and bytes(got) == _filled(wanted, bound) else None
    return bound if _same_atom(str(wanted), got, exact) else None


def _filled(wanted: Text, bound: Bound) -> bytes:
    """ "Shared Folders/User/$user": names that are bound stand for their values inside of strings, too."""
    return re.sub(rb"\$([a-z]\w*)", lambda m: bound.get(m[1].decode(), m[0].decode()).encode(), bytes(wanted))


def _bind(wanted: Hole, got: Node, bound: Bound) -> Bound | None:
    if not wanted:
        return bound
    if wanted == "nothing":
        return bound if text_of(got) in ("", "NIL") and not isinstance(got, list) else None
    if wanted not in bound:
        return {**bound, str(wanted): text_of(got)}
    if bound[wanted] == text_of(got):
        return bound
    before, now = numbers_of(bound[wanted]), numbers_of(text_of(got))
    return bound if before is not None and before == now else None


def _same_atom(wanted: str, got: Node, exact: bool) -> bool:
    if isinstance(got, Text):
        # A name without need of quotes may be quoted; NIL is not the string "NIL".
        return wanted.upper() != "NIL" and wanted.encode() == bytes(got)
    if wanted == got or (not exact and section(wanted) == section(got)):
        return True
    first = numbers_of(wanted) if re.search("[:,]", wanted + got) else None
    return first is not None and sorted(first) == sorted(numbers_of(str(got)) or [])


def in_order(wanted: list, got: list, bound: Bound) -> Bound | None:
    for at, part in enumerate(wanted):
        if isinstance(part, Rest):
            return bound
        if at >= len(got):
            return None
        after = same(part, got[at], bound)
        if after is None:
            return None
        bound = after
    return bound if len(got) == len(wanted) else None


def any_order(wanted: list, got: list, bound: Bound, compare=same) -> Bound | None:
    """Each of `wanted` is another one of `got`, and with $* there may be more."""
    rest = any(isinstance(part, Rest) for part in wanted)
    left = list(got)
    open_ones = []
    for part in (p for p in wanted if not isinstance(p, Rest)):
        if isinstance(part, Atom):  # no choice to be made: found or not
            hit = next((g for g in left if compare(part, g, bound) is not None), None)
            if hit is None:
                return None
            left = [g for g in left if g is not hit]
        else:
            open_ones.append(part)
    return _choose(open_ones, left, bound, compare, rest)


def _choose(wanted: list, got: list, bound: Bound, compare, rest: bool) -> Bound | None:
    if not wanted:
        return bound if rest or not got else None
    for at, candidate in enumerate(got):
        after = compare(wanted[0], candidate, bound)
        if after is not None:
            done = _choose(wanted[1:], got[:at] + got[at + 1 :], after, compare, rest)
            if done is not None:
                return done
    return None


# ---- names with values: FETCH, STATUS, ID, ESEARCH

UNASKED = ("UID", "FLAGS", "MODSEQ")  # a server may tell these of a message at any time


def pairs(nodes: list, names_only: tuple[str, ...] = ()) -> list:
    """(name value) two by two; a $* stays alone."""
    made: list = []
    at = 0
    while at < len(nodes):
        if isinstance(nodes[at], Rest) or str(text_of(nodes[at])).upper() in names_only:
            made.append(nodes[at] if isinstance(nodes[at], Rest) else [nodes[at]])
            at += 1
        else:
            made.append(nodes[at : at + 2])
            at += 2
    return made


def _same_pair(wanted: list, got: list, bound: Bound) -> Bound | None:
    if len(wanted) != len(got):
        return None
    if isinstance(wanted[0], Text):
        named = bytes(wanted[0]).lower() == text_of(got[0]).encode("latin-1").lower()
    else:
        named = section(text_of(wanted[0])) == section(text_of(got[0]))
    if not named or len(wanted) == 1:
        return bound if named else None
    if section(text_of(wanted[0])) == "FLAGS" and isinstance(wanted[1], list) and isinstance(got[1], list):
        return flags(wanted[1], got[1], bound)
    return same(wanted[1], got[1], bound)


def flags(wanted: list, got: list, bound: Bound) -> Bound | None:
    r"""In any order; \Recent is told or not as the server likes, unless the script speaks of it."""
    if not any(str(f).lower() == "\\recent" for f in wanted if isinstance(f, Atom)):
        got = [f for f in got if str(f).lower() != "\\recent"]
    return any_order(wanted, got, bound)


def fetch(wanted: list, got: list, bound: Bound) -> Bound | None:
    asked = pairs(wanted)
    names = {section(text_of(pair[0])) for pair in asked if not isinstance(pair, Rest)}
    told = [p for p in pairs(got) if section(text_of(p[0])) in names or section(text_of(p[0])) not in UNASKED]
    return any_order(asked, told, bound, _same_pair)


def esearch(wanted: list, got: list, bound: Bound) -> Bound | None:
    """["(" "TAG" tag ")"] ["UID"] pairs in any order"""

    def split(nodes: list) -> tuple[list, list]:
        head = [n for n in nodes[:1] if isinstance(n, list)]
        return head, pairs(nodes[len(head) :], ("UID",))

    (head, asked), (got_head, told) = split(wanted), split(got)
    after = in_order(head, got_head, bound)
    return None if after is None else any_order(asked, told, after, _same_pair)


def status(wanted: list, got: list, bound: Bound) -> Bound | None:
    if len(wanted) != 2 or len(got) != 2 or not isinstance(got[1], list):
        return _generic(wanted, got, bound)
    after = mailbox(wanted[0], got[0], bound)
    if after is None or not isinstance(wanted[1], list):
        return None if after is None else same(wanted[1], got[1], after)
    return any_order(pairs(wanted[1]), pairs(got[1]), after, _same_pair)


def mailbox(wanted: Node, got: Node, bound: Bound) -> Bound | None:
    if isinstance(wanted, (Atom, Text)) and text_of(wanted).upper() == "INBOX":
        return bound if text_of(got).upper() == "INBOX" and not isinstance(got, list) else None
    if isinstance(wanted, Text):  # quotes or not is the server's choice, for names alone
        wanted = Atom(_filled(wanted, bound).decode())
        got = Atom(text_of(got)) if isinstance(got, Text) else got
    return same(wanted, got, bound, exact=True)


def listing(wanted: list, got: list, bound: Bound) -> Bound | None:
    """(attributes) delimiter name [extended data]"""
    if len(wanted) < 3 or len(got) < 3 or not isinstance(wanted[0], list) or not isinstance(got[0], list):
        return _generic(wanted, got, bound)
    after = any_order(wanted[0], got[0], bound)
    after = None if after is None else same(wanted[1], got[1], after)
    after = None if after is None else mailbox(wanted[2], got[2], after)
    return None if after is None else in_order(wanted[3:], got[3:], after)


def identity(wanted: list, got: list, bound: Bound) -> Bound | None:
    if len(wanted) == len(got) == 1 and isinstance(wanted[0], list) and isinstance(got[0], list):
        return any_order(pairs(wanted[0]), pairs(got[0]), bound, _same_pair)
    return _generic(wanted, got, bound)


def _generic(wanted: list, got: list, bound: Bound) -> Bound | None:
    return in_order(wanted, got, bound)


def _one_list(compare):
    def matched(wanted: list, got: list, bound: Bound) -> Bound | None:
        if len(wanted) == len(got) == 1 and isinstance(wanted[0], list) and isinstance(got[0], list):
            return compare(wanted[0], got[0], bound)
        return _generic(wanted, got, bound)

    return matched


_BY_WORD = {
    "FETCH": _one_list(fetch),
    "FLAGS": _one_list(flags),
    "CAPABILITY": any_order,
    "ENABLED": any_order,
    "SEARCH": any_order,
    "ESEARCH": esearch,
    "STATUS": status,
    "LIST": listing,
    "LSUB": listing,
    "ID": identity,
}
_LISTS_IN_CODES = ("PERMANENTFLAGS", "BADCHARSET")


def code(wanted: list | None, got: list | None, bound: Bound) -> Bound | None:
    """[CODE]: this one; [?CODE]: this one or none; nothing: any or none."""
    if wanted is None:
        return bound
    name = str(wanted[0])
    if name.startswith("?"):
        if got is None:
            return bound
        wanted = [Atom(name[1:])] + wanted[1:]
    if got is None or str(wanted[0]).upper() != str(got[0]).upper():
        return None
    name = str(wanted[0]).upper()
    if name == "CAPABILITY":
        return any_order(wanted[1:], got[1:], bound)
    if name in _LISTS_IN_CODES and len(wanted) == len(got) == 2 and isinstance(wanted[1], list) \
            and isinstance(got[1], list):
        return any_order(wanted[1], got[1], bound)
    return in_order(wanted[1:], got[1:], bound)


def response(wanted: Response, got: Response, bound: Bound, prefix: bool = False) -> Bound | None:
    """`prefix`: only the beginning counts (S!: * 1 FETCH)."""
    if wanted.kind != got.kind or got.word not in wanted.word.split("|"):
        return None
    text = re.sub(r"\$([a-z]\w*)", lambda m: bound.get(m[1], m[0]), wanted.text)
    if got.kind != "+" and text.lower() not in got.text.lower():
        return None
    if (wanted.number is None) != (got.number is None):
        return None
    after: Bound | None = bound
    if wanted.number is not None:
        after = same(wanted.number, got.number, bound)
    after = None if after is None else code(wanted.code, got.code, after)
    if after is None or (prefix and not wanted.nodes):
        return after
    compare = _BY_WORD.get(got.word, _generic)
    return compare(wanted.nodes, got.nodes, after)


def merged(responses: list[Response]) -> list[Response]:
    """The data of one message may come in several FETCH responses: those of different names are made one."""
    made: list[Response] = []
    latest: dict[str, int] = {}
    for one in responses:
        if one.word == "EXPUNGE":
            latest = {}
        if one.word != "FETCH" or one.number is None or len(one.nodes) != 1 or not isinstance(one.nodes[0], list):
            made.append(one)
            continue
        key = str(one.number)
        if key in latest:
            before = made[latest[key]]
            names = {section(text_of(p[0])) for p in pairs(before.nodes[0])}
            mine = {section(text_of(p[0])) for p in pairs(one.nodes[0])}
            if not (names & mine) - {"UID"}:
                added = [n for p in pairs(one.nodes[0]) if section(text_of(p[0])) not in names for n in p]
                made[latest[key]] = replace(before, nodes=[before.nodes[0] + added], raw=before.raw + b" + " + one.raw)
                continue
        latest[key] = len(made)
        made.append(one)
    return made
