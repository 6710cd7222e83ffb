# SPDX-License-Identifier: Apache-2.0
"""Imports while clients are there: open sessions see new mail and new mailboxes, or are told to begin anew."""

import tempfile
from pathlib import Path

import makers
import support


def sees_new_mail(instance, folder: Path) -> None:
    """Into a mailbox that has mail: EXISTS, for a session that has it open."""
    instance.deliver("anna", b"Subject: own\n\nown\n")
    client = support.imap(instance, "anna")
    assert client.select("INBOX")[1] == [b"1"]
    root = makers.numbered(folder / "append", list(range(1, 301)))
    makers.numbered(root / ".Work", [4, 7], validity=7)
    report = support.imported(instance, "anna", root, "--append")
    assert report["by"]["INBOX"]["imported"] == 300, report
    client.noop()
    assert client.response("EXISTS")[1][-1] == b"301"
    assert client.uid("FETCH", "301", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")[1][0][1].strip() == b"Subject: message 300"
    assert client.select("Work")[1] == [b"2"], "the new mailbox is there"
    client.logout()


def begins_anew(instance, folder: Path) -> None:
    """An empty INBOX takes the old UIDVALIDITY under a session: it is not shown messages under the other one."""
    client = support.imap(instance, "bert")
    assert client.select("INBOX")[1] == [b"0"]
    before = int(client.response("UIDVALIDITY")[1][0])
    support.imported(instance, "bert", makers.numbered(folder / "fresh", [3, 9], validity=11))
    try:
        client.response("EXISTS")
        client.noop()
        assert client.response("EXISTS")[1] == [None], f"messages appear under UIDVALIDITY {before}"
        assert not any(client.uid("FETCH", "1:*", "(FLAGS)")[1]), "they can be fetched under it"
    except client.abort:
        pass  # BYE: it must log in again
    again = support.imap(instance, "bert")
    assert again.select("INBOX")[1] == [b"2"]
    assert int(again.response("UIDVALIDITY")[1][0]) == 11
    again.logout()


def over_quota(instance, folder: Path) -> None:
    """What a user had he keeps: quota and the largest size are for new mail."""
    root = makers.maildir(folder / "quota")
    makers.put(root, "1500000000.M1P1.host:2,", b"Subject: large\n\n" + b"x" * 90 + b"\n" * 3_000_000)
    makers.put(root, "1500000001.M1P1.host:2,", makers.message(1))
    report = support.imported(instance, "cora", makers.given(root))
    assert report["by"]["INBOX"]["imported"] == 2, report
    assert len(support.subjects(instance, "cora", "INBOX")[0]) == 2
    done = instance.run("deliver", "cora", stdin=b"Subject: new\n\n" + b"new\n" * 400_000, check=False)
    assert done.returncode != 0, "new mail is refused"


def main() -> None:
    options = {"store.defaultmailboxquota": "1048576", "store.maxmessagesize": "1M"}
    with tempfile.TemporaryDirectory() as name, support.family(("anna", "bert", "cora"), options=options) as instance:
        Path(name).chmod(0o755)
        sees_new_mail(instance, Path(name))
        begins_anew(instance, Path(name))
        over_quota(instance, Path(name))


main()
