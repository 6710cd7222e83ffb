# SPDX-License-Identifier: Apache-2.0
"""Several LDAP servers: they are tried in order, one that fails is passed over and comes back; connections are pooled."""

import re
import sys
import threading
import time

import support
from support import Slapd, accept, answer, events, explain, is_ok, refuse, running, until

first, second = Slapd("schema2"), Slapd("schema2")
POOL = 2


def used(server: Slapd, since: int) -> bool:
    return any("uid=anna" in dn for dn in server.binds(since))


def timed(instance, most: float) -> str:
    start = time.monotonic()
    said = answer(instance, "anna", "secret-anna")
    took = time.monotonic() - start
    assert took < most, f"{took:.1f} s for {said}"
    return said


def in_order() -> None:
    marks = first.mark(), second.mark()
    for service in ("pop", "imap"):
        accept(instance, "anna", "secret-anna", "anna", service=service)
    assert used(first, marks[0]) and not used(second, marks[1])


def fail_over_from_a_dead_server() -> None:
    since, place = support.mark(instance), second.mark()
    first.kill()
    for service in ("pop", "imap"):
        for _ in range(3):
            accept(instance, "anna", "secret-anna", "anna", service=service)
    assert used(second, place)
    gone = events(instance, since, "ldap-server-gone")
    assert gone and str(first.port) in gone[0], gone
    assert len(gone) <= 2, f"told once by each process, not for each login: {gone}"


def fail_back() -> None:
    since, place = support.mark(instance), first.mark()
    first.start()

    def back() -> bool:
        assert is_ok(timed(instance, 5)), "no login fails meanwhile"
        return used(first, place)
    until(back, "the first server is asked again", 35)
    until(lambda: events(instance, since, "ldap-server-back"), "the operator is told")


def fail_over_from_a_server_that_hangs() -> None:
    place = second.mark()
    first.pause()
    try:
        for _ in range(4):
            assert is_ok(timed(instance, 5))
        assert used(second, place)
    finally:
        first.resume()


def all_servers_gone_and_back() -> None:
    first.kill()
    second.kill()
    for service in ("pop", "imap"):
        refuse(instance, "anna", "secret-anna", "temporary", service=service)
    second.start()
    for service in ("pop", "imap"):
        until(lambda s=service: is_ok(answer(instance, "anna", "secret-anna", s)), "a login", 6)
    first.start()


def explain_names_the_server() -> None:
    second.kill()
    assert f"127.0.0.1:{first.port}" in explain(instance, "anna", status=0)
    first.kill()
    second.start()
    assert f"127.0.0.1:{second.port}" in explain(instance, "anna", status=0)
    first.start()


def peak(server: Slapd, since: int) -> tuple[int, int]:
    """The most connections that were open at once, and how many there were."""
    now = most = made = 0
    for line in server.lines(r" ACCEPT from | closed", since):
        if " ACCEPT " in line:
            now, made = now + 1, made + 1
            most = max(most, now)
        else:
            now = max(now - 1, 0)
    return most, made


def pools_bound_the_connections() -> None:
    """Many logins at once share POOL connections for searches and POOL for binds, and use them again."""
    lone = Slapd("schema2")
    with support.slapds(lone), running([lone], services=("pop",), auth__ldappoolsize=str(POOL)) as family:
        since, said = lone.mark(), []

        def log_in() -> None:
            for _ in range(5):
                said.append(answer(family, "anna", "secret-anna"))
        threads = [threading.Thread(target=log_in) for _ in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(said) == 50 and all(is_ok(s) for s in said), [s for s in said if not is_ok(s)]
        most, made = peak(lone, since)
        print(f"50 logins, 10 at a time: {made} connections, at most {most} at once")
        assert 0 < most <= 2 * POOL, most
        assert made <= 4 * POOL, f"{made} connections for 50 logins"
        def connections(pattern: str) -> set[str]:
            return {re.search(r"conn=\d+", line).group() for line in lone.lines(pattern, since)}
        assert not connections(r'BIND dn="uid=') & connections(" SRCH "), "passwords are tried where nobody searches"
        searcher = [dn for dn in lone.binds(since) if dn.startswith("cn=posthorn")]
        assert len(searcher) <= 2 * made, "the service binds once a connection, not once a search"


if __name__ == "__main__":
    with support.slapds(first, second), running([first, second]) as instance:
        status = support.main(in_order, fail_over_from_a_dead_server, fail_back, fail_over_from_a_server_that_hangs,
                              all_servers_gone_and_back, explain_names_the_server, pools_bound_the_connections)
    sys.exit(status)
