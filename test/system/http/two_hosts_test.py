# SPDX-License-Identifier: Apache-2.0
"""Two hosts, as two instances of the family: each user's mail is at his mailHost, any web server serves anybody,
what one shares with the other is reached at its owner's host, and a host that is gone hurts nobody else. One pair for
all clients: ours, one from npm, curl, and the browser client in Chromium."""

import sys
import time

from two_hosts import HOSTS, ONE, TWO, Family, Share
from two_hosts_curl import check_curl
from two_hosts_dead import ABROAD, check_dead_host
from two_hosts_node import check_chromium, check_npm

import jmap  # (test/support, found by two_hosts.py)


def subjects(client: jmap.Client, mailbox: str, account: str | None = None) -> list[str]:
    return sorted(email["subject"] for email in client.emails(mailbox, ["subject"], account))


def check_any_web_server(family: Family) -> None:
    for user in ("anna", "bert"):
        family.deliver(user, f"for {user}")
        for host in HOSTS:
            client = family.client(user, host)
            inbox = client.mailboxes()["inbox"]["id"]
            assert subjects(client, inbox) == [f"for {user}"], (user, host)
    # One mailbox, whichever way: what is done by one web server is seen by the other.
    here, there = (family.client("bert", host) for host in HOSTS)
    inbox = here.mailboxes()["inbox"]["id"]
    email = here.emails(inbox)[0]["id"]
    changed = here.call("Email/set", {"update": {email: {"keywords/$flagged": True}}})
    assert email in changed["updated"], changed
    assert there.call("Email/get", {"ids": [email], "properties": ["keywords"]})["list"][0]["keywords"] == {
        "$flagged": True}


def check_sharing(family: Family, team: Share) -> None:
    """Anna's mail is at host one, what Bert shares with her at host two."""
    account, folder = team.account, team.folder
    anna = family.client("anna", ONE)
    accounts = anna.session()["accounts"]
    assert sorted(accounts) == sorted([anna.own_account, account]), "one account for each owner"
    assert not accounts[account]["isPersonal"]
    boxes = anna.call("Mailbox/get", {"accountId": account, "ids": None})["list"]
    assert [box["id"] for box in boxes] == [folder], boxes
    assert boxes[0]["myRights"]["mayReadItems"] and not boxes[0]["myRights"]["mayRemoveItems"]
    assert subjects(anna, folder, account) == ["for the team"]
    email = anna.emails(folder, ["id"], account)[0]["id"]
    done = anna.call("Email/set", {"accountId": account, "update": {email: {"keywords/$seen": True}}})
    assert email in done["updated"], done
    refused = anna.call("Email/set", {"accountId": account, "destroy": [email]})
    assert refused["notDestroyed"][email]["type"] == "forbidden", refused
    # \Seen is each reader's own.
    bert = family.client("bert", TWO)
    assert "$seen" not in bert.call("Email/get", {"ids": [email], "properties": ["keywords"]})["list"][0]["keywords"]
    # A stranger sees none of it.
    carl = family.client("carl", ONE)
    assert account not in carl.session()["accounts"]
    check_not_there(carl, account)


def check_not_there(client: jmap.Client, account: str) -> None:
    try:
        client.call("Mailbox/get", {"accountId": account, "ids": None})
        raise AssertionError("it is open to whom nothing is shared with")
    except jmap.MethodError as error:
        assert error.type == "accountNotFound", error


def check_push(family: Family) -> None:
    """A delivery at the other host reaches an event stream at this one within a second."""
    bert = family.client("bert", ONE)
    stream = bert.events("Email", ping=0)
    for attempt in range(20):  # until the other host is listened to
        family.deliver("bert", f"warm {attempt}")
        try:
            stream.state_change(bert.own_account, "Email", timeout=1.0)
            break
        except TimeoutError:
            continue
    began = family.deliver("bert", "pushed")
    assert stream.state_change(bert.own_account, "Email", timeout=5.0)
    took = time.monotonic() - began
    print(f"our client at host one was told of a delivery to host two after {took * 1000:.0f} ms")
    assert took < 1.0, took
    inbox = bert.mailboxes()["inbox"]["id"]
    assert "pushed" in subjects(bert, inbox)
    stream.close()


def check_late_share(family: Family, late: Share) -> None:
    """Who shares with whom is remembered for half a minute, and no longer."""
    anna = family.client("anna", ONE)
    jmap.eventually(lambda: late.account in anna.session()["accounts"], 45.0)
    assert subjects(anna, late.folder, late.account) == ["late"]
    late.withdraw()
    try:
        assert not anna.call("Mailbox/get", {"accountId": late.account, "ids": None})["list"], "withdrawn at once"
    except jmap.MethodError as error:
        assert error.type == "accountNotFound", error


def main() -> None:
    family = Family()
    try:
        family.start()
        team = Share(family, "bert", "anna", "Team", "for the team")
        Share(family, "anna", "bert", ABROAD, "from abroad")
        check_any_web_server(family)
        check_sharing(family, team)
        late = Share(family, "carl", "anna", "Late", "late")
        for check in (check_push, check_npm, check_curl):
            check(family)
        check_chromium(family, team)
        check_dead_host(family)
        check_late_share(family, late)
    except BaseException:
        print(family.log(), file=sys.stderr)
        raise
    finally:
        family.close()
    print("two hosts: all checks passed")


if __name__ == "__main__":
    main()
