# SPDX-License-Identifier: Apache-2.0
"""A host whose IMAP service dies: who has his mail there is told so, and to try again; nobody else notices; when it is
back, all is as it was."""

import os
import signal

import jmap
from two_hosts import ONE, TWO, Family

ABROAD = "Abroad"  # a folder that Anna shares with Bert


def kill_imap(family: Family) -> None:
    """Of host one, without a word to those who are connected."""
    bert = family.client("bert", TWO)
    jmap.eventually(lambda: ABROAD in bert.mailboxes(account_of_anna(family)), 45.0)
    host = family.hosts[ONE]
    for pid in host.workers("imapd"):
        os.kill(pid, signal.SIGKILL)
    host.run("stop-msg", "imap")


def account_of_anna(family: Family) -> str:
    return family.client("anna", TWO).own_account


def is_away(client: jmap.Client, account: str) -> None:
    try:
        client.call("Mailbox/get", {"accountId": account, "ids": None})
        raise AssertionError("a dead host answered")
    except jmap.MethodError as error:
        assert error.type == "serverUnavailable", error
        assert "try again" in error.arguments["description"].lower(), error


def check_dead(family: Family) -> None:
    anna, bert = (family.client(user, TWO) for user in ("anna", "bert"))
    is_away(anna, anna.own_account)
    assert "inbox" in bert.mailboxes(), "another host's user notices nothing"
    # What is shared from there is not there now, which is another thing than what is shared no more.
    is_away(bert, anna.own_account)
    assert anna.own_account in bert.session()["accounts"]


def heal(family: Family) -> None:
    family.hosts[ONE].run("start-msg", "imap")


def check_healed(family: Family) -> None:
    anna, bert = (family.client(user, TWO) for user in ("anna", "bert"))

    def healed() -> bool:
        try:
            return "inbox" in anna.mailboxes() and ABROAD in bert.mailboxes(anna.own_account)
        except jmap.MethodError as error:
            assert error.type == "serverUnavailable", error
            return False
    jmap.eventually(healed, 30.0)


def check_dead_host(family: Family) -> None:
    kill_imap(family)
    check_dead(family)
    heal(family)
    check_healed(family)
