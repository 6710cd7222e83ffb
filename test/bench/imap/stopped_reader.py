#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A reader that asks for a whole mailbox and stops reading costs a worker less than 1 MB and no thread:
stopped_reader.py [MEGABYTES] [READERS]."""

import sys

import bench

LIMIT_KB = 1024
OCTETS = 1024 * 1024


def stopped_kb(instance, worker: bench.Worker, megabytes: int, readers: int, tls: bool) -> float:
    """kB a reader, once the worker has done all that it can do for them."""
    def reader(buffer: int) -> bench.Imap:
        client = bench.connect(instance, tls, receive_buffer=buffer).login("reader")
        client.command("EXAMINE INBOX")
        return client

    warm = reader(0)
    warm.command("FETCH 1:3 (BODY.PEEK[])")
    warm.close()
    worker.quiet()
    before = worker.anonymous_kb()
    clients = [reader(4096) for _ in range(readers)]
    tags = [client.send("FETCH 1:* (BODY.PEEK[])") for client in clients]
    for client in clients:
        client.octets(1000)  # the answer has begun
    worker.quiet()
    grown = (worker.anonymous_kb() - before) / readers
    # Who goes on reading gets all of it, and the worker grows no more by that.
    size = clients[0].rest(tags[0]) + 1000
    if size < megabytes * OCTETS:
        raise AssertionError(f"{size} octets came of {megabytes} MB")
    for client in clients:
        client.close()
    return grown


def measure(report: bench.Report, megabytes: int = 1024, readers: int = 4) -> None:
    with bench.in_memory(), bench.family(["reader"]) as instance:
        bench.fill(instance, "reader", megabytes, OCTETS)
        (worker,) = bench.workers(instance)
        for tls in (False, True):
            report.add(f"FETCH 1:* (BODY.PEEK[]) of {megabytes} MB, {'TLS' if tls else 'plain'}, "
                       f"{readers} stopped readers, each", stopped_kb(instance, worker, megabytes, readers, tls), "kB", LIMIT_KB)


if __name__ == "__main__":
    bench.skip_when_sanitized()
    figures = bench.Report()
    measure(figures, *map(int, sys.argv[1:3]))
    sys.exit(figures.end())
