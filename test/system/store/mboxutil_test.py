# SPDX-License-Identifier: Apache-2.0
"""mboxutil by words and by the manual's letters; check finds damage, repair rebuilds from the log alone."""

import json
from pathlib import Path

import support
from support import EX_CANTCREAT, EX_DATAERR, EX_NOUSER, EX_USAGE, expect, mailboxes


def names(instance, user: str = "anna") -> set[str]:
    return {name.removeprefix(f"user/{user}/") for name in mailboxes(instance, user)}


def words_and_letters(instance) -> None:
    expect(instance, 0, "mboxutil", "create", "user/anna/INBOX")
    expect(instance, 0, "mboxutil", "create", "user/anna/Work", "user/anna/Work/2026")
    expect(instance, 0, "mboxutil", "-c", "user/anna/Lists")
    assert {"INBOX", "Work", "Work/2026", "Lists"} <= names(instance)
    expect(instance, EX_CANTCREAT, "mboxutil", "create", "user/anna/Work")
    expect(instance, 0, "mboxutil", "rename", "user/anna/Work", "user/anna/Office")
    expect(instance, 0, "mboxutil", "-r", "user/anna/Lists", "user/anna/Office/Lists")
    assert {"Office", "Office/2026", "Office/Lists"} <= names(instance) and "Work" not in names(instance)
    expect(instance, EX_NOUSER, "mboxutil", "delete", "user/anna/Work")
    expect(instance, 0, "mboxutil", "-d", "user/anna/Office/Lists")
    assert "Office/Lists" not in names(instance)
    listed = expect(instance, 0, "mboxutil", "-l", "-p", "user/anna/Off*")
    assert "user/anna/Office/2026" in listed and "INBOX" not in listed, listed
    assert "Office/2026" not in expect(instance, 0, "mboxutil", "list", "user/anna/%")


def refusals(instance) -> None:
    for wrong in ("anna/Work", "user/", "user/anna/", "user/anna//x", "user/../x", "user/anna/a\x01b", "nonsense"):
        got, said = support.status(instance, "mboxutil", "create", wrong)
        assert got != 0 and said.strip(), f"{wrong!r} was taken: {said}"
    expect(instance, EX_USAGE, "mboxutil", "frobnicate")
    expect(instance, EX_USAGE, "mboxutil")
    expect(instance, EX_NOUSER, "mboxutil", "check", "nobody-here")


def account_file(instance, pattern: str) -> Path:
    found = sorted(Path(instance.options["server.directory"]).rglob(pattern))
    assert found, f"no {pattern}"
    return found[0]


def damaged_index(instance) -> None:
    before = mailboxes(instance, "bert")
    index = account_file(instance, "*bert*/index/data.mdb")
    index.write_bytes(b"not an index" + index.read_bytes()[12:4096 * 3])
    assert "sound" in expect(instance, 0, "mboxutil", "check", "bert")
    assert mailboxes(instance, "bert") == before, "the rebuilt index shows the same"
    index.unlink()
    assert mailboxes(instance, "bert") == before


def damaged_body(instance) -> None:
    segment = account_file(instance, "*bert*/log/*.seg")
    octets = bytearray(segment.read_bytes())
    at = octets.index(b"damage me here")
    octets[at] ^= 0x20
    segment.write_bytes(octets)
    said = expect(instance, EX_DATAERR, "mboxutil", "check", "bert")
    assert "INBOX" in said, said
    instance.start()
    import poplib
    client = poplib.POP3("127.0.0.1", instance.port("pop", False), timeout=30)
    client.user("bert")
    client.pass_("secret of bert")
    for number in (1, 3):
        assert b"intact" in b"\n".join(client.retr(number)[1]), "the rest is readable"
    client.quit()


def segments(instance, user: str) -> int:
    """Octets of the account's log."""
    return sum(file.stat().st_size for file in support.partition(instance).rglob(f"*{user}*/log/*.seg"))


def upkeep(instance) -> None:
    """What a mailbox took is given back though no service has run since, for one user or for all."""
    for user in ("cora", "dora"):
        expect(instance, 0, "mboxutil", "create", f"user/{user}/Large")
        for number in range(12):
            instance.run("deliver", "-m", "Large", user, stdin=b"Subject: large\n\n" + b"%d\n" % number * 60_000)
        before = segments(instance, user)
        expect(instance, 0, "mboxutil", "delete", f"user/{user}/Large")
        expect(instance, 0, "mboxutil", "upkeep", *([user] if user == "cora" else []))
        assert segments(instance, user) < before / 2, f"{user}: {before} to {segments(instance, user)}"
        assert "sound" in expect(instance, 0, "mboxutil", "check", user)
    expect(instance, EX_NOUSER, "mboxutil", "upkeep", "nobody-here")
    assert "upkeep [USER...]" in expect(instance, 0, "mboxutil", "--help")


def removed(instance, *words: str) -> dict[str, int]:
    """What expunge says that it has removed, or would remove: mailbox name to a number."""
    said = json.loads(instance.run("mboxutil", "expunge", "--json", *words).stdout)
    rows = {row["name"]: row["messages"] for row in said["mailboxes"]}
    assert said["messages"] == sum(rows.values()) and said["dryrun"] == ("--dry-run" in words), said
    return rows


