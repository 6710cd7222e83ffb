# SPDX-License-Identifier: Apache-2.0
"""Workers that are killed, replaced or ask to leave while mail comes in: what was acknowledged is there, once; what was
not is not there in part."""

import os
import signal
import threading
import unittest

from support import Lmtp, address, family, main, message, subjects, wait_for


class Deaths(unittest.TestCase):
    def family(self, users: list[str], **options: str):
        instance = family(users, {name.replace("_", "."): value for name, value in options.items()})
        self.addCleanup(instance.stop)
        return instance

    def connect(self, instance) -> Lmtp:
        client = Lmtp(instance.port("lmtp", False))
        self.addCleanup(client.close)
        return client

    def begin_text(self, instance, user: str, octets: int) -> Lmtp:
        """A client whose message has not come to its end."""
        client = self.connect(instance)
        client.envelope([address(user)])
        client.ok("DATA")
        client.send(message("unended") + b"x" * 70 + b"\r\n")
        line = b"y" * 98 + b"\r\n"
        client.send(line * (octets // 100))
        return client

    def test_kill_in_the_middle_of_a_text(self):
        instance = self.family(["anna"], lmtp_numprocesses="1")
        small, large = self.begin_text(instance, "anna", 100), self.begin_text(instance, "anna", 3_000_000)
        (worker,) = instance.workers("deliver")
        os.kill(worker, signal.SIGKILL)
        for client in (small, large):
            with self.assertRaises((EOFError, ConnectionError)):
                client.send(b".\r\n")
                client.reply()
        wait_for("another worker", lambda: [pid for pid in instance.workers("deliver") if pid != worker])
        (reply,) = wait_for("service", lambda: self.attempt(instance, message("after"), "anna"))
        self.assertTrue(reply.startswith("250"))
        # Nothing of the killed ones is in the mailbox, and nothing of them lies beside the store.
        self.assertEqual(subjects(instance, "anna"), ["after"])
        store = instance.run("msconfig", "get", "store.path").stdout.decode().strip()
        self.assertEqual([name for name in os.listdir(store) if name.startswith("lmtp")], [])

    def attempt(self, instance, text: bytes, user: str) -> list[str] | None:
        """The replies, if there were any. The connection ends: thousands that stay would fill the service."""
        try:
            client = Lmtp(instance.port("lmtp", False))
        except (EOFError, OSError, AssertionError):
            return None
        try:
            return client.deliver(text, user)
        except (EOFError, OSError, AssertionError):
            return None
        finally:
            client.close()

    def traffic(self, instance, users: list[str], disturb) -> None:
        """Clients that try each message until it is acknowledged, while `disturb` runs; then everything is there."""
        sent: dict[str, list[str]] = {user: [] for user in users}
        unsure: set[str] = set()
        stop = threading.Event()
        wrong: list[BaseException] = []

        def send(user: str) -> None:
            number = 0
            try:
                while not stop.is_set() or number < 20:
                    subject = f"{user}-{number}"
                    while not (replies := self.attempt(instance, message(subject), user)) or replies[0][0] != "2":
                        unsure.add(subject)
                    sent[user].append(subject)
                    number += 1
            except BaseException as error:  # noqa: BLE001  (told by the main thread)
                wrong.append(error)

        threads = [threading.Thread(target=send, args=(user,)) for user in users]
        for thread in threads:
            thread.start()
        try:
            disturb()
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        self.assertEqual(wrong, [])
        for user in users:
            there = subjects(instance, user)
            self.assertEqual(set(there), set(sent[user]), "what was acknowledged is there, and nothing else")
            twice = {subject for subject in there if there.count(subject) > 1}
            self.assertLessEqual(twice, unsure, "twice without a reply that was lost")

    def test_kills_under_traffic(self):
        instance = self.family(["a", "b", "c"], lmtp_numprocesses="2")

        def disturb() -> None:
            for _ in range(4):
                victims = wait_for("two workers", lambda: len(w := instance.workers("deliver")) == 2 and w)
                os.kill(victims[0], signal.SIGKILL)
                wait_for("its end", lambda: victims[0] not in instance.workers("deliver"))

        self.traffic(instance, ["a", "b", "c"], disturb)

    def test_refresh_and_restart_under_traffic(self):
        instance = self.family(["a", "b"], lmtp_numprocesses="2")

        def disturb() -> None:
            for _ in range(2):
                instance.run("refresh", "lmtp")
                instance.run("restart-msg", "lmtp")

        self.traffic(instance, ["a", "b"], disturb)

    def test_a_text_outlives_refresh(self):
        instance = self.family(["anna"], lmtp_numprocesses="1")
        client = self.begin_text(instance, "anna", 200_000)
        (old,) = instance.workers("deliver")
        instance.run("refresh", "lmtp")
        self.assertIn(old, instance.workers("deliver"), "it drains")
        client.send(b"more\r\n.\r\n")
        self.assertTrue(client.reply()[0].startswith("250 2.1.5"))
        client.ok("QUIT")
        wait_for("the old worker's end", lambda: old not in instance.workers("deliver"))
        self.assertEqual(subjects(instance, "anna"), ["unended"])

    def test_stop_says_421(self):
        instance = self.family(["anna"], lmtp_numprocesses="1")
        idle, busy = self.connect(instance), self.begin_text(instance, "anna", 100)
        instance.run("stop-msg", "lmtp")
        for client in (idle, busy):
            self.assertTrue(client.reply()[0].startswith("421 4.3.2"))
            self.assertRaises(EOFError, client.reply)
        self.assertEqual(subjects(instance, "anna"), [])

    def test_live_options(self):
        instance = self.family(["anna"])
        client = self.connect(instance)
        instance.options["lmtp.subaddressing"] = ""
        instance.options["lmtp.maxmessagesize"] = "1000"
        instance.write_config()
        instance.run("refresh")
        self.assertTrue(client.envelope([address("anna+Trash")])[0][0] in "25")
        fresh = self.connect(instance)
        self.assertEqual([r[:9] for r in fresh.envelope([address("anna+Trash")])], ["550 5.1.1"])
        fresh.ok("RSET")
        self.assertTrue(fresh.command("MAIL FROM:<> SIZE=1001").startswith("552"))


if __name__ == "__main__":
    main()
