# SPDX-License-Identifier: Apache-2.0
"""How a user is searched for: auth.searchfilter with %U, %V and %o, and auth.searchfordomain."""

import sys

import support
from support import EX_NOUSER, EX_TEMPFAIL, MESSAGE, Slapd, accept, explain, mailboxes, refuse, running

MANY = "(&(objectClass=inetMailUser)(|(uid=%U)(mail=%o)(telephoneNumber=%U)(employeeNumber=%U)))"
server = Slapd("schema2")


def uid_mail_telephone_and_employee_number_site_wide() -> None:
    with running([server], auth__searchfilter=MANY) as instance:
        for name in ("anna", "anna@example.com", "+49 30 555 0101", "+49305550101", "1001"):
            accept(instance, name, "secret-anna", "anna")
        accept(instance, "1001", "secret-anna", "anna", service="imap")
        refuse(instance, "1009", "secret-anna", "no-such-user")
        refuse(instance, "1001", "wrong", "bad-password")
        # A domain's own filter takes its place.
        accept(instance, "1002@staff.example", "secret-ulla", "ulla@staff.example")


def substitutions() -> None:
    with running([server], auth__searchfilter="(mail=%U@%V)") as instance:
        accept(instance, "anna", "secret-anna", "anna")
        accept(instance, "anna@hosted.example", "secret-hosted", "anna@hosted.example")
        refuse(instance, "anna@alias.example", "secret-hosted", "no-such-user")  # %V is the domain as typed
    with running([server], services=("pop",), auth__searchfilter="(mail=%o)") as instance:
        accept(instance, "Anna@Example.com", "secret-anna", "anna")
        refuse(instance, "anna", "secret-anna", "no-such-user")
        assert "(mail=NoBody@example.com)" in explain(instance, "NoBody@example.com", status=1)


def the_whole_tree_without_domains() -> None:
    """auth.searchfordomain 0: a uid that stands there twice lets nobody in."""
    with running([server], auth__searchfordomain="0") as instance:
        refuse(instance, "anna", "secret-anna", "ambiguous")
        refuse(instance, "anna", "secret-hosted", "ambiguous", service="imap")
        refuse(instance, "anna@hosted.example", "secret-hosted", "ambiguous")
        accept(instance, "sven", "secret-sven", "sven")
        accept(instance, "zita", "secret-zita", "zita", service="imap")
        since = server.mark()
        accept(instance, "quentin", "secret-quentin", "quentin")
        searches = server.searches(since)
        assert len(searches) == 1 and 'base="o=mail" ' in searches[0], f"no domain is asked for: {searches}"
        assert instance.run("deliver", "anna", stdin=MESSAGE, check=False).returncode in (EX_NOUSER, EX_TEMPFAIL)
        instance.run("deliver", "sven@hosted.example", stdin=MESSAGE)
        assert mailboxes(instance, "sven")["user/sven/INBOX"]["messages"] == 1
        assert "ambiguous" in explain(instance, "anna", status=1)


def the_domain_first() -> None:
    """auth.searchfordomain 1, the default: the same uid in two domains is two users."""
    with running([server], services=("pop",)) as instance:
        since = server.mark()
        accept(instance, "anna", "secret-anna", "anna")
        accept(instance, "anna@hosted.example", "secret-hosted", "anna@hosted.example")
        domains = [line for line in server.searches(since) if 'base="o=mail"' in line]
        assert domains, server.searches(since)


if __name__ == "__main__":
    with support.slapds(server):
        status = support.main(uid_mail_telephone_and_employee_number_site_wide, substitutions,
                              the_whole_tree_without_domains, the_domain_first)
    sys.exit(status)
