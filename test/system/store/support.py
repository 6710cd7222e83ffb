# SPDX-License-Identifier: Apache-2.0
"""An instance whose daemons are not started, and its programs."""

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(os.environ["POSTHORN_SOURCE"]) / "test" / "support"))

from instance import Instance  # noqa: E402  (found by the line above)

EX_USAGE, EX_DATAERR, EX_NOUSER, EX_CANTCREAT, EX_TEMPFAIL = 64, 65, 67, 73, 75


@contextlib.contextmanager
def quiet_instance(options: dict[str, str] | None = None, users: tuple[str, ...] = ("anna", "bert")):
    instance = Instance(Path(os.environ["POSTHORN_BIN"]), options)
    try:
        instance.add_users([(user, f"secret of {user}") for user in users])
        yield instance
    finally:
        instance.stop()


def status(instance, program: str, *words: str, stdin: bytes = b"") -> tuple[int, str]:
    """Exit status and everything that was said."""
    done = instance.run(program, *words, stdin=stdin, check=False)
    return done.returncode, (done.stdout + done.stderr).decode(errors="replace")


def expect(instance, wanted: int, program: str, *words: str, stdin: bytes = b"") -> str:
    got, said = status(instance, program, *words, stdin=stdin)
    assert got == wanted, f"{program} {words}: status {got}, not {wanted}: {said}"
    if wanted != 0:
        assert said.strip(), f"{program} {words} failed without a word"
    return said


def mailboxes(instance, user: str) -> dict[str, dict]:
    """What mboxutil shows of a user: mailbox name to its numbers."""
    listed = json.loads(instance.run("mboxutil", "list", f"user/{user}/*", "--json").stdout)
    return {entry["name"]: entry for entry in listed}


def partition(instance) -> Path:
    """Where the accounts of the only partition are kept."""
    return Path(instance.run("msconfig", "get", "store.path").stdout.decode().strip())


def started(instance, program: str, *words: str) -> subprocess.Popen:
    return subprocess.Popen([str(instance._programs / program), *words], stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=instance.environment())
