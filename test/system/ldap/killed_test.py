# SPDX-License-Identifier: Apache-2.0
"""slapd is killed and started again while users log in: those who are remembered notice nothing, the others are told
within five seconds to come again, and then can."""

import sys
import time

import support
from load import MOST_WAIT, entries, logins
from support import Slapd, accept, running

KNOWN = list(range(8))
THREADS, EACH = 4, 700  # as many users as they can log in: each for the first time, so that nobody remembers him
server = Slapd("schema2", more=entries(len(KNOWN) + THREADS * EACH))
instance = None


def in_span(done, start, end):
    return [login for login in done if start <= login.began < end]


def killed_and_restarted_under_load() -> None:
    for user in KNOWN:
        for service in ("pop", "imap"):
            accept(instance, f"user{user:03}", f"secret-user{user:03}", f"user{user:03}", service=service)
    known = [logins(instance, KNOWN[n::2], 0.01) for n in range(2)]
    first = len(KNOWN)
    others = [logins(instance, list(range(first + n * EACH, first + (n + 1) * EACH)), 0.02) for n in range(THREADS)]
    time.sleep(1.5)
    killed = time.monotonic()
    server.kill()
    time.sleep(6)
    started = time.monotonic()
    server.start()
    time.sleep(6)
    ended = time.monotonic()
    known_done = [login for loop in known for login in loop.stop()]
    others_done = [login for loop in others for login in loop.stop()]

    bad = [login for login in known_done if not login.good]
    assert not bad, f"remembered users were refused {len(bad)} times: {bad[:3]}"
    assert len(in_span(known_done, killed, started)) > 50

    slowest = max(login.took for login in known_done + others_done)
    assert slowest < MOST_WAIT, f"a login took {slowest:.1f} s"
    strange = [login for login in others_done if not (login.good or login.temporary)]
    assert not strange, strange[:3]
    before = [login for login in in_span(others_done, 0, killed) if login.began + login.took < killed]
    assert before and all(login.good for login in before), "all was well before"
    down = in_span(others_done, killed + 0.5, started)
    assert down and all(login.temporary for login in down if login.began + login.took < started), "nobody gets in unseen"
    late = in_span(others_done, started + 5, ended)
    assert late and all(login.good for login in late), f"it recovers by itself within 5 s: {[l for l in late if not l.good][:3]}"
    again = min(login.began for login in in_span(others_done, started, ended) if login.good) - started
    print(f"logins: {len(before)} before, {len(down)} refused meanwhile, the slowest answer {slowest * 1000:.0f} ms; "
          f"{len(known_done)} of remembered users, all good; well again {again:.1f} s after the start")


def log_tells_it_once() -> None:
    gone, back = (len(support.events(instance, 0, f"ldap-server-{what}")) for what in ("gone", "back"))
    assert 1 <= gone <= 4 and 1 <= back <= 4, f"gone {gone}, back {back}"


if __name__ == "__main__":
    with support.slapds(server), running([server], base__authcachesize="10000", base__authcachettl="900") as instance:
        status = support.main(killed_and_restarted_under_load, log_tells_it_once)
    sys.exit(status)
