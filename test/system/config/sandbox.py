# SPDX-License-Identifier: Apache-2.0
"""A configuration file in a folder of its own, for tests of msconfig that need no servers."""

import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

PROGRAMS = Path(os.environ["POSTHORN_BIN"])


class Sandbox(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="posthorn-config-", dir=os.environ.get("TMPDIR")))
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.file = self.folder / "posthorn.yaml"
        self.history = self.folder / "posthorn.yaml.history"
        self.environment = dict(os.environ, POSTHORN_CONFIG=str(self.file))
        self.environment.pop("SUDO_USER", None)
        self.write("pop.port: 1110\n")

    def write(self, text) -> None:
        self.file.write_bytes(text if isinstance(text, bytes) else text.encode())

    def text(self) -> str:
        return self.file.read_bytes().decode()

    def run_program(self, program: str, *words: str, stdin: str = "") -> subprocess.CompletedProcess:
        done = subprocess.run([str(PROGRAMS / program), *words], input=stdin.encode(), capture_output=True,
                              env=self.environment, timeout=60, check=False)
        for stream in (done.stdout, done.stderr):
            self.assertNotIn(b"Sanitizer", stream)
            self.assertNotIn(b"runtime error", stream)
        done.out = done.stdout.decode()
        done.err = done.stderr.decode()
        return done

    def msconfig(self, *words: str, stdin: str = "", status: int = 0) -> str:
        done = self.run_program("msconfig", *words, stdin=stdin)
        self.assertEqual(done.returncode, status, done.out + done.err)
        return done.out if status == 0 else done.out + done.err

    def configutil(self, *words: str, status: int = 0) -> str:
        done = self.run_program("configutil", *words)
        self.assertEqual(done.returncode, status, done.out + done.err)
        return done.out if status == 0 else done.out + done.err
