# SPDX-License-Identifier: Apache-2.0
"""The cache of good logins and its flush; an empty password never reaches the directory."""

import base64
import sys

import support
from support import Slapd, accept, answer, connect, events, is_ok, refuse, running, until

ANNA = "uid=anna,ou=People,o=example.com,o=mail"
server = Slapd("schema2")
instance = None


def asked(since: int) -> list[str]:
    """What the server was asked about users."""
    return [line for line in server.lines(" SRCH base=| BIND dn=", since) if "uid=" in line]


def second_login_asks_nobody() -> None:
    for service in ("pop", "imap"):
        accept(instance, "anna", "secret-anna", "anna", service=service)
    since = server.mark()
    for service in ("pop", "imap"):
        accept(instance, "anna", "secret-anna", "anna", service=service)
        accept(instance, "ANNA@example.com", "secret-anna", "anna", service=service)
    assert not asked(since), asked(since)


def wrong_password_is_asked_for_and_changes_nothing() -> None:
    since = server.mark()
    refuse(instance, "anna", "wrong", "bad-password")
    assert any(f'BIND dn="{ANNA}"' in line for line in asked(since)), asked(since)
    since = server.mark()
    accept(instance, "anna", "secret-anna", "anna")
    assert not asked(since), asked(since)


def changed_password_until_the_flush() -> None:
    """The old one is believed while it is remembered (base.authcachettl), the new one at once; `refresh` ends that."""
    server.set(ANNA, "userPassword", "another")
    accept(instance, "anna", "secret-anna", "anna")
    accept(instance, "anna", "another", "anna", service="imap")
    instance.refresh()
    until(lambda: not is_ok(answer(instance, "anna", "secret-anna")), "the old password is refused", 20)
    until(lambda: not is_ok(answer(instance, "anna", "secret-anna", "imap")), "the old password is refused", 20)
    refuse(instance, "anna", "secret-anna", "bad-password")
    for service in ("pop", "imap"):
        accept(instance, "anna", "another", "anna", service=service)


def changed_entry_until_the_flush() -> None:
    """What is remembered of the account is as old as its password."""
    accept(instance, "quentin", "secret-quentin", "quentin")
    server.set("uid=quentin,ou=People,o=example.com,o=mail", "mailUserStatus", "inactive")
    accept(instance, "quentin", "secret-quentin", "quentin")
    instance.refresh()
    until(lambda: not is_ok(answer(instance, "quentin", "secret-quentin")), "the new status holds", 20)
    refuse(instance, "quentin", "secret-quentin", "inactive")


def empty_password_is_refused_before_any_bind() -> None:
    """slapd would take it for an anonymous bind and say yes (RFC 4513, 5.1.2)."""
    since, log = server.mark(), support.mark(instance)
    for service in ("pop", "imap"):
        assert not is_ok(answer(instance, "anna", "", service))
    client = connect(instance, "imap")
    said = client.command(b'LOGIN anna ""')[1]
    client.close()
    assert said == "a NO [AUTHENTICATIONFAILED] Authentication failed", said
    for service in ("pop", "imap"):
        client = connect(instance, service)
        plain = base64.b64encode(b"\0anna\0").decode()
        if service == "pop":
            said = client.command(f"AUTH PLAIN {plain}")
        else:
            client.send(f"a AUTHENTICATE PLAIN {plain}\r\n".encode())
            said = client.line()
            if said.startswith("+"):
                client.send(plain.encode() + b"\r\n")
                said = client.line()
        assert not is_ok(said) and not said.startswith("+OK"), said
        client.close()
    until(lambda: len(events(instance, log, "login-failed")) >= 2, "refusals in the log")
    assert all("reason=empty-password" in line or "reason=bad-exchange" in line
               for line in events(instance, log, "login-failed")), events(instance, log, "login-failed")
    assert any("reason=empty-password" in line for line in events(instance, log, "login-failed"))
    assert not server.lines(" BIND | SRCH ", since), server.lines(" BIND | SRCH ", since)


def password_of_blanks_that_vanish_is_empty() -> None:
    """SASLprep makes nothing of soft hyphens alone."""
    since = server.mark()
    said = answer(instance, "anna", "\u00ad\u00ad".encode(), "imap")
    assert not is_ok(said), said
    assert not server.lines(" BIND ", since), server.lines(" BIND ", since)


if __name__ == "__main__":
    with support.slapds(server), running([server], base__authcachesize="100", base__authcachettl="900") as instance:
        status = support.main(second_login_asks_nobody, wrong_password_is_asked_for_and_changes_nothing,
                              changed_password_until_the_flush, changed_entry_until_the_flush,
                              empty_password_is_refused_before_any_bind, password_of_blanks_that_vanish_is_empty)
    sys.exit(status)
