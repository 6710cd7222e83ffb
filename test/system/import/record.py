#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Records what Dovecot and Courier write and answer into test/data/import, for recorded_test.py. Run by hand, where
Dovecot is installed and Courier's packages can be fetched."""

import json
import os
import tempfile
from pathlib import Path

import cases
import peers
import support


def seen_of(server, boxes: list[str]) -> dict:
    pop = server.pop()
    pop.quit()
    client = server.imap()
    cases.ok(client.select("INBOX"))
    client.logout()
    pop = server.pop()
    old_pop = peers.pop_seen(pop)
    pop.quit()
    client = server.imap()
    old = peers.imap_seen(client, boxes)
    client.logout()
    return old | {"pop": old_pop}


def write(name: str, root: Path, seen: dict) -> None:
    target = support.DATA / f"{name}.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(support.pack(root, seen), indent=1, sort_keys=True) + "\n")


def main() -> None:
    cases.in_zone()
    texts = [text for text in cases.TEXTS if len(text) < 10_000]
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        dovecot = peers.Dovecot(Path(name) / "dovecot", extra="protocol pop3 {\n  pop3_save_uidl = yes\n}\n")
        client = dovecot.imap()
        boxes = ["INBOX", "Work", "Work.2026", "Entw&APw-rfe"]
        cases.fill(client, boxes, texts + cases.NO_END, 40)
        client.logout()
        cases.arrive(dovecot.home / "Maildir", 1, b"Subject: arrived\n\nnew\n")
        peers.give(dovecot.home)
        write("dovecot", dovecot.home / "Maildir", seen_of(dovecot, boxes))
        mbox = peers.Dovecot(Path(name) / "mbox", "mbox:{home}/mail/folders:INBOX={home}/mail/spool")
        (mbox.home / "mail").mkdir()
        peers.give(mbox.home)
        client = mbox.imap()
        boxes = ["INBOX", "Work", "Deep/er"]
        cases.fill(client, boxes, texts + cases.NO_END, 30)
        client.logout()
        write("mbox", mbox.home / "mail", seen_of(mbox, boxes))
        programs = Path(os.environ["POSTHORN_BUILD"]) / "test-courier"
        why = peers.Courier.unpack(programs)
        assert why is None, why
        courier = peers.Courier(Path(name) / "courier", programs)
        client = courier.imap()
        boxes = ["INBOX", "INBOX.Work", "INBOX.Work.2026", "INBOX.Entw&APw-rfe"]
        cases.fill(client, boxes, texts, 30)
        client.logout()
        cases.arrive(courier.home / "Maildir", 1, b"Subject: arrived\n\nnew\n")
        peers.give(courier.home)
        write("courier", courier.home / "Maildir", seen_of(courier, boxes))


main()
