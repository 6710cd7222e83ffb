# SPDX-License-Identifier: Apache-2.0
"""Tables that must agree with each other: commands and transcripts, packages and their use, rooms and tests."""

import os
import re

from tree import Finding

COMMAND_ROW = re.compile(r'^\s*\{\s*(?:\.name\s*=\s*)?"([A-Z][A-Z0-9 ]*)"', re.MULTILINE)
PROTOCOLS = {"popd": "pop", "imapd": "imap", "tools/deliver/lmtp": "lmtp"}


def check_transcripts(tree):
    """Every row of a command table has a transcript named after it."""
    for daemon, protocol in PROTOCOLS.items():
        path = f"{daemon}/command_table.cc"
        folder = f"test/script/{protocol}/"
        if path not in tree.files or not tree.under(folder.rstrip("/")):
            continue
        scripts = {os.path.basename(name).split(".")[0] for name in tree.under(folder.rstrip("/"))}
        for name in COMMAND_ROW.findall(tree.text(path)):
            stem = name.lower().replace(" ", "_")
            if not any(script == stem or script.startswith((stem + "_", stem + "-")) for script in scripts):
                yield Finding("transcripts", path, 0, f"{name} has no transcript {folder}{stem}.*")


def check_packages(tree):
    """Every package is used, and every library that CMake asks for has its package."""
    path = "tools/packages"
    if path not in tree.files:
        return
    texts = [tree.text(name) for name in tree.files if name != path and not name.endswith(".md")]
    for number, line in enumerate(tree.lines(path), 1):
        fields = line.split()
        if not fields or line.startswith("#"):
            continue
        if len(fields) != 3 or fields[1] not in ("build", "test", "lint"):
            yield Finding("packages", path, number, "a row is: package, build|test|lint, the word that the tree uses")
        elif not any(fields[2] in text for text in texts):
            yield Finding("packages", path, number, f"nothing uses {fields[0]}: no file contains {fields[2]}")


def check_unit_tests(tree):
    """Every room with sources has unit tests."""
    rooms = {name.split("/")[1] for name in tree.under("common") if name.endswith(".cc")}
    for room in sorted(rooms):
        if not any(name.endswith("_test.cc") for name in tree.under(f"test/unit/{room}")):
            yield Finding("unit", f"common/{room}", 0, f"no test/unit/{room}/*_test.cc")


def check(tree):
    for one in (check_transcripts, check_packages, check_unit_tests):
        yield from one(tree)
