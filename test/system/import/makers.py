# SPDX-License-Identifier: Apache-2.0
"""Maildirs made by hand, with what real servers would not write."""

import os
from pathlib import Path

import peers


def maildir(path: Path) -> Path:
    for part in ("cur", "new", "tmp"):
        (path / part).mkdir(parents=True, exist_ok=True)
    return path


def put(path: Path, name: str, text: bytes, part: str = "cur", when: int = 1_600_000_000) -> Path:
    file = path / part / name
    file.write_bytes(text)
    os.utime(file, (when, when))
    return file


def message(number: int) -> bytes:
    return b"Subject: message %d\nMessage-ID: <%d@example.org>\n\ntext of %d\n" % (number, number, number)


def numbered(path: Path, uids: list[int], validity: int = 1_234_567_890, uid_next: int = 0, prefix: str = "") -> Path:
    """Messages with a dovecot-uidlist; message n's text names its UID."""
    maildir(path)
    lines = [f"3 V{validity} N{uid_next or max(uids, default=0) + 1} G00000000000000000000000000000000"]
    for uid in uids:
        name = f"{1_500_000_000 + uid}.M{uid}P1.{prefix}host"
        put(path, name + (":2,S" if uid % 2 else ":2,"), message(uid), when=1_500_000_000 + uid)
        lines.append(f"{uid} :{name}")
    (path / "dovecot-uidlist").write_text("\n".join(lines) + "\n")
    return given(path)


def given(path: Path) -> Path:
    peers.give(path)
    return path
