# SPDX-License-Identifier: Apache-2.0
"""What every file keeps: licence line, size, no trailing blanks, no paths of somebody's machine, known folders."""

import os
import re

from tree import CODE, Finding, find

TOP_FOLDERS = {"master", "popd", "imapd", "mshttpd", "common", "etc", "test", "tools", ".ci"}
TOP_FILES = {"CMakeLists.txt", "CMakePresets.json", "README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "LICENSE",
             ".clang-format", ".clang-tidy", ".gitignore", ".gitattributes"}
SOFT, HARD = 300, 600
MACHINE_PATH = r"(?<![\w.$}/-])/(?:home|root|work|Users)/[\w.-]+"
# Bytes that tests feed to the programs, kept as they came.
RAW = ("test/data/", "test/fuzz/corpus/", "test/fuzz/dict/", "test/script/")
SPDX = "SPDX-License-Identifier: Apache-2.0"


def is_raw(path):
    return path.startswith(RAW) and not path.endswith((".cc", ".h", ".py", ".sh", ".md", ".txt", ".cmake"))


def is_source(tree, path):
    name = os.path.basename(path)
    if is_raw(path):
        return False
    return (path.endswith(CODE + (".py", ".sh", ".cmake", ".service", ".socket", ".target", ".timer"))
            or name == "CMakeLists.txt" or tree.text(path).startswith("#!"))


def check_licence(tree):
    for path in tree.files:
        if is_source(tree, path):
            lines = tree.lines(path)
            first = lines[1:2] if lines and lines[0].startswith("#!") else lines[:1]
            if not first or SPDX not in first[0]:
                yield Finding("licence", path, 1, f"the first line must say {SPDX}")


def check_size(tree):
    for path in tree.code():
        text, count = tree.text(path), len(tree.lines(path))
        if "// size:" in text or count <= SOFT:
            continue
        over = count > HARD
        yield Finding("size", path, 0, f"{count} lines, more than {HARD if over else SOFT}"
                      + (" and no '// size:' reason" if over else ""), warning=not over)


def check_blanks(tree):
    for path in tree.files:
        if is_raw(path) or "\0" in tree.text(path):
            continue
        for line, _ in find(tree.text(path), r"[ \t\r]+(?=\n|\Z)"):
            yield Finding("blanks", path, line, "blanks at the end of the line")


def check_paths(tree):
    for path in tree.files:
        if is_raw(path):
            continue
        for line, match in find(tree.text(path), MACHINE_PATH):
            yield Finding("paths", path, line, f"{match.group(0)} is a path of one machine")


def check_top(tree):
    for path in tree.files:
        top, slash, _ = path.partition("/")
        if top not in (TOP_FOLDERS if slash else TOP_FILES):
            yield Finding("top", path, 0, f"{top} is not one of the agreed names at the top of the tree")


def check(tree):
    for one in (check_licence, check_size, check_blanks, check_paths, check_top):
        yield from one(tree)
