# SPDX-License-Identifier: Apache-2.0
"""mshttpd's way to IMAP servers without HTTP: backend_probe, and the configuration that it reads."""

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from support import BINARIES, SOURCE

PROGRAM = Path(os.environ.get("POSTHORN_PROBE", BINARIES / "backend_probe"))
assert SOURCE  # support.py has found test/support


class Failed(Exception):
    """An operation's error: its code, what the log gets, what a client is told."""

    def __init__(self, answer: dict):
        super().__init__(f"{answer['error']}: {answer['text']}")
        self.code, self.text, self.client = answer["error"], answer["text"], answer["client"]


class Probe:
    """`options` are those of mshttpd; `users` (name: host, or "" for this one) are its directory."""

    def __init__(self, options: dict[str, str], users: dict[str, str]):
        self.directory = Path(tempfile.mkdtemp(prefix="probe-", dir=os.environ.get("TMPDIR")))
        config = self.directory / "posthorn.yaml"
        made = {"server.directory": str(self.directory), "server.user": "root", "base.hostname": "web.test.example",
                "base.defaultdomain": "test.example", "ens.enable": "no", "auth.passwordscheme": "sha256crypt",
                "auth.passwordcost": "1000"} | options
        config.write_text("".join(f'"{name}": "{value}"\n' for name, value in made.items()))
        environment = dict(os.environ, POSTHORN_CONFIG=str(config))
        for user, host in users.items():
            words = [f"host={host}"] if host else []
            subprocess.run([BINARIES / "msuser", "add", user, *words, "--stdin"], input=b"secret\n", check=True,
                           capture_output=True, env=environment)
        self._log = open(self.directory / "log", "wb")
        self._process = subprocess.Popen([PROGRAM, config], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                         stderr=self._log, text=True)

    def ask(self, what: str, *words):
        """The answer; Failed when it is an error."""
        self._process.stdin.write(json.dumps([what, *words]) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"backend_probe has ended:\n{self.log()}")
        answer = json.loads(line)
        if isinstance(answer, dict) and "error" in answer:
            raise Failed(answer)
        return answer

    def log(self) -> str:
        self._log.flush()
        return (self.directory / "log").read_text(errors="replace")

    def stop(self) -> None:
        self._process.stdin.close()
        status = self._process.wait(timeout=60)
        self._process.stdout.close()
        log = self.log()
        self._log.close()
        shutil.rmtree(self.directory, ignore_errors=True)
        if status != 0:
            raise AssertionError(f"backend_probe ended with status {status}:\n{log[-5000:]}")


class Account:
    """One account of a probe, as one user sees it."""

    def __init__(self, probe: Probe, user: str, owner: str | None = None):
        self.probe, self.user, self.owner = probe, user, owner or user

    def __getattr__(self, name: str):
        return lambda *words: self.probe.ask(name, self.user, self.owner, *words)

    def boxes(self) -> dict[str, dict]:
        return {box["name"]: box for box in self.mailboxes()["list"]}


def message(subject: str, body: str = "hello", encoding: str = "7bit") -> str:
    return (f"From: Bert <bert@test.example>\r\nTo: anna@test.example\r\nSubject: {subject}\r\n"
            f"Date: Sat, 21 Nov 2026 10:00:00 +0000\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
            f"Content-Transfer-Encoding: {encoding}\r\nMessage-ID: <{subject}@test.example>\r\n\r\n{body}\r\n")
