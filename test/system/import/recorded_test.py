# SPDX-License-Identifier: Apache-2.0
"""Maildirs and mboxes that Dovecot and Courier wrote once (record.py): what their clients saw is what ours see."""

import tempfile
from pathlib import Path

import cases
import peers
import support


def our_name(kind: str, name: str) -> str:
    if kind == "mbox" or name == "INBOX":
        return name
    return name.removeprefix("INBOX.").replace(".", "/")


def recorded(instance, kind: str, folder: Path) -> None:
    root = folder / kind
    old = support.unpack(kind, root)
    source, options = root, ()
    if kind == "mbox":
        source, options = root / "folders", ("--inbox", str(root / "spool"))
    report = support.imported(instance, kind, source, *options)
    assert report["complete"] and all(box["uids"] == "kept" for box in report["folders"]), report
    mailboxes = {our_name(kind, name): box for name, box in old["mailboxes"].items()}
    client = support.imap(instance, kind)
    new = peers.imap_seen(client, list(mailboxes))
    client.logout()
    support.same(mailboxes, new["mailboxes"], f"{kind} IMAP")
    assert {our_name(kind, name) for name in old["subscribed"]} <= set(new["subscribed"]), new["subscribed"]
    support.same(old["pop"], support.pop_seen(instance, kind), f"{kind} POP")
    assert len(old["pop"]) > 5
    support.sound(instance, kind)


def main() -> None:
    cases.in_zone()
    kinds = ("dovecot", "courier", "mbox")
    with tempfile.TemporaryDirectory() as name, support.family(kinds) as instance:
        Path(name).chmod(0o755)
        for kind in kinds:
            recorded(instance, kind, Path(name))


main()
