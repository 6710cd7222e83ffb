# SPDX-License-Identifier: Apache-2.0
"""Users with quotas, their mail by IMAP, and what the programs say."""

import email
import email.message
import imaplib
import os
import sys
import time
from pathlib import Path

_SOURCE = Path(os.environ["POSTHORN_SOURCE"]) / "test"
for folder in ("support", "system/store"):
    sys.path.append(str(_SOURCE / folder))

from instance import Instance  # noqa: E402  (found by the lines above)

EX_USAGE, EX_NOUSER, EX_UNAVAILABLE, EX_TEMPFAIL, EX_CONFIG = 64, 67, 69, 75, 78


def message(size: int, subject: str = "filler") -> bytes:
    """A message of about `size` octets."""
    head = f"Subject: {subject}\nFrom: x@example.com\n\n".encode()
    return head + b"x" * 60 + b"\n" + (b"y" * 62 + b"\r\n") * max(0, (size - len(head) - 61) // 64)


def deliver(instance: Instance, user: str, size: int, *words: str) -> int:
    done = instance.run("deliver", *words, user, stdin=message(size), check=False)
    return done.returncode


def login(instance: Instance, user: str) -> imaplib.IMAP4:
    client = imaplib.IMAP4("127.0.0.1", instance.port("imap", False), timeout=30)
    client.login(user, f"secret of {user}")
    return client


def mails(instance: Instance, user: str, mailbox: str = "INBOX") -> list[email.message.Message]:
    client = login(instance, user)
    client.select(mailbox, readonly=True)
    found = client.uid("SEARCH", "ALL")[1][0].split()
    got = [client.uid("FETCH", uid, "(BODY.PEEK[])")[1][0][1] for uid in found]
    client.logout()
    return [email.message_from_bytes(one) for one in got]


def notices(instance: Instance, user: str) -> list[email.message.Message]:
    return [one for one in mails(instance, user) if one["Auto-Submitted"]]


def empty(instance: Instance, user: str) -> None:
    client = login(instance, user)
    client.select("INBOX")
    client.store("1:*", "+FLAGS.SILENT", r"(\Deleted)")
    client.expunge()
    client.logout()


def until(what, wanted, most: float = 30.0):
    """Asks again and again until the answer is the wanted one."""
    end = time.monotonic() + most
    while (got := what()) != wanted:
        assert time.monotonic() < end, f"{got}, not {wanted}"
        time.sleep(0.1)
    return got
