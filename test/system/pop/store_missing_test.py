# SPDX-License-Identifier: Apache-2.0
"""A partition whose volume is not mounted: users wait, and nobody gets an empty mailbox for his full one."""

import os
import unittest
from pathlib import Path

from support import PASSWORD, Pop, family, main, message


class StoreMissing(unittest.TestCase):
    def setUp(self):
        self.instance = family(["user", "newcomer"])
        self.addCleanup(self.instance.stop)
        self.instance.deliver("user", message("kept", b"text\r\n"))
        self.folder = Path(self.instance.run("msconfig", "get", "store.path").stdout.decode().strip())
        self.away = self.folder.parent / "not mounted"

    def connect(self) -> Pop:
        client = Pop(self.instance.port("pop", False))
        self.addCleanup(client.close)
        return client

    def refused(self, user: str) -> None:
        client = self.connect()
        client.ok(f"USER {user}")
        answer = client.command(f"PASS {PASSWORD}")
        self.assertTrue(answer.startswith(b"-ERR [SYS/TEMP] "), answer)
        self.assertNotIn(str(self.folder).encode(), answer)

    def test_no_folder_and_an_empty_one(self):
        # The worker has the account open; one that starts now has not.
        self.connect().login("user").ok("QUIT")
        self.folder.rename(self.away)
        for make in (False, True):
            if make:
                self.folder.mkdir(mode=0o700)
                owner = self.away.stat()
                os.chown(self.folder, owner.st_uid, owner.st_gid)
            for user in ("user", "newcomer"):
                self.refused(user)
            if make:
                self.assertEqual(list(self.folder.iterdir()), [], "something was made in it")
        self.assertIn("partition-missing", self.instance.log())
        self.folder.rmdir()
        self.away.rename(self.folder)
        self.assertEqual(self.connect().login("user").ok("STAT").split()[1], b"1")
        self.connect().login("newcomer").ok("QUIT")


if __name__ == "__main__":
    main()
