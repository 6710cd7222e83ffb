# SPDX-License-Identifier: Apache-2.0
"""The user file outlives its writers: many at once, killed ones, root; and the prompt shows no password."""
import os
import pty
import select
import subprocess
import tempfile
import time
from pathlib import Path

MSUSER = Path(os.environ["POSTHORN_BIN"]) / "msuser"
HASH = "$1$0w1WTSyL$7QIxvsGM/rbIZsUqAafve1"
BASE = 200
ROUNDS = 60


def start(users: Path, *words: str, stdin: str = "") -> subprocess.Popen:
    child = subprocess.Popen([MSUSER, "--userfile", users, *words], stdin=subprocess.PIPE, text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    child.stdin.write(stdin)
    child.stdin.close()
    child.stdin = None
    return child


def run(users: Path, *words: str, stdin: str = "") -> str:
    child = start(users, *words, stdin=stdin)
    out, err = child.communicate(timeout=60)
    assert child.returncode == 0, (words, out, err)
    return out


def names(users: Path) -> list:
    return run(users, "list").split()


def many_at_once(users: Path) -> None:
    children = [start(users, "import", stdin=f"w{n}:{{CRYPT}}{HASH}\n") for n in range(24)]
    for child in children:
        _, err = child.communicate(timeout=60)
        assert child.returncode == 0, err
    assert sorted(names(users)) == sorted(f"w{n}" for n in range(24))
    print("24 writers at once: every user is there")


def killed(users: Path) -> None:
    run(users, "import", stdin="".join(f"base{n}:{{CRYPT}}{HASH}\n" for n in range(BASE)))
    begun = time.monotonic()
    run(users, "import", stdin=f"whole:{{CRYPT}}{HASH}\n")
    usual = time.monotonic() - begun
    added, cut = set(), 0
    for n in range(ROUNDS):
        child = start(users, "import", stdin=f"k{n}:{{CRYPT}}{HASH}\n")
        try:
            child.wait(timeout=usual * 2 * n / ROUNDS)
        except subprocess.TimeoutExpired:
            child.kill()
        _, err = child.communicate(timeout=60)
        assert child.returncode in (0, -9), err
        if child.returncode == 0:
            added.add(f"k{n}")
        else:
            cut += 1
        text = users.read_text()
        assert text.endswith("\n") and text.count("\nbase") == BASE, f"round {n}"
        assert users.stat().st_mode & 0o777 == 0o600
    assert cut and added, f"{cut} killed of {ROUNDS}: both kinds are wanted"
    run(users, "delete", "whole")
    left = {path.name for path in users.parent.iterdir()}
    assert left == {users.name, users.name + ".lock"}, left
    have = set(names(users))
    assert added <= have, added - have
    print(f"{ROUNDS} writers, {cut} killed: what was reported as done is there, every line is whole")


def reads_until(master: int, word: bytes, seconds: float = 20) -> bytes:
    seen = b""
    end = time.monotonic() + seconds
    while word not in seen:
        ready, _, _ = select.select([master], [], [], end - time.monotonic())
        assert ready, f"{word} did not come: {seen}"
        seen += os.read(master, 1000)
    return seen


def prompted(users: Path) -> None:
    pid, master = pty.fork()
    if pid == 0:
        os.execv(MSUSER, [str(MSUSER), "--userfile", str(users), "add", "prompted"])
    seen = reads_until(master, b"New password: ")
    os.write(master, b"typed secret\n")
    seen += reads_until(master, b"Once more: ")
    os.write(master, b"typed secret\n")
    try:
        while chunk := os.read(master, 1000):
            seen += chunk
    except OSError:
        pass  # the terminal's other end is closed
    _, status = os.waitpid(pid, 0)
    os.close(master)
    assert os.waitstatus_to_exitcode(status) == 0, seen
    assert b"typed" not in seen, seen
    assert "prompted" in names(users)
    print("a password that is typed is not shown")


def by_root(folder: Path) -> None:
    if os.geteuid() != 0:
        print("SKIPPED IN PART: only root can show that files keep another owner")
        return
    somebody, group = 65534, 65534
    owned = folder / "owned"
    owned.mkdir()
    os.chown(owned, somebody, group)
    os.chmod(folder, 0o711)
    users = owned / "users"
    run(users, "import", stdin=f"a:{{CRYPT}}{HASH}\n")
    assert users.stat().st_uid == somebody
    os.chmod(users, 0o640)
    run(users, "set", "a", "name=A")
    assert (users.stat().st_uid, users.stat().st_mode & 0o777) == (somebody, 0o640)
    # In root's own folder a file of another owner keeps him.
    kept = folder / "kept"
    kept.write_text(f"b:{{CRYPT}}{HASH}\n")
    os.chmod(kept, 0o640)
    os.chown(kept, somebody, group)
    run(kept, "set", "b", "name=B")
    assert (kept.stat().st_uid, kept.stat().st_gid, kept.stat().st_mode & 0o777) == (somebody, group, 0o640)
    # What the folder's owner planted is not followed with root's rights.
    secret = folder / "secret"
    secret.write_text("x:\n")
    os.chmod(secret, 0o600)
    users.unlink()
    users.symlink_to(secret)
    child = start(users, "list")
    out, _ = child.communicate(timeout=60)
    assert child.returncode != 0 and "x" not in out
    print("root acts as the folder's owner, and owner and mode are kept")


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["POSTHORN_CONFIG"] = str(folder / "none.yaml")
        many_at_once(folder / "many")
        (folder / "kill").mkdir()
        killed(folder / "kill" / "users")
        prompted(folder / "prompted")
        by_root(folder)


main()
