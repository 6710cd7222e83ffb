# SPDX-License-Identifier: Apache-2.0
"""Maildirs and mboxes of a real Dovecot: what its IMAP and POP clients saw is what ours see, to the octet."""

import tempfile
from pathlib import Path

import cases
import peers
import support

BOXES = ["INBOX", "Work", "Work.2026.Q1", "Entw&APw-rfe", "R&-D", "Sent", "Passed"]
NAMES = {"Work.2026.Q1": "Work/2026/Q1"}


def renamed(seen: dict) -> dict:
    """As our server names them."""
    return {"mailboxes": {NAMES.get(name, name): box for name, box in seen["mailboxes"].items()},
            "subscribed": sorted(NAMES.get(name, name) for name in seen["subscribed"])}


def ours(instance, user: str, names: list[str]) -> dict:
    client = support.imap(instance, user)
    seen = peers.imap_seen(client, names)
    client.logout()
    # The folders that every account gets are subscribed, too.
    seen["subscribed"] = [name for name in seen["subscribed"] if name in names and name != "INBOX" or name == "Gone"]
    return seen


def compare(instance, user: str, dovecot, source: Path, boxes: list[str], options: tuple[str, ...] = ()) -> dict:
    pop = dovecot.pop()
    old_pop = peers.pop_seen(pop)  # first: it sets \\Seen
    pop.quit()
    client = dovecot.imap()
    old = renamed(peers.imap_seen(client, boxes))
    client.logout()
    report = support.imported(instance, user, source, *options)
    support.same(old, ours(instance, user, list(old["mailboxes"])), "IMAP")
    support.same(old_pop, support.pop_seen(instance, user), "POP")
    assert all(folder["uids"] == "kept" for folder in report["folders"]), report
    support.sound(instance, user)
    return report


def maildir(instance, folder: Path, user: str, extra: str, uidls: tuple[str, ...] = ()) -> None:
    dovecot = peers.Dovecot(folder / user, extra=extra)
    client = dovecot.imap()
    cases.fill(client, BOXES, cases.TEXTS + cases.NO_END, 90)
    for word in (client.create, client.subscribe, client.delete):
        cases.ok(word("Gone"))  # the subscription stays
    client.logout()
    root = dovecot.home / "Maildir"
    for number in range(3):
        cases.arrive(root, number, b"Subject: arrived %d\n\nnew\n" % number)
    cases.arrive(root, 7, b"Subject: put there\r\n\r\ncrlf\r\n", "FS")
    peers.give(root)
    pop = dovecot.pop()  # Dovecot numbers what has arrived
    pop.quit()
    report = compare(instance, user, dovecot, root, BOXES, uidls)
    assert sum(box["imported"] for box in report["folders"]) > 50
    again = support.imported(instance, user, root, *uidls)
    assert all(box["imported"] == 0 and box["failed"] == 0 for box in again["folders"]), again
    more_mail(instance, user, dovecot, root, uidls)


def more_mail(instance, user: str, dovecot, root: Path, uidls: tuple[str, ...]) -> None:
    """The old server went on taking mail: another run brings it along, under its UIDs."""
    client = dovecot.imap()
    cases.ok(client.append("INBOX", "", None, b"Subject: late\r\n\r\nlate\r\n"))
    cases.ok(client.append("Work", "Work", None, b"Subject: late, too\r\n\r\nlate\r\n"))
    client.logout()
    pop = dovecot.pop()
    pop.quit()
    report = compare(instance, user, dovecot, root, BOXES, uidls)
    assert sum(box["imported"] for box in report["folders"]) == 2, report


def nested(instance, folder: Path, user: str) -> None:
    """LAYOUT=fs, names in UTF-8."""
    dovecot = peers.Dovecot(folder / user, "maildir:{home}/Maildir:LAYOUT=fs:UTF-8")
    client = dovecot.imap()
    boxes = ["INBOX", "Work", "Work/2026", "Entw&APw-rfe"]
    cases.fill(client, boxes, cases.TEXTS, 30)
    client.logout()
    compare(instance, user, dovecot, dovecot.home / "Maildir", boxes)


def mbox(instance, folder: Path, user: str) -> None:
    dovecot = peers.Dovecot(folder / user, "mbox:{home}/mail:INBOX={home}/spool")
    client = dovecot.imap()
    boxes = ["INBOX", "Work", "Deep/er/Box", "Entw&APw-rfe"]
    cases.fill(client, boxes, cases.TEXTS + cases.NO_END, 40)
    client.logout()
    pop = dovecot.pop()
    pop.quit()
    compare(instance, user, dovecot, dovecot.home / "mail", boxes, ("--inbox", str(dovecot.home / "spool")))
    again = support.imported(instance, user, dovecot.home / "mail", "--inbox", str(dovecot.home / "spool"))
    assert all(box["imported"] == 0 and box["failed"] == 0 for box in again["folders"]), again


def main() -> None:
    why = peers.Dovecot.missing()
    if why:
        support.skip(why)
    cases.in_zone()
    with tempfile.TemporaryDirectory() as name, support.family(("plain", "saved", "names", "fs", "mbox")) as instance:
        folder = Path(name)
        folder.chmod(0o755)
        maildir(instance, folder, "plain", "")
        maildir(instance, folder, "saved", "protocol pop3 {\n  pop3_save_uidl = yes\n  pop3_uidl_format = %g\n}\n")
        maildir(instance, folder, "names", "protocol pop3 {\n  pop3_uidl_format = U%u-%08Xv-%f\n}\n",
                ("--uidls", "U%u-%08Xv-%f"))
        nested(instance, folder, "fs")
        mbox(instance, folder, "mbox")
    print("identical")


main()
