#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What an idle session costs a worker: idle_memory.py [SESSIONS] [USERS]. Logged in, INBOX of 20 messages selected,
IDLE; the worker's PSS over its base, plain and with TLS."""

import sys

import bench

MESSAGES = 20
LIMITS = {False: 10.0, True: 28.0}  # kB a session


def idle_kb(sessions: int, users: int, tls: bool) -> float:
    """kB a session."""
    names = [f"idler{number}" for number in range(users)]
    with bench.family(names) as instance:
        for name in names:
            bench.fill(instance, name, MESSAGES, 2000)
        (worker,) = bench.workers(instance)
        # The base is a worker that has served every account before.
        for name in names:
            client = bench.connect(instance, tls).login(name)
            client.command("SELECT INBOX")
            client.command("LOGOUT")
            client.close()
        worker.quiet()
        base = worker.pss_kb()
        idlers = []
        for number in range(sessions):
            client = bench.connect(instance, tls).login(names[number % users])
            client.command("SELECT INBOX")
            client.idle()
            idlers.append(client)
        worker.quiet()
        grown = worker.pss_kb() - base
        for client in idlers:
            client.close()
        return grown / sessions


def measure(report: bench.Report, sessions: int = 4000, users: int = 50, slack: float = 1.0) -> None:
    for tls in (False, True):
        report.add(f"{sessions} idle sessions of {users} users, {'TLS' if tls else 'plain'}, PSS a session",
                   idle_kb(sessions, users, tls), "kB", LIMITS[tls] * slack)


if __name__ == "__main__":
    bench.skip_when_sanitized()
    figures = bench.Report()
    measure(figures, *map(int, sys.argv[1:3]))
    sys.exit(figures.end())
