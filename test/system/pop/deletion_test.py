# SPDX-License-Identifier: Apache-2.0
"""Messages go in UPDATE only, all of the marked ones or none, whatever dies or changes meanwhile."""

import os
import signal
import time
import unittest

from support import Pop, as_sent, family, main, message


class Deletion(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.instance = family([f"user{n}" for n in range(8)])
        cls.addClassCleanup(cls.instance.stop)
        cls.port = cls.instance.port("pop", False)

    def fill(self, user: str, count: int = 3) -> list[bytes]:
        texts = [message(f"number {n}", f"body {n}\r\n".encode()) for n in range(count)]
        for text in texts:
            self.instance.deliver(user, text)
        return [as_sent(user, text) for text in texts]

    def connect(self, user: str) -> Pop:
        client = Pop(self.port).login(user)
        self.addCleanup(client.close)
        return client

    def count(self, user: str) -> int:
        return int(self.connect(user).ok("STAT").split()[1])

    def test_kill_of_the_worker_deletes_nothing(self):
        self.fill("user0")
        client = self.connect("user0")
        client.ok("DELE 1")
        client.ok("DELE 3")
        (worker,) = self.instance.workers("popd")
        os.kill(worker, signal.SIGKILL)
        self.assertEqual(client.file.readline(), b"")
        deadline = time.monotonic() + 10
        while True:
            try:
                self.assertEqual(self.count("user0"), 3)
                break
            except (OSError, AssertionError):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def test_lost_connection_deletes_nothing(self):
        self.fill("user1")
        client = self.connect("user1")
        client.ok("DELE 1")
        client.close()
        self.assertEqual(self.count("user1"), 3)

    def test_quit_deletes_exactly_the_marked(self):
        texts = self.fill("user2")
        client = self.connect("user2")
        client.ok("DELE 1")
        client.ok("DELE 3")
        client.ok("QUIT")
        after = self.connect("user2")
        self.assertEqual(after.ok("STAT").split()[1], b"1")
        self.assertEqual(b"".join(after.lines("RETR 1")), texts[1])

    def test_expunged_elsewhere_while_open(self):
        texts = self.fill("user3")
        first, second = self.connect("user3"), self.connect("user3")
        uidl = first.lines("UIDL")
        first.ok("DELE 2")
        first.ok("QUIT")
        # The other session keeps its numbers, its ids and the text.
        self.assertEqual(second.lines("UIDL"), uidl)
        self.assertEqual(b"".join(second.lines("RETR 2")), texts[1])
        self.assertEqual(b"".join(second.lines("RETR 3")), texts[2])
        second.ok("DELE 2")
        second.ok("DELE 3")
        second.ok("QUIT")
        self.assertEqual(self.count("user3"), 1)

    def test_account_removed_while_open(self):
        self.fill("user4")
        client = self.connect("user4")
        client.ok("DELE 1")
        self.instance.run("mboxutil", "delete", "user/user4/INBOX", check=False)
        answer = client.command("QUIT")
        self.assertRegex(answer, rb"^(\+OK|-ERR)")
        self.assertIn(self.count("user4"), (0, 3))

    def test_uidl_survives_a_restart_of_everything(self):
        self.fill("user5")
        before = self.connect("user5").lines("UIDL")
        (worker,) = self.instance.workers("popd")
        os.kill(worker, signal.SIGKILL)
        deadline = time.monotonic() + 10
        while True:
            try:
                after = self.connect("user5").lines("UIDL")
                break
            except (OSError, AssertionError):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
        self.assertEqual(after, before)

    def test_many_deliveries_and_deletions_at_once(self):
        self.fill("user6", 20)
        clients = [self.connect("user6") for _ in range(4)]
        for number, client in enumerate(clients):
            for message_number in range(1 + number * 5, 6 + number * 5):
                client.ok(f"DELE {message_number}")
        for client in clients:
            client.socket.sendall(b"QUIT\r\n")
        for client in clients:
            self.assertTrue(client.file.readline().startswith(b"+OK"))
        self.assertEqual(self.count("user6"), 0)


if __name__ == "__main__":
    main()
