# SPDX-License-Identifier: Apache-2.0
"""Who may include whom, and who may use what (the fences between rooms)."""

import os
import re

from tree import Finding, bare, find

# What each room of common/ may include; a room may also include what those may.
ROOMS = {
    "base": (),
    "log": ("base",),
    "stats": ("base",),
    "config": ("base", "log"),
    "net": ("base", "log", "config", "stats"),
    "tls": ("net",),
    "proc": ("net", "stats", "events"),
    "auth": ("base", "log", "config", "stats"),
    "events": ("base", "net"),
    "mime": ("base",),
    "imap": ("base",),
    "store": ("base", "log", "config", "stats", "events", "mime"),
}
DAEMONS = ("master", "popd", "imapd", "mshttpd")
# Rooms that a program may not touch: mshttpd reads mail by IMAP, master speaks no mail protocol.
CLOSED = {"mshttpd": ("store",), "master": ("store", "mime", "imap")}
# What programs in tools/ may share among themselves.
SHARED_TOOLS = ("accounts",)
# A library's header and the only folders that may know it.
LIBRARIES = {
    r"event2/": ("common/net", "common/tls", "mshttpd"),
    r"ldap\.h|lber\.h": ("common/auth/ldap",),
    r"yaml-cpp/": ("common/config",),
    r"lmdb\.h": ("common/store/embedded", "mshttpd/login"),
    r"boost/": ("mshttpd/http",),
}
THREADS = r"\bstd::(?:thread|jthread|async)\b(?!::hardware_concurrency|::id)|\bpthread_create\b"
FORK = r"(?<![\w.>])(?:::)?(?:fork|vfork|posix_spawnp?|clone3?|daemon)\s*\("

_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*[<"]([^>"]+)[>"]', re.MULTILINE)


def closure(table, room):
    seen, queue = {room}, [room]
    while queue:
        for lower in table.get(queue.pop(), ()):
            if lower not in seen:
                seen.add(lower)
                queue.append(lower)
    return seen


def home(path):
    """("room", "net"), ("daemon", "popd"), ("tool", "deliver"), ("test", "") or ("", "")."""
    parts = path.split("/")
    if parts[0] == "common" and len(parts) > 2:
        return "room", parts[1]
    if parts[0] in DAEMONS:
        return "daemon", parts[0]
    if parts[0] == "tools" and len(parts) > 2:
        return "tool", parts[1]
    return ("test", "") if parts[0] == "test" else ("", "")


def includes(tree):
    for path in tree.code():
        for match in _INCLUDE.finditer(tree.text(path)):
            yield path, tree.text(path).count("\n", 0, match.start()) + 1, match.group(1)


def declared(tree):
    """room -> DEPS, as its CMakeLists.txt links it."""
    table = {}
    for path in tree.under("common"):
        if os.path.basename(path) == "CMakeLists.txt":
            for match in re.finditer(r"posthorn_room\((\w+)([^)]*)\)", tree.text(path)):
                deps = re.search(r"\bDEPS((?:\s+(?!LIBS\b|PRIVATE_LIBS\b|EXCLUDE\b)\S+)*)", match.group(2))
                table[match.group(1)] = tuple(deps.group(1).split()) if deps else ()
    return table


def check_links(tree):
    """What a room links is within what it may include."""
    for room, deps in declared(tree).items():
        path = f"common/{room}/CMakeLists.txt"
        if room not in ROOMS:
            yield Finding("rooms", path, 0, f"common/{room} is not one of the agreed rooms")
        for dep in deps:
            if dep not in closure(ROOMS, room):
                yield Finding("rooms", path, 0, f"room {room} may not link room {dep}")


def allowed(kind, name, target, links):
    """Why `target` may not be included from (kind, name), or None."""
    to_kind, to_name = home(target)
    if to_kind == "room":
        if kind == "room" and to_name not in closure(ROOMS, name):
            return f"common/{name} may not include common/{to_name}"
        if kind == "room" and to_name not in closure(links, name):
            return f"common/{name} does not link common/{to_name} (DEPS in its CMakeLists.txt)"
        if to_name in CLOSED.get(name, ()) and kind == "daemon":
            return f"{name} may not touch common/{to_name}"
    if kind == to_kind == "tool" and to_name in SHARED_TOOLS:
        return None
    if to_kind in ("daemon", "tool") and (kind, name) != (to_kind, to_name):
        return f"nobody else includes {to_name}'s own files"
    if to_kind == "test":
        return "product code does not include test code"
    return None


def check_rooms(tree):
    links = declared(tree)
    for path, line, target in includes(tree):
        kind, name = home(path)
        if kind in ("test", ""):
            continue
        reason = allowed(kind, name, target, links)
        if reason:
            yield Finding("rooms", path, line, reason)


def check_libraries(tree):
    for path, line, target in includes(tree):
        if home(path)[0] == "test":
            continue
        for header, owners in LIBRARIES.items():
            if re.match(header, target) and not path.startswith(tuple(owner + "/" for owner in owners)):
                yield Finding("libraries", path, line, f"<{target}> belongs to {', '.join(owners)}")


def check_calls(tree, fence, pattern, owners, text):
    for path in tree.code():
        if path.startswith(tuple(owner + "/" for owner in owners) + ("test/",)):
            continue
        for line, match in find(bare(tree.text(path)), pattern):
            yield Finding(fence, path, line, f"{match.group(0).strip('( ')}: {text}")


def check(tree):
    yield from check_links(tree)
    yield from check_rooms(tree)
    yield from check_libraries(tree)
    yield from check_calls(tree, "threads", THREADS, ("common/base", "common/net"), "threads are made in base and net only")
    yield from check_calls(tree, "fork", FORK, ("master",), "only master makes processes")
