# SPDX-License-Identifier: Apache-2.0
"""A maildrop of 100,000 messages: how long it takes to open, and that listings of it come in windows."""

import os
import statistics
import time
import unittest
from pathlib import Path

from support import PASSWORD, Pop, family, main

SANITIZED = "POSTHORN_SANITIZE:STRING=\n" not in (
    (Path(os.environ["POSTHORN_BUILD"]) / "CMakeCache.txt").read_text() if "POSTHORN_BUILD" in os.environ else
    "POSTHORN_SANITIZE:STRING=\n")
MESSAGES = 2_000 if SANITIZED else 100_000


class Large(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.instance = family(["reader"])
        cls.addClassCleanup(cls.instance.stop)
        cls.instance.run("load_mailbox", "reader", str(MESSAGES), "300")
        cls.port = cls.instance.port("pop", False)

    def open(self) -> float:
        client = Pop(self.port)
        client.ok("USER reader")
        start = time.monotonic()
        client.ok(f"PASS {PASSWORD}")
        took = time.monotonic() - start
        self.assertEqual(int(client.ok("STAT").split()[1]), MESSAGES)
        client.ok("QUIT")
        client.close()
        return took

    def test_it_opens_in_milliseconds(self):
        self.open()
        median = statistics.median(self.open() for _ in range(9)) * 1000
        print(f"open of {MESSAGES} messages: median {median:.1f} ms")
        if not SANITIZED:
            self.assertLess(median, 100)

    def test_listings_are_whole(self):
        client = Pop(self.port).login("reader")
        self.addCleanup(client.close)
        start = time.monotonic()
        sizes = client.lines("LIST")
        uids = client.lines("UIDL")
        print(f"LIST and UIDL of {MESSAGES}: {(time.monotonic() - start) * 1000:.0f} ms")
        self.assertEqual(len(sizes), MESSAGES)
        self.assertEqual(len(set(line.split()[1] for line in uids)), MESSAGES)
        self.assertEqual([int(line.split()[0]) for line in uids], list(range(1, MESSAGES + 1)))

    def test_a_client_that_lists_and_does_not_read_costs_one_window(self):
        client = Pop(self.port).login("reader")
        self.addCleanup(client.close)
        # Twenty listings are asked for and none is read: they wait, others are served.
        client.socket.sendall(b"UIDL\r\n" * 20)
        other = Pop(self.port).login("reader")
        self.addCleanup(other.close)
        self.assertEqual(int(other.ok("STAT").split()[1]), MESSAGES)

    def test_deleting_most_of_it_is_one_quit(self):
        self.instance.run("load_mailbox", "reader", "500", "300")
        client = Pop(self.port).login("reader")
        total = int(client.ok("STAT").split()[1])
        self.assertEqual(total, MESSAGES + 500)
        client.socket.sendall(b"".join(b"DELE %d\r\n" % n for n in range(MESSAGES + 1, total + 1)))
        for _ in range(500):
            self.assertTrue(client.file.readline().startswith(b"+OK"))
        client.ok("QUIT")
        client.close()
        after = Pop(self.port).login("reader")
        self.addCleanup(after.close)
        self.assertEqual(int(after.ok("STAT").split()[1]), MESSAGES)


if __name__ == "__main__":
    main()
