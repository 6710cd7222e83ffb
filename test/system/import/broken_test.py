# SPDX-License-Identifier: Apache-2.0
"""Sources as they should not be, accounts that have mail already, and what is said of it."""

import gzip
import os
import tempfile
from pathlib import Path

import makers
import support
from makers import maildir, message, numbered, put
from support import EX_DATAERR, EX_NOINPUT, EX_NOPERM, EX_NOUSER, EX_USAGE, imported, status
from support import subjects as seen


def odd_files(instance, folder: Path) -> None:
    """Links, pipes and directories among messages, files that nobody may read, empty and compressed ones."""
    root = numbered(folder / "odd", [1, 2, 3, 4, 5, 6])
    cur = root / "cur"
    secret = folder / "secret"
    secret.write_bytes(b"Subject: secret\n\nsecret\n")
    os.symlink(secret, cur / "1600000001.M1P1.host:2,")
    os.symlink(folder / "nowhere", cur / "1600000002.M1P1.host:2,")
    os.mkfifo(cur / "1600000003.M1P1.host:2,")
    (cur / "1600000004.M1P1.host:2,").mkdir()
    os.symlink("/etc", root / ".Etc")
    os.symlink(folder, root / ".Up")
    put(root, "1600000005.M1P1.host:2,", b"")
    put(root, "1600000006.M1P1.host:2,", gzip.compress(message(1)))
    put(root, "1600000007.M1P1.host", b"Subject: in tmp\n\n", "tmp")
    makers.given(root)
    next(file for file in cur.iterdir() if ".M3P1." in file.name).chmod(0)
    report = imported(instance, "anna", root, wanted=EX_DATAERR)
    inbox = report["by"]["INBOX"]
    assert (inbox["imported"], inbox["failed"], inbox["empty"]) == (5, 2, 1), inbox
    assert any("M3P1" in line for line in inbox["failures"]) and any("gzip" in line for line in inbox["failures"]), inbox
    assert any("links, pipes" in note for note in inbox["notes"]), inbox
    assert report["by"]["Etc"]["refused"] and report["by"]["Up"]["refused"], report
    subjects, validity = seen(instance, "anna", "INBOX")
    assert set(subjects) == {1, 2, 4, 5, 6} and validity == 1_234_567_890, subjects
    # What could not be read then can be now. Its UID has passed: it comes behind all others.
    next(file for file in cur.iterdir() if ".M3P1." in file.name).chmod(0o600)
    numbers = imported(instance, "anna", root, wanted=EX_DATAERR)["by"]["INBOX"]
    assert (numbers["imported"], numbers["failed"], numbers["uids"]) == (1, 1, "kept"), numbers
    again, same = seen(instance, "anna", "INBOX")
    assert same == validity and again == subjects | {7: "Subject: message 3"}, again
    # And more from the old server, under its UIDs, and once more nothing.
    numbered(root, [1, 2, 3, 4, 5, 6, 8, 9])
    assert imported(instance, "anna", root, wanted=EX_DATAERR)["by"]["INBOX"]["imported"] == 2
    assert seen(instance, "anna", "INBOX")[0] == again | {8: "Subject: message 8", 9: "Subject: message 9"}
    assert imported(instance, "anna", root, wanted=EX_DATAERR)["by"]["INBOX"]["imported"] == 0
    support.sound(instance, "anna")


