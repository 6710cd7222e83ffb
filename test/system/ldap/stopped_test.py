# SPDX-License-Identifier: Apache-2.0
"""slapd hangs (SIGSTOP) while users log in and others read mail: every login is answered within five seconds, and
FETCH and RETR go on as before."""

import sys
import time

import support
from load import MOST_WAIT, entries, fill, logins, reader, share
from support import Slapd, running

READERS, MESSAGES = 2, 4
THREADS, EACH = 12, 100
# A hanging directory must not be felt: this much more is the noise of a busy machine, not a wait for a directory, which
# takes whole seconds.
NOISE = 0.010
LONGEST = 1.0
server = Slapd("schema2", more=entries(READERS + THREADS * EACH))
instance = None


def hangs_under_load() -> None:
    for user in range(READERS):
        fill(instance, user, MESSAGES)
    readers = {("imap", "FETCH"): reader(instance, "imap", 0, MESSAGES), ("pop", "RETR"): reader(instance, "pop", 1, MESSAGES)}
    others = [logins(instance, list(range(READERS + n * EACH, READERS + (n + 1) * EACH)), 0.05) for n in range(THREADS)]
    time.sleep(4)
    stopped = time.monotonic()
    server.pause()
    try:
        time.sleep(11)
    finally:
        server.resume()
    resumed = time.monotonic()
    time.sleep(6)
    ended = time.monotonic()
    done = [login for loop in others for login in loop.stop()]
    read = {name: loop.stop() for (_, name), loop in readers.items()}

    slowest = max(login.took for login in done)
    meanwhile = [login for login in done if stopped + 0.5 <= login.began < resumed - 5]
    assert slowest < MOST_WAIT, f"a login took {slowest:.2f} s"
    assert meanwhile and all(login.temporary for login in meanwhile), [l for l in meanwhile if not l.temporary][:3]
    strange = [login for login in done if not (login.good or login.temporary)]
    assert not strange, strange[:3]
    late = [login for login in done if resumed + 5 <= login.began < ended]
    assert late and all(login.good for login in late), f"well again within 5 s: {[l for l in late if not l.good][:3]}"
    print(f"{len(meanwhile)} logins answered while slapd hung, the slowest after {slowest:.2f} s; "
          f"{len(late)} good ones after it went on")

    for name, samples in read.items():
        before = [took for began, took in samples if began < stopped]
        during = [took for began, took in samples if stopped <= began < resumed]
        print(f"{name}: {len(before)} before, median {share(before, 0.5) * 1000:.1f} ms, 99 % {share(before, 0.99) * 1000:.1f} ms; "
              f"{len(during)} while slapd hung, median {share(during, 0.5) * 1000:.1f} ms, 99 % {share(during, 0.99) * 1000:.1f} ms, "
              f"longest {max(during) * 1000:.1f} ms")
        assert len(during) > 100, f"{name}: only {len(during)}"
        for part in (0.5, 0.99):
            assert share(during, part) <= share(before, part) * 1.5 + NOISE, f"{name} became slower"
        assert max(during) < max(LONGEST, max(before) * 2), f"{name} waited {max(during):.2f} s"


if __name__ == "__main__":
    with support.slapds(server), running([server], pop__maxthreads="64", imap__maxthreads="64") as instance:
        status = support.main(hangs_under_load)
    sys.exit(status)
