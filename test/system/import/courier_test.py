# SPDX-License-Identifier: Apache-2.0
"""Maildirs of a real Courier: what its IMAP and POP clients saw is what ours see, to the octet. Its packages conflict
with other servers', so they are fetched and unpacked."""

import os
import tempfile
from pathlib import Path

import cases
import peers
import support

BOXES = ["INBOX", "INBOX.Work", "INBOX.Work.2026", "INBOX.Entw&APw-rfe", "INBOX.Sent"]


def our_name(name: str) -> str:
    return name if name == "INBOX" else name.removeprefix("INBOX.").replace(".", "/")


def compare(instance, user: str, courier) -> dict:
    pop = courier.pop()
    old_pop = peers.pop_seen(pop)  # first: it sets \\Seen
    pop.quit()
    client = courier.imap()
    old = peers.imap_seen(client, BOXES)
    client.logout()
    report = support.imported(instance, user, courier.home / "Maildir")
    client = support.imap(instance, user)
    new = peers.imap_seen(client, [our_name(name) for name in BOXES])
    client.logout()
    support.same({our_name(name): box for name, box in old["mailboxes"].items()}, new["mailboxes"], "IMAP")
    assert {our_name(name) for name in old["subscribed"]} <= set(new["subscribed"]), (old, new["subscribed"])
    support.same(old_pop, support.pop_seen(instance, user), "POP")
    assert all(uidl.startswith("UID") for uidl in old_pop), old_pop.keys()
    assert all(folder["uids"] == "kept" for folder in report["folders"]), report
    support.sound(instance, user)
    return report


def main() -> None:
    programs = Path(os.environ["POSTHORN_BUILD"]) / "test-courier"
    why = peers.Courier.unpack(programs)
    if why:
        support.skip(why)
    cases.in_zone()
    with tempfile.TemporaryDirectory() as name, support.family(("anna",)) as instance:
        Path(name).chmod(0o755)
        courier = peers.Courier(Path(name) / "old", programs)
        client = courier.imap()
        cases.fill(client, BOXES, cases.TEXTS, 60)
        client.logout()
        root = courier.home / "Maildir"
        for number in range(3):
            cases.arrive(root, number, b"Subject: arrived %d\n\nnew\n" % number)
        peers.give(root)
        client = courier.imap()
        cases.ok(client.select("INBOX"))  # numbers what has arrived, and writes it down
        client.logout()
        compare(instance, "anna", courier)
        client = courier.imap()
        cases.ok(client.append("INBOX.Work", "Work", None, b"Subject: late\r\n\r\nlate\r\n"))
        cases.ok(client.append("INBOX", "", None, b"Subject: late\r\n\r\nlate\r\n"))
        client.logout()
        report = compare(instance, "anna", courier)
        assert sum(box["imported"] for box in report["folders"]) == 2, report
    print("identical")


main()
