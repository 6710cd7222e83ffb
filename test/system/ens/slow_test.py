# SPDX-License-Identifier: Apache-2.0
"""Subscribers that read slowly or not at all: they are bounded, told what they missed, and nobody waits for them."""

import os
import selectors
import time
import unittest
from pathlib import Path

from support import STORE, Client, family, publish, wait_for, worker_of

EVENTS = 20_000


def resident(pid: int) -> int:
    """In kilobytes."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise AssertionError("no VmRSS")


class Slow(unittest.TestCase):
    def instance(self, **options: str):
        instance = family({name.replace("__", "."): value for name, value in options.items()})
        self.addCleanup(instance.stop)
        return instance

    def test_a_slow_subscriber_is_told_what_it_missed_and_publishers_do_not_wait(self):
        instance = self.instance(ens__maxqueue="100", ens__maxqueuebytes="64k")
        slow = Client(instance).subscribe()
        quick = Client(instance).subscribe("types=NewMsg form=text " + STORE)
        sender = publish(instance, EVENTS, background=True)
        heard = sum(1 for _ in range(EVENTS) if quick.event().startswith("enp://"))
        self.assertEqual(sender.wait(timeout=60), 0)
        sender.stdout.close()
        self.assertEqual(heard, EVENTS)
        got, lost, last = 0, 0, 0
        while got + lost < EVENTS:
            line = slow.read()
            if line.get("ens") == "lost":
                self.assertEqual(line["where"], "queue")
                lost += line["count"]
            elif "ens" not in line:
                got += 1
                # In order, and each gap is as large as what was told.
                self.assertEqual(line["imapUid"], got + lost)
                last = line["imapUid"]
        self.assertEqual(got + lost, EVENTS)
        self.assertGreater(lost, 0)
        self.assertGreater(last, 0)
        publish(instance, 1)
        self.assertEqual(slow.event()["imapUid"], 1)

    def test_who_takes_nothing_for_too_long_is_cut(self):
        instance = self.instance(ens__maxqueue="100", ens__idletimeout="10s", ens__pinginterval="1s",
                                 base__unauthtimeout="5s")
        deaf = Client(instance).subscribe()
        polite = Client(instance).subscribe("types=Login " + STORE)  # gets pings alone
        began = time.monotonic()
        publish(instance, EVENTS)
        while worker_of(instance)["sessions"] > 1:
            self.assertIsNotNone(polite.read())
            self.assertLess(time.monotonic() - began, 60)
        self.assertGreater(time.monotonic() - began, 8)
        deaf.close()

    def test_a_thousand_subscribers_of_which_ten_do_not_read(self):
        instance = self.instance(ens__maxqueue="1000", ens__maxqueuebytes="256k")
        pid = worker_of(instance)["pid"]
        clients = [Client(instance).subscribe(f"{STORE}?owner=anna{number % 100}") for number in range(990)]
        deaf = [Client(instance).subscribe() for _ in range(10)]
        self.addCleanup(lambda: [each.close() for each in clients + deaf])
        wait_for(lambda: worker_of(instance)["subscriptions"] == 1000, "a thousand subscriptions")
        before = resident(pid)
        events = 5000
        began = time.monotonic()
        sender = publish(instance, events, "--accounts", "100", background=True)
        # Each of a hundred accounts has 50 events, and 10 (the first 90 accounts) or 9 listeners.
        expected = sum(events // 100 for _ in clients)
        heard = self.hear(clients, expected)
        took = time.monotonic() - began
        self.assertEqual(sender.wait(timeout=60), 0)
        sender.stdout.close()
        self.assertEqual(heard, expected)
        grown = resident(pid) - before
        print(f"{events} events to 990 subscribers, {heard} lines in {took:.1f} s; memory grew by {grown} kB")
        # Ten queues of 256 kB that share their lines, and what the streams hold.
        self.assertLess(grown, 64 * 1024)

    def hear(self, clients: list[Client], expected: int) -> int:
        heard = 0
        with selectors.DefaultSelector() as selector:
            for client in clients:
                selector.register(client.socket, selectors.EVENT_READ)
            deadline = time.monotonic() + 120
            while heard < expected and time.monotonic() < deadline:
                for key, _ in selector.select(1):
                    heard += key.fileobj.recv(1 << 20).count(b'"event":')
        return heard


if __name__ == "__main__":
    os.environ.pop("ENS_ACCESS", None)
    # What a sanitizer keeps of freed memory is no growth.
    os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=1"
    unittest.main()
