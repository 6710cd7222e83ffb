# SPDX-License-Identifier: Apache-2.0
"""Quota at delivery: what waits, what goes back, who is told, and what sessions say."""

import concurrent.futures
import imaplib
import os
from pathlib import Path

from support import (EX_NOUSER, EX_TEMPFAIL, EX_UNAVAILABLE, Instance, deliver, empty, login, mails, notices, until)

USERS = ("anna", "bert", "cora", "dora", "emil", "fred")


def instance_with(**options: str) -> Instance:
    rows = {name.replace("_", ".", 1): value for name, value in options.items()}
    instance = Instance(Path(os.environ["POSTHORN_BIN"]), rows, services=["imap"])
    instance.add_users([(user, f"secret of {user}") for user in USERS])
    instance.start()
    return instance


def set_option(instance: Instance, name: str, value: str) -> None:
    instance.options[name] = value
    instance.write_config()


def grace(instance: Instance) -> None:
    """Mail waits first and is given back after the grace period; room ends it."""
    instance.run("msuser", "set", "anna", "quota=10k")
    assert deliver(instance, "anna", 9000) == 0
    set_option(instance, "store.quotagraceperiod", "2s")
    assert deliver(instance, "anna", 5000) == EX_TEMPFAIL
    until(lambda: deliver(instance, "anna", 5000), EX_UNAVAILABLE)
    assert deliver(instance, "anna", 100) == 0, "what fits is taken"
    assert deliver(instance, "anna", 5000) == EX_TEMPFAIL, "and the grace period begins anew"
    assert deliver(instance, "anna", 5000, "-q") == 0
    until(lambda: deliver(instance, "anna", 5000), EX_UNAVAILABLE)
    empty(instance, "anna")
    assert deliver(instance, "anna", 9000) == 0
    assert deliver(instance, "anna", 5000) == EX_TEMPFAIL
    until(lambda: deliver(instance, "anna", 5000), EX_UNAVAILABLE)
    instance.run("msuser", "set", "anna", "quota=12k")
    assert deliver(instance, "anna", 5000) == EX_TEMPFAIL, "a raised quota begins it anew, too"
    set_option(instance, "store.quotagraceperiod", "0")
    assert deliver(instance, "anna", 5000) == EX_UNAVAILABLE
    set_option(instance, "store.quotagraceperiod", "120h")
    assert "sound" in instance.run("mboxutil", "check", "anna").stdout.decode()


def enforcement(instance: Instance) -> None:
    set_option(instance, "store.quotaenforcement", "no")
    assert deliver(instance, "anna", 50000) == 0
    set_option(instance, "store.quotaenforcement", "yes")
    assert deliver(instance, "anna", 100) == EX_TEMPFAIL


def overdraft(instance: Instance) -> None:
    """One message over the line, whoever is first, and the status that says so."""
    instance.run("msuser", "set", "bert", "quota=10k")
    set_option(instance, "store.quotaoverdraft", "yes")
    assert deliver(instance, "bert", 9000) == 0
    assert deliver(instance, "bert", 5000) == 0
    assert deliver(instance, "bert", 100) == EX_TEMPFAIL
    set_option(instance, "store.quotaoverdraft", "no")
    empty(instance, "bert")
    set_option(instance, "store.overquotastatus", "yes")
    assert deliver(instance, "bert", 12000) == 0
    done = instance.run("deliver", "bert", stdin=b"Subject: x\n\nx\n", check=False)
    assert done.returncode == EX_TEMPFAIL and b"overquota" in done.stderr, done
    empty(instance, "bert")
    assert deliver(instance, "bert", 100) == 0
    set_option(instance, "store.overquotastatus", "no")


def told(instance: Instance) -> None:
    """A warning, then word of being over quota, each once; the notices are exempt and well formed."""
    instance.run("msuser", "set", "cora", "quota=20k", "messages=50")
    assert deliver(instance, "cora", 17000) == 0
    assert not notices(instance, "cora"), "no notices by default"
    set_option(instance, "store.quotanotification", "yes")
    assert deliver(instance, "cora", 500) == 0 and not notices(instance, "cora"), "still under 90 %"
    assert deliver(instance, "cora", 1000) == 0
    (warning,) = notices(instance, "cora")
    assert warning["Subject"].startswith("Your mailbox is 9"), warning["Subject"]
    assert "cora@test.example" in warning["To"] and "postmaster@test.example" in warning["From"]
    assert warning["MIME-Version"] and warning["Date"] and warning["Message-ID"], warning.as_string()
    text = warning.get_payload()
    assert "Account: cora\r\n" in text and "of 20 kB" in text and "of 50" in text and "nearly full" in text, text
    assert deliver(instance, "cora", 100) == 0
    assert len(notices(instance, "cora")) == 1, "once an interval"
    assert deliver(instance, "cora", 5000) == EX_TEMPFAIL
    assert deliver(instance, "cora", 5000) == EX_TEMPFAIL
    warning, over = notices(instance, "cora")
    assert over["Importance"] == "high" and "120 hours" in over.get_payload(), over.as_string()
    client = login(instance, "cora")
    client.select("INBOX", readonly=True)
    assert len(client.search(None, "FLAGGED")[1][0].split()) == 1
    client.logout()
    assert "sound" in instance.run("mboxutil", "check", "cora").stdout.decode()


