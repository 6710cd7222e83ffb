# SPDX-License-Identifier: Apache-2.0
"""The tree as the checks see it: the files that belong to it, their text, and C++ without comments and strings."""

import os
import re
import subprocess
from dataclasses import dataclass

IGNORED = {"build", ".run", ".git", ".cache", "__pycache__", "node_modules"}
CODE = (".cc", ".h")


@dataclass(frozen=True)
class Finding:
    fence: str
    path: str
    line: int
    text: str
    warning: bool = False

    def __str__(self):
        where = f"{self.path}:{self.line}" if self.line else self.path
        return f"{where}: {'warning: ' if self.warning else ''}{self.text} [{self.fence}]"


class Tree:
    """A folder. Its files are git's (tracked or new, not ignored), or all of them where git is not at hand."""

    def __init__(self, root):
        self.root = root
        self.files = sorted(path for path in (self._git() or self._walk()) if os.path.isfile(os.path.join(root, path)))
        self._texts = {}

    def _git(self):
        if not os.path.exists(os.path.join(self.root, ".git")):
            return None
        command = ["git", "-C", self.root, "-c", "safe.directory=*", "ls-files", "-z", "-co", "--exclude-standard"]
        try:
            listing = subprocess.run(command, capture_output=True, check=True, stdin=subprocess.DEVNULL).stdout
        except (OSError, subprocess.CalledProcessError):
            return None
        return {name for name in listing.decode().split("\0") if name}

    def _walk(self):
        for folder, folders, names in os.walk(self.root):
            folders[:] = [name for name in folders if name not in IGNORED]
            for name in names:
                yield os.path.relpath(os.path.join(folder, name), self.root)

    def text(self, path):
        if path not in self._texts:
            with open(os.path.join(self.root, path), "rb") as file:
                self._texts[path] = file.read().decode("utf-8", "replace")
        return self._texts[path]

    def lines(self, path):
        return self.text(path).splitlines()

    def code(self):
        return [path for path in self.files if path.endswith(CODE)]

    def under(self, *folders):
        return [path for path in self.files if path.startswith(tuple(folder + "/" for folder in folders))]


_TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|R"([^(\s]*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.DOTALL)


def bare(text):
    """C++ with comments and literals blanked, line numbers kept. Digit separators are no literals."""
    def blank(match):
        return re.sub(r"[^\n]", " ", match.group(0))
    return _TOKEN.sub(blank, re.sub(r"(?<=[0-9a-fA-F])'(?=[0-9a-fA-F])", "_", text))


def find(text, pattern):
    """(line number, match) of each occurrence."""
    for match in re.finditer(pattern, text):
        yield text.count("\n", 0, match.start()) + 1, match