def lists(instance, folder: Path) -> None:
    """A list of UIDs with garbage, doubles, names without files; files without a line."""
    root = numbered(folder / "lists", [5, 9, 12])
    names = {int(file.name.split(".M")[1].split("P")[0]): file.name.split(":")[0] for file in (root / "cur").iterdir()}
    put(root, "1700000001.M1P1.host:2,F", message(101))
    put(root, "1700000000.M1P1.host", message(100), "new")
    (root / "dovecot-uidlist").write_text(
        "3 V77 N10 Gx\n"
        f"5 :{names[5]}\n7 :{names[9]}\n9 :{names[9]}:2,S\nrubbish\n0 :zero\n-1 :minus\n99999999999 :large\n\x00\xff\n"
        f"8 :gone.away\n12 W5 P{'x' * 200} :{names[12]}\n12 :1700000001.M1P1.host\n13 :../../etc/passwd\n14 :\n")
    makers.given(root)
    report = imported(instance, "bert", root)
    subjects, validity = seen(instance, "bert", "INBOX")
    # 9's line came later than 7's: it is the one that Dovecot believes. The others come behind all UIDs.
    assert validity == 77
    assert subjects == {5: "Subject: message 5", 9: "Subject: message 9", 12: "Subject: message 12",
                        13: "Subject: message 100", 14: "Subject: message 101"}, subjects
    assert any("left out" in note for note in report["by"]["INBOX"]["notes"]), report
    (root / "dovecot-uidlist").write_bytes(b"\xff\xfe rubbish\n")
    whole = numbered(folder / "lists2", [1])
    (whole / "dovecot-uidlist").write_bytes(b"")
    report = imported(instance, "cora", makers.given(whole))
    assert report["by"]["INBOX"]["imported"] == 1 and report["by"]["INBOX"]["uids"] == "new", report


def names(instance, folder: Path) -> None:
    root = maildir(folder / "names")
    for number, name in enumerate([b".INBOX", b".INBOX.Sub", b".a..b", b".50%*", b".\xff\xfe", b".Entw&APw-rfe",
                                   b".Entw\xc3\xbcrfe", b".R&D", b"." + b"long" * 60, b".tab\there"]):
        box = os.fsencode(root) + b"/" + name
        os.makedirs(box + b"/cur")
        with open(box + b"/cur/%d.M1P1.host:2," % (1_600_000_000 + number), "wb") as out:
            out.write(message(number))
    makers.given(root)
    report = imported(instance, "dora", root)
    boxes = {box["mailbox"]: box for box in report["folders"]}
    for name in ("INBOX_", "Sub", "a/_/b", "50__", "=FF=FE", "Entwürfe", "Entwürfe (2)", "R&D", "long" * 60, "tab_here"):
        assert boxes[name]["imported"] == 1, (name, list(boxes))
    assert any("becomes the mailbox" in note for box in report["folders"] for note in box["notes"])
    assert all(box["imported"] == 0 for box in imported(instance, "dora", root)["folders"]), "names are the same again"
    support.sound(instance, "dora")


def mail_already(instance, folder: Path) -> None:
    root = numbered(folder / "already", [1, 2, 3], validity=4242)
    instance.deliver("emil", b"Subject: own\n\nown\n")
    before, validity = seen(instance, "emil", "INBOX")
    report = imported(instance, "emil", root, wanted=EX_DATAERR)
    assert report["by"]["INBOX"]["refused"] and "--append" in report["said"], report
    assert seen(instance, "emil", "INBOX") == (before, validity), "refused means untouched"
    report = imported(instance, "emil", root, "--append")
    assert report["by"]["INBOX"]["uids"] == "added", report
    after, same = seen(instance, "emil", "INBOX")
    assert same == validity and after == before | {2: "Subject: message 1", 3: "Subject: message 2", 4: "Subject: message 3"}
    assert {f"{uid:08x}{4242:08x}" for uid in (1, 2, 3)} < set(support.pop_seen(instance, "emil")), "UIDLs are kept"
    assert imported(instance, "emil", root)["by"]["INBOX"]["imported"] == 0, "nothing twice"
    assert imported(instance, "emil", root, "--append")["by"]["INBOX"]["imported"] == 0


