# SPDX-License-Identifier: Apache-2.0
"""An instance that mail is imported into, and what its clients see then."""

import contextlib
import imaplib
import json
import os
import poplib
import re
import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(os.environ["POSTHORN_SOURCE"]) / "test" / "support"))

from instance import Instance  # noqa: E402  (found by the line above)
import peers  # noqa: E402

poplib._MAXLINE = 1 << 20  # messages have longer lines than RFC 5322 allows

EX_USAGE, EX_DATAERR, EX_NOINPUT, EX_NOUSER, EX_TEMPFAIL, EX_NOPERM = 64, 65, 66, 67, 75, 77
DATA = Path(os.environ["POSTHORN_SOURCE"]) / "test" / "data" / "import"


@contextlib.contextmanager
def family(users: tuple[str, ...] = ("anna", "bert"), start: bool = True, options: dict[str, str] | None = None):
    instance = Instance(Path(os.environ["POSTHORN_BIN"]), options, services=["pop", "imap"])
    try:
        instance.add_users([(user, f"secret of {user}") for user in users])
        if start:
            instance.start()
        yield instance
    finally:
        instance.stop()


def readable(path: Path) -> Path:
    """For server.user, as an operator would give it."""
    peers.give(path)
    return path


def status(instance, *words: str) -> tuple[int, str]:
    done = instance.run("mboxutil", *words, check=False)
    return done.returncode, (done.stdout + done.stderr).decode(errors="replace")


def imported(instance, user: str, source: Path, *options: str, wanted: int = 0) -> dict:
    """The report of an import."""
    done = instance.run("mboxutil", "import", "--json", *options, user, str(source), check=False)
    assert done.returncode == wanted, f"status {done.returncode}, not {wanted}: {done.stderr.decode()}{done.stdout.decode()}"
    report = json.loads(done.stdout)
    report["by"] = {folder["mailbox"]: folder for folder in report["folders"]}
    report["said"] = done.stderr.decode(errors="replace")
    return report


def imap(instance, user: str) -> imaplib.IMAP4:
    client = imaplib.IMAP4("127.0.0.1", instance.port("imap", False))
    client.login(user, f"secret of {user}")
    return client


def pop_seen(instance, user: str) -> dict[str, str]:
    client = poplib.POP3("127.0.0.1", instance.port("pop", False), timeout=60)
    client.utf8()  # RFC 6856: else headers that are not ASCII would come encoded
    client.user(user)
    client.pass_(f"secret of {user}")
    uidls = {int(line.split()[0]): line.split()[1].decode() for line in client.uidl()[1]}
    seen = {uidl: (b"\r\n".join(client.retr(number)[1]) + b"\r\n").decode("latin-1") for number, uidl in uidls.items()}
    client.quit()
    return seen


def subjects(instance, user: str, box: str) -> tuple[dict[int, str], int]:
    """UID to subject; UIDVALIDITY."""
    client = imap(instance, user)
    client.select(f'"{box}"', readonly=True)
    rows = client.uid("FETCH", "1:*", "(UID BODY.PEEK[HEADER.FIELDS (SUBJECT)])")[1]
    validity = int(client.response("UIDVALIDITY")[1][0])
    found = {int(re.search(rb"UID (\d+)", row[0]).group(1)): row[1].decode().strip() for row in rows
                if isinstance(row, tuple)}
    client.logout()
    return found, validity


def same(old: dict, new: dict, what: str) -> None:
    """Equal, or a failure that says where the first difference is."""
    if old == new:
        return
    for key in sorted(set(old) | set(new), key=str):
        if old.get(key) != new.get(key):
            if isinstance(old.get(key), dict) and isinstance(new.get(key), dict):
                same(old[key], new[key], f"{what} {key}")
            raise AssertionError(f"{what} {key}: was {old.get(key)!r:.2000}, is {new.get(key)!r:.2000}")


def mailboxes(instance, user: str) -> dict[str, dict]:
    listed = json.loads(instance.run("mboxutil", "list", f"user/{user}/*", "--json").stdout)
    return {entry["mailbox"]: entry for entry in listed}


def sound(instance, user: str) -> None:
    code, said = status(instance, "check", user)
    assert code == 0 and "sound" in said, said


# ---- recorded sources: a Maildir as a JSON file, made by record.py

def unpack(name: str, target: Path) -> dict:
    """Writes the files of a recorded source below `target`; returns what clients saw of it."""
    recorded = json.loads((DATA / f"{name}.json").read_text())
    for folder in recorded["folders"]:
        (target / folder).mkdir(parents=True, exist_ok=True)
    for path, file in recorded["files"].items():
        (target / path).write_bytes(file["text"].encode("latin-1"))
        os.utime(target / path, (file["time"], file["time"]))
    readable(target)
    return recorded["seen"]


def pack(root: Path, seen: dict) -> dict:
    files, folders = {}, []
    for path in sorted(root.rglob("*")):
        name = str(path.relative_to(root))
        if path.name.startswith("dovecot.") or path.name.startswith("dovecot-uidvalidity"):
            continue
        if path.is_dir():
            folders.append(name)
        elif path.is_file():
            files[name] = {"text": path.read_bytes().decode("latin-1"), "time": int(path.stat().st_mtime)}
    return {"folders": folders, "files": files, "seen": seen}


def copy(source: Path, target: Path) -> Path:
    shutil.copytree(source, target, symlinks=True)
    return readable(target)


def skip(why: str) -> None:
    print(f"SKIPPED: {why}", flush=True)
    print(f"SKIPPED: {why}", file=sys.stderr, flush=True)
    sys.exit(77)