def own_text(instance: Instance) -> None:
    set_option(instance, "store.quotaexceededmsg",
               "Subject: Grüße: [PERCENT]$X-Site: yes$Date: never$$[ID] has [DISKUSAGE] of [QUOTA],$"
               "[NUMMSG] of [MSGQUOTA]. [OTHER] stays.$")
    instance.run("msuser", "set", "dora", "messages=2")
    assert deliver(instance, "dora", 1000) == 0 and not notices(instance, "dora")
    assert deliver(instance, "dora", 1000) == 0
    (notice,) = notices(instance, "dora")
    assert notice["Subject"].startswith("=?UTF-8?B?") and notice["X-Site"] == "yes", notice.as_string()
    assert notice["Date"] != "never" and len(notice.get_all("Date")) == 1
    text = notice.get_payload()
    assert "dora has 2 kB of unlimited,\r\n2 of 2. [OTHER] stays.\r\n" in text or \
        "dora has 3 kB of unlimited,\r\n2 of 2. [OTHER] stays.\r\n" in text, text
    set_option(instance, "store.quotaexceededmsg", "")
    empty(instance, "dora")
    instance.run("msuser", "set", "emil", "messages=1")
    assert deliver(instance, "emil", 1000) == 0 and not notices(instance, "emil"), "no text, no notice"
    set_option(instance, "store.quotaexceededmsg", "Only text, no header.")
    assert deliver(instance, "emil", 1000) == EX_TEMPFAIL
    (notice,) = notices(instance, "emil")
    assert notice["Subject"] and "Only text" in notice.get_payload(), notice.as_string()


def raced(instance: Instance) -> None:
    """Many deliveries at once at the line: exactly what fits, and one notice of each kind."""
    instance.run("msuser", "set", "fred", "messages=20")
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: deliver(instance, "fred", 300), range(32)))
    assert set(results) <= {0, EX_TEMPFAIL}, results
    all_mails = mails(instance, "fred")
    fillers = [one for one in all_mails if not one["Auto-Submitted"]]
    told_of = [one for one in all_mails if one["Auto-Submitted"]]
    assert len(fillers) == results.count(0) and len(told_of) <= 2, (len(fillers), len(told_of), results)
    # The warning's own message takes a place of the twenty.
    assert results.count(0) in (19, 20), results
    assert "sound" in instance.run("mboxutil", "check", "fred").stdout.decode()


def may_enter(instance: Instance, user: str) -> bool:
    try:
        login(instance, user).logout()
    except imaplib.IMAP4.error:
        return False
    return True


def statuses(instance: Instance) -> None:
    """mailUserStatus at delivery and at login (facts 4.3)."""
    for status, wanted, may_log_in in (("overquota", EX_TEMPFAIL, True), ("hold", EX_TEMPFAIL, False),
                                       ("inactive", EX_TEMPFAIL, False), ("disabled", EX_NOUSER, False),
                                       ("deleted", EX_NOUSER, False), ("removed", EX_NOUSER, False),
                                       ("active", 0, True)):
        instance.run("msuser", "set", "emil", f"status={status}", "messages=")
        if may_log_in:
            until(lambda: may_enter(instance, "emil"), True)
        before = len(mails(instance, "emil")) if may_log_in else None
        assert deliver(instance, "emil", 100) == wanted, status
        if before is not None:
            assert len(mails(instance, "emil")) == before + (wanted == 0), status
        else:
            # The workers look at the user file once a second at most.
            until(lambda: may_enter(instance, "emil"), False)


def main() -> None:
    instance = instance_with()
    try:
        grace(instance)
        enforcement(instance)
        overdraft(instance)
        told(instance)
        own_text(instance)
        raced(instance)
        statuses(instance)
        assert "quota-alert" in instance.log(), "an ALERT is logged"
    finally:
        instance.stop()


main()
