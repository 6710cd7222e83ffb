# SPDX-License-Identifier: Apache-2.0
"""Two hosts, as two instances of the family: each user's mail is at his mailHost, any web server serves anybody,
what one shares with the other is reached at its owner's host, and a host that is gone hurts nobody else."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
import jmap  # noqa: E402
from instance import Instance  # noqa: E402

HOSTS = ("one.test.example", "two.test.example")
HOME = {"anna": HOSTS[0], "bert": HOSTS[1], "carl": HOSTS[1]}
BINARIES = Path(os.environ["POSTHORN_BIN"])


class Family:
    """Both hosts, with the same users."""

    def __init__(self):
        self.hosts = {}
        for name in HOSTS:
            self.hosts[name] = Instance(BINARIES, {"base.hostname": name}, services=["imap", "http", "ens"])
        for name, host in self.hosts.items():
            ways = {}
            for other, there in self.hosts.items():
                if other != name:
                    ways |= {f"proxy:{other}.imaphost": "127.0.0.1",
                             f"proxy:{other}.imapport": there.options["imap.port"],
                             f"proxy:{other}.ensport": there.options["ens.port"],
                             f"proxy:{other}.imapadmin": jmap.PROXY_USER,
                             f"proxy:{other}.imapadminpass": jmap.PROXY_PASSWORD}
            jmap.prepare_webmail(host, ways)
            host.add_users([(user, f"{user}-secret") for user in HOME])
            for user, home in HOME.items():
                host.run("msuser", "set", user, f"mail={user}@test.example", f"host={home}")

    def start(self) -> None:
        for host in self.hosts.values():
            host.start()

    def stop(self) -> None:
        for host in self.hosts.values():
            host.stop()

    def deliver(self, user: str, subject: str) -> None:
        self.hosts[HOME[user]].deliver(
            user, f"From: carl@test.example\r\nTo: {user}@test.example\r\nSubject: {subject}\r\n\r\nbody\r\n".encode())

    def client(self, user: str, host: str) -> jmap.Client:
        return jmap.Client(self.hosts[host].port("http", False), user, f"{user}-secret")


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


def share(family: Family) -> tuple[str, str]:
    """Bert makes a folder and lets Anna read it, by the web server of her host; (his account, the folder)."""
    bert = family.client("bert", HOSTS[0])
    folder = bert.call("Mailbox/set", {"create": {"t": {"name": "Team"}}})["created"]["t"]["id"]
    shared = bert.call("Mailbox/set", {"update": {folder: {"shareWith/anna": {
        "mayReadItems": True, "maySetSeen": True, "maySetKeywords": True}}}})
    assert folder in (shared["updated"] or {}), shared
    inbox = bert.mailboxes()["inbox"]["id"]
    email = bert.emails(inbox)[0]["id"]
    moved = bert.call("Email/set", {"update": {email: {"mailboxIds": {folder: True}}}})
    assert email in (moved["updated"] or {}), moved
    return bert.own_account, folder


def check_sharing(family: Family) -> None:
    anna = family.client("anna", HOSTS[0])
    assert list(anna.session()["accounts"]) == [anna.own_account]
    account, folder = share(family)
    # Who shares with whom is remembered for half a minute.
    jmap.eventually(lambda: account in anna.session()["accounts"], 45.0)
    assert not anna.session()["accounts"][account]["isPersonal"]
    boxes = anna.call("Mailbox/get", {"accountId": account, "ids": None})["list"]
    assert [box["id"] for box in boxes] == [folder], boxes
    assert boxes[0]["myRights"]["mayReadItems"] and not boxes[0]["myRights"]["mayRemoveItems"]
    assert subjects(anna, folder, account) == ["for bert"]
    email = anna.emails(folder, ["id"], account)[0]["id"]
    done = anna.call("Email/set", {"accountId": account, "update": {email: {"keywords/$seen": True}}})
    assert email in done["updated"], done
    refused = anna.call("Email/set", {"accountId": account, "destroy": [email]})
    assert refused["notDestroyed"][email]["type"] == "forbidden", refused
    # \Seen is each reader's own.
    bert = family.client("bert", HOSTS[1])
    assert "$seen" not in bert.call("Email/get", {"ids": [email], "properties": ["keywords"]})["list"][0]["keywords"]
    # A stranger sees none of it.
    carl = family.client("carl", HOSTS[0])
    assert account not in carl.session()["accounts"]
    try:
        carl.call("Mailbox/get", {"accountId": account, "ids": None})
        raise AssertionError("a stranger was let in")
    except jmap.MethodError as error:
        assert error.type == "accountNotFound", error
    bert.call("Mailbox/set", {"update": {folder: {"shareWith": None}}})
    anna = family.client("anna", HOSTS[0])
    try:
        assert not anna.call("Mailbox/get", {"accountId": account, "ids": None})["list"]
    except jmap.MethodError as error:
        assert error.type == "accountNotFound", error


def check_push(family: Family) -> None:
    """A delivery at the other host reaches an event stream at this one within a second."""
    bert = family.client("bert", HOSTS[0])
    stream = bert.events("Email", ping=0)
    family.deliver("bert", "pushed")
    state = stream.state_change(bert.own_account, "Email", timeout=5.0)
    assert state
    inbox = bert.mailboxes()["inbox"]["id"]
    assert "pushed" in subjects(bert, inbox)
    stream.close()


def check_dead_host(family: Family) -> None:
    anna = family.client("anna", HOSTS[0])
    bert = family.client("bert", HOSTS[0])
    inbox = anna.mailboxes()["inbox"]["id"]
    two = family.hosts[HOSTS[1]]
    two.run("stop-msg", "imap")
    try:
        bert.call("Mailbox/get", {"ids": None})
        raise AssertionError("a dead host answered")
    except jmap.MethodError as error:
        assert error.type == "serverUnavailable", error
        assert "try again" in error.arguments["description"].lower(), error
    assert subjects(anna, inbox) == ["for anna"]
    two.run("start-msg", "imap")

    def healed() -> bool:
        try:
            return "inbox" in bert.mailboxes()
        except jmap.MethodError as error:
            assert error.type == "serverUnavailable", error
            return False
    jmap.eventually(healed, 30.0)


def main() -> None:
    family = Family()
    try:
        family.start()
        check_any_web_server(family)
        check_sharing(family)
        check_push(family)
        check_dead_host(family)
    except BaseException:
        for name, host in family.hosts.items():
            print(f"---- {name}\n{host.log()[-8000:]}", file=sys.stderr)
        raise
    finally:
        family.stop()
    print("two hosts: all checks passed")


if __name__ == "__main__":
    main()
