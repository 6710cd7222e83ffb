# SPDX-License-Identifier: Apache-2.0
"""The messages in the files of test/script/data."""

import mailbox
from pathlib import Path


def messages_of(path: Path) -> list[bytes]:
    """The messages of an mbox, or the file itself."""
    if path.suffix != ".mbox":
        return [path.read_bytes()]
    box = mailbox.mbox(str(path), create=False)
    return [box.get_bytes(key) for key in box.keys()]


def with_crlf(message: bytes) -> bytes:
    """mbox files have bare line feeds; messages in IMAP literals never."""
    return message.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
