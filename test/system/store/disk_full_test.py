# SPDX-License-Identifier: Apache-2.0
"""A full disk: deliveries are refused for now, what was acknowledged stays, and with room everything goes on."""

import contextlib
import os
import subprocess
import sys
from pathlib import Path

import support
from support import EX_TEMPFAIL, expect, mailboxes, status

SMALL, LARGE = "4m", "24m"
REFUSALS = 10


class NoMount(Exception):
    """Mounting is not allowed here."""


@contextlib.contextmanager
def small_disk(folder: Path):
    """A tmpfs over `folder`, owned as the folder is."""
    owner = folder.stat()
    options = f"size={SMALL},mode=0700,uid={owner.st_uid},gid={owner.st_gid}"
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise NoMount(done.stderr.strip() or "mount is refused")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def message(number: int, octets: int) -> bytes:
    head = f"Subject: {number}\nMessage-ID: <{number}@full.example>\n\n".encode()
    return head + (b"z" * 77 + b"\n") * (octets // 78)


def fill(instance, octets: int) -> int:
    """Delivers to anna until the disk has refused often enough; how many were acknowledged."""
    acknowledged = refused = 0
    while refused < REFUSALS:
        got, said = status(instance, "deliver", "anna", stdin=message(acknowledged + refused, octets))
        assert got in (0, EX_TEMPFAIL), f"status {got}: {said}"
        acknowledged += got == 0
        refused += got != 0
        assert acknowledged < 5000, "the disk never fills"
    return acknowledged


def holds(instance, user: str, expected: int) -> None:
    inbox = mailboxes(instance, user).get(f"user/{user}/INBOX", {"messages": 0})
    assert inbox["messages"] == expected, f"{inbox['messages']} messages, {expected} were acknowledged"


def play(instance) -> None:
    # Large messages have a file of their own, small ones go into the log: both meet the end of the disk.
    expected = fill(instance, 400_000) + fill(instance, 20_000) + fill(instance, 500)
    print(f"{expected} acknowledged before the disk was full")
    assert expected > 5, expected
    holds(instance, "anna", expected)
    expect(instance, 0, "mboxutil", "check", "anna")
    # An account that does not exist yet cannot be made, and is not left half made.
    expect(instance, EX_TEMPFAIL, "deliver", "bert", stdin=message(0, 500))

    store = instance.directory / "data" / "store"
    subprocess.run(["mount", "-o", f"remount,size={LARGE}", str(store)], check=True)
    for number in range(10):
        expect(instance, 0, "deliver", "anna", "bert", stdin=message(number, 20_000))
    holds(instance, "anna", expected + 10)
    holds(instance, "bert", 10)
    expect(instance, 0, "mboxutil", "check")
    expect(instance, 0, "mboxutil", "repair", "anna", "bert")
    holds(instance, "anna", expected + 10)


def main() -> int:
    if os.getuid() != 0:
        print("SKIPPED: not root, so a small disk cannot be mounted; the full disk is not tested")
        return 77
    with support.quiet_instance() as instance:
        store = instance.directory / "data" / "store"
        store.mkdir(mode=0o700)
        owner = store.parent.stat()
        os.chown(store, owner.st_uid, owner.st_gid)
        try:
            with small_disk(store):
                play(instance)
        except NoMount as reason:
            print(f"SKIPPED: a small disk cannot be mounted ({reason}); the full disk is not tested")
            return 77
    return 0


if __name__ == "__main__":
    sys.exit(main())
