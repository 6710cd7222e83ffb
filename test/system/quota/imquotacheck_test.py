# SPDX-License-Identifier: Apache-2.0
"""imquotacheck: the report, and notices by rules."""

import json
import os
from pathlib import Path

from support import EX_NOUSER, EX_UNAVAILABLE, EX_USAGE, Instance, deliver, notices

EX_DATAERR = 65

RULES = """# two rules and one that is off
[General]

[warn50]
notificationTriggerPercentage = 50
NotificationInterval=24
messageFile={folder}/fifty

[warn90]
notificationTriggerPercentage=90
notificationInterval=48

[off]
notificationTriggerPercentage=10
notificationInterval=1
enabled=0
"""


def run(instance: Instance, wanted: int, *words: str) -> str:
    done = instance.run("imquotacheck", *words, check=False)
    said = (done.stdout + done.stderr).decode(errors="replace")
    assert done.returncode == wanted, f"imquotacheck {words}: status {done.returncode}, not {wanted}: {said}"
    if wanted:
        assert done.stderr.strip(), f"imquotacheck {words} failed without a word"
    return done.stdout.decode()


def report(instance: Instance) -> None:
    rows = {row["user"]: row for row in json.loads(run(instance, 0, "--json"))}
    assert set(rows) == {"anna", "bert", "cora@other.example"}, rows
    anna = rows["anna"]
    assert anna["quotabytes"] == 10240 and anna["messages"] == 1 and 50 <= anna["percentbytes"] < 90, anna
    assert anna["quotamessages"] == -1 and anna["percentmessages"] is None
    assert rows["bert"]["quotamessages"] == 2 and rows["bert"]["percentmessages"] == 100
    lines = run(instance, 0).splitlines()
    assert lines[0].split() == ["diskquota(K)", "size(K)", "%use", "msgquota", "messages", "%use", "user"]
    (line,) = [one for one in lines if one.endswith("  anna")]
    size = -(-anna["bytes"] // 1024)
    assert line.split() == ["10", str(size), str(anna["percentbytes"]), "no", "quota", "1", "-", "anna"], line
    assert [row["user"] for row in json.loads(run(instance, 0, "-u", "anna@test.example", "--json"))] == ["anna"]
    assert [row["user"] for row in json.loads(run(instance, 0, "-d", "Other.Example", "--json"))] == \
        ["cora@other.example"]
    assert {row["user"] for row in json.loads(run(instance, 0, "-d", "test.example", "--json"))} == {"anna", "bert"}
    everybody = {row["user"]: row["messages"] for row in json.loads(run(instance, 0, "-a", "--json"))}
    assert everybody == {"anna": 1, "bert": 2, "cora@other.example": 1, "dora": 0}, everybody
    run(instance, EX_NOUSER, "-u", "nobody-here")
    run(instance, EX_UNAVAILABLE, "-f")
    run(instance, EX_UNAVAILABLE, "-f", "-d", "test.example")
    for words in (("-u", "anna", "-d", "x"), ("-t", "x"), ("anna",), ("--no-such",), ("-u",)):
        run(instance, EX_USAGE, *words)


def notify(instance: Instance, folder: Path) -> None:
    rules, fifty = folder / "rules", folder / "fifty"
    run(instance, EX_DATAERR, "-n")
    rules.write_text(RULES.format(folder=folder))
    rules.chmod(0o644)
    fifty.write_text("Subject: half full, %U%\n\nYou use %M% of %C%: %Q% percent.\n%R%\n100% sure\n")
    fifty.chmod(0o644)
    # bert is at 100 % and his rule has no message yet: he is complained of, the others are told.
    run(instance, EX_DATAERR, "-n", "-r", str(rules), "-u", "bert")
    assert "anna" in run(instance, 0, "-n", "-D", "-r", str(rules), "-d", "test.example", "-t", str(fifty))
    assert not notices(instance, "anna")
    said = run(instance, 0, "-n", "-r", str(rules), "-u", "anna")
    assert said.startswith("anna: ") and "warn50" in said, said
    (notice,) = notices(instance, "anna")
    assert notice["Subject"] == "half full, anna", notice.as_string()
    text = notice.get_payload()
    assert "of 10 kB: " in text and "100% sure" in text and "quota 10 kB, used " in text, text
    assert not run(instance, 0, "-n", "-r", str(rules), "-u", "anna"), "once an interval"
    assert len(notices(instance, "anna")) == 1
    own = folder / "own"
    own.write_text("Subject: mind the quota\n\n%U%\n")
    own.chmod(0o644)
    done = json.loads(run(instance, 0, "-n", "-r", str(rules), "-t", str(own), "--json"))
    assert [(row["user"], row["rule"], row["sent"]) for row in done] == [("bert", "warn90", True)], done
    (notice,) = notices(instance, "bert")
    assert notice["Subject"] == "mind the quota" and notice["Importance"] == "high"


def bad_rules(instance: Instance, folder: Path) -> None:
    rules = folder / "rules"
    good = "[a]\nnotificationTriggerPercentage=90\nnotificationInterval=1\n"
    for wrong in ("", "[General]\n", "x=1\n", "[a\n", "[a]\n", "[a]\nnotificationInterval=1\n",
                  "[a]\nnotificationTriggerPercentage=many\n", good + "unknown=1\n", good + good,
                  "[General]\nreportMethod=/lib/x.so:f\n" + good, good + "messageFile=relative\n"):
        rules.write_text(wrong)
        run(instance, EX_DATAERR, "-n", "-r", str(rules))
    rules.unlink()
    run(instance, EX_DATAERR, "-n", "-r", str(rules))


def main() -> None:
    instance = Instance(Path(os.environ["POSTHORN_BIN"]), services=["imap"])
    try:
        instance.add_users([(user, f"secret of {user}") for user in ("anna", "bert", "cora@other.example", "dora")])
        instance.run("msuser", "set", "anna", "quota=10k")
        instance.run("msuser", "set", "bert", "messages=2")
        instance.start()
        assert deliver(instance, "anna", 6000) == 0
        for user in ("bert", "bert", "cora@other.example"):
            assert deliver(instance, user, 300) == 0
        folder = instance.directory / "letters"
        folder.mkdir()
        folder.chmod(0o755)
        report(instance)
        notify(instance, folder)
        bad_rules(instance, folder)
        assert "sound" in instance.run("mboxutil", "check").stdout.decode()
    finally:
        instance.stop()


main()
