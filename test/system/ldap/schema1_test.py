# SPDX-License-Identifier: Apache-2.0
"""Logins with users in a Schema 1 tree: the DC tree says where a domain's users are and how they log in."""

import sys

import support
from support import EX_NOUSER, MESSAGE, Slapd, accept, explain, mailboxes, refuse, running

server = Slapd("schema1")
instance = None


def default_domain_by_the_dc_tree() -> None:
    accept(instance, "olga", "secret-olga", "olga")
    accept(instance, "olga@example.com", "secret-olga", "olga", service="imap")
    refuse(instance, "olga", "wrong", "bad-password")
    assert any('base="dc=example,dc=com,o=internet"' in line for line in server.searches()), server.searches()


def two_domains_with_one_subtree_have_one_canonical_name() -> None:
    accept(instance, "sara@shared.example", "secret-sara", "sara@shared.example")
    accept(instance, "sara@other.example", "secret-sara", "sara@shared.example", service="imap")
    for address in ("sara@shared.example", "sara@other.example"):
        instance.run("deliver", address, stdin=MESSAGE)
    assert mailboxes(instance, "sara@shared.example")["user/sara@shared.example/INBOX"]["messages"] == 2


def alias_node() -> None:
    accept(instance, "sara@nick.example", "secret-sara", "sara@shared.example")
    assert "alias of: dc=shared,dc=example,o=internet" in explain(instance, "sara@nick.example", status=0)


def compound_uids() -> None:
    """The rightmost separator of the uid stands for @ in the mailbox's name."""
    accept(instance, "tom@compound.example", "secret-tom", "tom@compound.example")
    accept(instance, "big_tom@compound.example", "secret-big", "big_tom@compound.example", service="imap")
    refuse(instance, "tom_compound.example@compound.example", "secret-tom", "no-such-user")


def search_filter_of_the_domain() -> None:
    accept(instance, "4711@numbers.example", "secret-nora", "nora@numbers.example")
    refuse(instance, "nora@numbers.example", "secret-nora", "no-such-user")


def status_of_the_domain_node() -> None:
    refuse(instance, "xenia@shut.example", "secret-xenia", "inactive")


def node_that_leads_nowhere() -> None:
    """An operator's mistake: nobody gets in, and the log says which entry."""
    since = support.mark(instance)
    assert not support.is_ok(support.answer(instance, "anybody@lost.example", "secret"))
    support.until(lambda: support.events(instance, since, "login-failed"), "the refusal")
    assert "o=nowhere" in support.events(instance, since, "login-failed")[-1]


def domain_that_is_not_in_the_tree() -> None:
    refuse(instance, "olga@nowhere.example", "secret-olga", "no-such-user")
    done = instance.run("deliver", "olga@nowhere.example", stdin=MESSAGE, check=False)
    assert done.returncode == EX_NOUSER, done


def explained() -> None:
    said = explain(instance, "sara@other.example", status=0)
    for part in ("dc=other,dc=example,o=internet", "o=shared,o=usergroup", "shared.example",
                 "uid=sara,ou=People,o=shared,o=usergroup", "verdict: let in as sara@shared.example"):
        assert part in said, f"{part} is missing:\n{said}"


if __name__ == "__main__":
    with support.slapds(server), running([server]) as instance:
        status = support.main(
            default_domain_by_the_dc_tree, two_domains_with_one_subtree_have_one_canonical_name, alias_node,
            compound_uids, search_filter_of_the_domain, status_of_the_domain_node, node_that_leads_nowhere,
            domain_that_is_not_in_the_tree, explained)
    sys.exit(status)
