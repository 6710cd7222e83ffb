# SPDX-License-Identifier: Apache-2.0
"""A host whose IMAP service dies: who has his mail there is told so, and to try again; nobody else notices; when it is
back, all is as it was."""

import os
import signal

import jmap
from two_hosts import ONE, TWO, Family


def kill_imap(family: Family) -> None:
    """Of host one, without a word to those who are connected."""
    host = family.hosts[ONE]
    for pid in host.workers("imapd"):
        os.kill(pid, signal.SIGKILL)
    host.run("stop-msg", "imap")


def check_dead(family: Family) -> None:
    anna, bert = (family.client(user, TWO) for user in ("anna", "bert"))
    try:
        anna.call("Mailbox/get", {"ids": None})
        raise AssertionError("a dead host answered")
    except jmap.MethodError as error:
        assert error.type == "serverUnavailable", error
        assert "try again" in error.arguments["description"].lower(), error
    assert "inbox" in bert.mailboxes(), "another host's user notices nothing"


def heal(family: Family) -> None:
    family.hosts[ONE].run("start-msg", "imap")


def check_healed(family: Family) -> None:
    anna = family.client("anna", TWO)

    def healed() -> bool:
        try:
            return "inbox" in anna.mailboxes()
        except jmap.MethodError as error:
            assert error.type == "serverUnavailable", error
            return False
    jmap.eventually(healed, 30.0)


def check_dead_host(family: Family) -> None:
    kill_imap(family)
    check_dead(family)
    heal(family)
    check_healed(family)