def numbers(instance, name: str) -> tuple[int, int]:
    entry = mailboxes(instance, name.split("/")[1])[name]
    return entry["messages"], entry["deleted"]


def expunge_marked(instance) -> None:
    """What is marked goes, of several windows; the rest stays. Every third is \\Deleted, every fifth \\Seen."""
    source = instance.directory / "marked"
    source.mkdir()
    count = 2500
    for name, messages in (("Large", count), ("Small", 3)):
        (source / name).write_bytes(b"".join(
            b"From a@example.org Mon Jan  1 00:00:00 2024\nSubject: %d\n%s%s\nx\n\n" %
            (i, b"X-Status: D\n" if i % 3 == 0 else b"", b"Status: RO\n" if i % 5 == 0 else b"") for i in range(messages)))
    source.chmod(0o755)
    instance.run("mboxutil", "import", "-q", "--format", "mbox", "emil", str(source))
    large, small = "user/emil/Large", "user/emil/Small"
    marked = len(range(0, count, 3))
    seen = len(range(0, count, 15))
    assert numbers(instance, large) == (count, marked), numbers(instance, large)
    assert removed(instance, "--dry-run", "user/emil") == {large: marked, small: 1}
    assert removed(instance, "--dry-run", "--all") == {large: marked, small: 1}
    assert removed(instance, "--dry-run", "--seen", "--deleted", large) == {large: seen}
    assert removed(instance, "--older-than", "30d", "emil") == {}, "an age is that in the mailbox, not the header's"
    assert numbers(instance, large) == (count, marked), "a dry run changes nothing"
    assert removed(instance, "--seen", "user/emil") == {large: seen, small: 1}
    assert numbers(instance, large) == (count - seen, marked - seen)
    said = expect(instance, 0, "mboxutil", "-e", large)
    assert f"{marked - seen}  {large}" in said and f"{marked - seen}  messages of 1 mailboxes removed" in said, said
    assert numbers(instance, large) == (count - marked, 0) and numbers(instance, small) == (2, 0)
    assert removed(instance, "--all") == {}, "once more there is nothing to do"
    assert "sound" in expect(instance, 0, "mboxutil", "check", "emil")


def expunge_old(instance) -> None:
    """With an age all that is old goes, or of it what fits the rest."""
    small = "user/emil/Small"
    instance.deliver("emil", b"Subject: new\n\nnew\n")
    while removed(instance, "--dry-run", "--older-than", "1s", "user/emil/INBOX") == {}:
        pass  # it grows old by itself
    assert removed(instance, "--older-than", "1", "--all") == {}, "a number is days"
    assert removed(instance, "--older-than", "1s", "--deleted", "user/emil") == {}
    assert removed(instance, "--older-than", "1s", "--seen", "user/emil/INBOX") == {}
    assert removed(instance, "--older-than", "1s", small) == {small: 2}
    assert numbers(instance, small) == (0, 0)
    assert numbers(instance, "user/emil/INBOX") == (1, 0), "another mailbox is not touched"


def expunge_refusals(instance) -> None:
    for wrong in ((), ("--all", "emil"), ("--older-than",), ("--older-than", "0", "emil"), ("--older-than", "-1", "emil"),
                  ("--older-than", "soon", "emil"), ("--live", "emil"), ("emil/Small",)):
        expect(instance, EX_USAGE, "mboxutil", "expunge", *wrong)
    expect(instance, EX_USAGE, "mboxutil", "check", "--seen", "emil")
    expect(instance, EX_USAGE, "mboxutil", "repair", "--dry-run", "emil")
    instance.deliver("emil", b"Subject: new\n\nnew\n")
    for missing in ("user/emil/None", "nobody-here", "user/nobody-here/INBOX"):
        # The others are served all the same.
        said = expect(instance, EX_NOUSER, "mboxutil", "expunge", "--dry-run", missing, "user/emil/INBOX")
        assert missing in said and "0  messages of 0 mailboxes" in said, said
    assert "--older-than AGE" in expect(instance, 0, "mboxutil", "--help")


def main() -> None:
    with support.quiet_instance(users=("anna", "bert", "cora", "dora", "emil")) as instance:
        words_and_letters(instance)
        refusals(instance)
        for text in ("intact 1", "damage me here", "intact 3"):
            instance.deliver("bert", f"Subject: one\n\n{text}\n".encode())
        said = expect(instance, 0, "mboxutil", "repair", "bert")
        assert mailboxes(instance, "bert")["user/bert/INBOX"]["messages"] == 3, said
        upkeep(instance)
        expunge_marked(instance)
        expunge_old(instance)
        expunge_refusals(instance)
        damaged_index(instance)
        damaged_body(instance)
        expect(instance, 0, "mboxutil", "delete", "user/anna/INBOX")
        assert not mailboxes(instance, "anna"), "deleting INBOX deletes all that the user has"


main()