def taken_meanwhile(instance, folder: Path) -> None:
    """New mail took a UID that the old server gave as well, later."""
    root = numbered(folder / "meanwhile", [1, 2, 3], validity=99)
    imported(instance, "fred", root)
    instance.deliver("fred", b"Subject: own\n\nown\n")
    numbered(root, [1, 2, 3, 4, 5], validity=99)
    report = imported(instance, "fred", root, wanted=EX_DATAERR)
    assert report["by"]["INBOX"]["refused"], report
    before, validity = seen(instance, "fred", "INBOX")
    assert validity == 99 and before[4] == "Subject: own"
    report = imported(instance, "fred", root, "--append")
    after, renewed = seen(instance, "fred", "INBOX")
    assert renewed > 99 and report["by"]["INBOX"]["uids"] == "new", report
    assert sorted(after.values()) == sorted(["Subject: own"] + [f"Subject: message {n}" for n in range(1, 6)]), after


def live(instance, folder: Path) -> None:
    """--live leaves what the old server has not numbered to the last run."""
    root = numbered(folder / "live", [1, 2], validity=55)
    put(root, "1500000009.M9P1.host", message(9), "new")
    makers.given(root)
    report = imported(instance, "gina", root, "--live")
    assert (report["by"]["INBOX"]["imported"], report["by"]["INBOX"]["later"]) == (2, 1), report
    numbered(root, [1, 2, 3], validity=55)
    assert imported(instance, "gina", root)["by"]["INBOX"]["imported"] == 2
    assert seen(instance, "gina", "INBOX") == ({1: "Subject: message 1", 2: "Subject: message 2",
                                                3: "Subject: message 3", 4: "Subject: message 9"}, 55)


def words(instance, folder: Path) -> None:
    root = numbered(folder / "words", [1, 2])
    report = imported(instance, "hugo", root, "--dry-run")
    assert report["dryrun"] and report["by"]["INBOX"]["imported"] == 2, report
    assert "user/hugo/" not in status(instance, "list")[1], "a dry run makes no account"
    for wanted, line in ((EX_NOINPUT, ("hugo", str(folder / "nowhere"))), (EX_NOUSER, ("nobody-here", str(root))),
                         (EX_USAGE, ("hugo", str(root), "--format", "pst")), (EX_USAGE, ("hugo",)),
                         (EX_USAGE, ("hugo", str(root), "--mbox", "x", "--format", "mbox")),
                         (EX_DATAERR, ("hugo", str(folder / "secret")))):
        code, said = status(instance, "import", *line)
        assert code == wanted and said.strip(), (line, code, said)
    code, said = status(instance, "list", "--append")
    assert code == EX_USAGE, said
    code, said = status(instance, "import", "hugo", str(root))
    assert code == 0 and "2 messages imported" in said and "folder 1 of 1, INBOX: 2 imported" in said, said
    if os.getuid() == 0:
        os.chown(root, 0, 0)
        root.chmod(0o700)
        code, said = status(instance, "import", "hugo", str(root))
        assert code == EX_NOPERM and "setfacl -R -m u:nobody:rX" in said, (code, said)


def special_uses(instance, folder: Path) -> None:
    root = maildir(folder / "uses")
    for name in (".Sent Messages", ".Junk", ".Entw&APw-rfe"):
        maildir(root / name)
        put(root / name, "1600000000.M1P1.host:2,S", message(1))
    imported(instance, "ines", makers.given(root))
    boxes = support.mailboxes(instance, "ines")
    assert boxes["Sent Messages"]["specialuse"] == ["\\Sent"] and boxes["Sent"]["specialuse"] == [], boxes
    assert boxes["Junk"]["specialuse"] == ["\\Junk"] and boxes["Trash"]["specialuse"] == ["\\Trash"]


def main() -> None:
    users = ("anna", "bert", "cora", "dora", "emil", "fred", "gina", "hugo", "ines")
    with tempfile.TemporaryDirectory() as name, support.family(users) as instance:
        folder = Path(name)
        folder.chmod(0o755)
        for part in (odd_files, lists, names, mail_already, taken_meanwhile, live, words, special_uses):
            part(instance, folder)


main()
