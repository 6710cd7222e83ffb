# SPDX-License-Identifier: Apache-2.0
"""Places that cannot be written: senders wait, and nothing that was acknowledged is lost."""

import contextlib
import os
import subprocess
import unittest
from pathlib import Path

from support import Lmtp, address, family, main, message, subjects


class Places(unittest.TestCase):
    def start(self, users: list[str]) -> None:
        self.instance = family(users)
        self.addCleanup(self.instance.stop)

    @property
    def store(self) -> Path:
        return Path(self.instance.run("msconfig", "get", "store.path").stdout.decode().strip())

    def connect(self) -> Lmtp:
        client = Lmtp(self.instance.port("lmtp", False))
        self.addCleanup(client.close)
        return client

    def test_store_that_is_not_mounted(self):
        self.start(["anna", "newcomer"])
        self.connect().deliver(message("kept"), "anna")
        away = self.store.parent / "not mounted"
        place = self.store
        place.rename(away)
        place.mkdir(mode=0o700)
        owner = away.stat()
        os.chown(place, owner.st_uid, owner.st_gid)
        replies = self.connect().envelope([address("anna"), address("newcomer"), address("nobody")])
        self.assertEqual([r[:9] for r in replies], ["451 4.3.0", "451 4.3.0", "550 5.1.1"])
        self.assertNotIn(str(place), "".join(replies))
        self.assertEqual(list(place.iterdir()), [], "something was made in it")
        place.rmdir()
        away.rename(place)
        (reply,) = self.connect().deliver(message("again"), "anna")
        self.assertTrue(reply.startswith("250"), reply)
        self.assertEqual(subjects(self.instance, "anna"), ["kept", "again"])

    def test_users_that_cannot_be_read(self):
        self.start(["anna"])
        users = Path(self.instance.run("msconfig", "get", "auth.userfile").stdout.decode().strip())
        users.rename(users.with_suffix(".away"))
        (reply,) = self.connect().envelope([address("anna")])
        self.assertTrue(reply.startswith("451 4.3.0"), reply)
        users.with_suffix(".away").rename(users)

    def test_full_disk(self):
        self.start(["anna", "bert"])
        client = self.connect()
        client.deliver(message("first"), "anna")
        self.assertEqual(subjects(self.instance, "anna"), ["first"])
        with self.small_disk() as there:
            if not there:
                self.skipTest("SKIPPED: no file system can be mounted here")
            kept, refused = [], 0
            for octets in (600_000, 20_000, 500):
                for number in range(2000):
                    subject = f"m{octets}-{number}"
                    replies = self.connect().deliver(message(subject, b"z" * octets + b"\r\n"), "anna")
                    if not replies or replies[0][0] != "2":
                        self.assertTrue(not replies or replies[0][:3] in ("451", "452"), replies)
                        refused += 1
                        break
                    kept.append(subject)
            self.assertGreaterEqual(refused, 1)
            self.assertGreater(len(kept), 0)
            self.grow()
            (reply,) = self.connect().deliver(message("room"), "anna")
            self.assertTrue(reply.startswith("250"), reply)
            self.assertEqual(subjects(self.instance, "anna"), [*kept, "room"])

    @contextlib.contextmanager
    def small_disk(self):
        """A small tmpfs in the store's place, under services that begin anew."""
        self.instance.run("stop-msg", "lmtp", "imap")
        place = self.store
        owner = place.stat()
        for child in list(place.iterdir()):
            subprocess.run(["rm", "-rf", str(child)], check=True)
        options = f"size=6m,mode=0700,uid={owner.st_uid},gid={owner.st_gid}"
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)], capture_output=True, check=False)
        records = place.parent / "partitions"
        if records.exists():
            subprocess.run(["rm", "-rf", str(records)], check=True)
        try:
            self.instance.run("start-msg", "lmtp", "imap")
            yield done.returncode == 0
        finally:
            self.instance.run("stop-msg", "lmtp", "imap")
            if done.returncode == 0:
                subprocess.run(["umount", str(place)], check=True)

    def grow(self) -> None:
        subprocess.run(["mount", "-o", "remount,size=64m", str(self.store)], check=True)


if __name__ == "__main__":
    main()
