# SPDX-License-Identifier: Apache-2.0
"""LMTP on a Unix socket: beside the port, instead of it, and two instances side by side."""

import os
import socket
import stat
import tempfile
import unittest
from pathlib import Path

from support import Lmtp, address, family, held, main, message, subjects


class UnixSocket(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="posthorn-sockets-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.folder.chmod(0o755)

    def family(self, users: list[str], **options: str):
        instance = family(users, {name.replace("_", "."): value for name, value in options.items()})
        self.addCleanup(instance.stop)
        return instance

    def test_beside_the_port(self):
        path = self.folder / "lmtp.sock"
        # A file that a killed master has left is in nobody's way.
        with socket.socket(socket.AF_UNIX) as old:
            old.bind(str(path))
        instance = self.family(["anna"], lmtp_socket=str(path), lmtp_socketmode="0600", lmtp_clients="192.0.2.1")
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
        client = Lmtp(path)
        self.assertEqual([r[:3] for r in client.deliver(message("socket"), "anna")], ["250"])
        (whole,) = held(instance, "anna")
        self.assertIn(b"Received: from client.example (unix)\r\n", whole)
        # lmtp.clients guards the port alone.
        self.assertTrue(Lmtp(instance.port("lmtp", False)).greeting[0].startswith("554 5.7.1"))
        client.close()
        instance.run("refresh", "lmtp")
        instance.run("restart-msg", "lmtp")
        self.assertEqual([r[:3] for r in Lmtp(path).deliver(message("again"), "anna")], ["250"])
        instance.run("stop-msg", "lmtp")
        self.assertFalse(path.exists())

    def test_instead_of_the_port(self):
        path = self.folder / "lmtp.sock"
        instance = self.family(["anna"], lmtp_socket=str(path))
        port = instance.port("lmtp", False)
        instance.options |= {"lmtp.port": "0", "lmtp.enablesslport": "no"}
        instance.write_config()
        instance.run("restart-msg", "lmtp")
        self.assertRaises(OSError, Lmtp, port)
        self.assertEqual([r[:3] for r in Lmtp(path).deliver(message("socket"), "anna")], ["250"])

    def test_two_instances(self):
        one = self.family(["anna"], lmtp_socket=str(self.folder / "one.sock"))
        two = self.family(["anna"], lmtp_socket=str(self.folder / "two.sock"))
        for name in ("one", "two"):
            Lmtp(self.folder / f"{name}.sock").deliver(message(name), "anna")
        self.assertEqual(subjects(one, "anna"), ["one"])
        self.assertEqual(subjects(two, "anna"), ["two"])
        # The one does not get the other's.
        two.options["lmtp.socket"] = str(self.folder / "one.sock")
        two.write_config()
        done = two.run("restart-msg", "lmtp", check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("another program listens", (done.stdout + done.stderr).decode())
        Lmtp(self.folder / "one.sock").deliver(message("still"), "anna")
        self.assertEqual(subjects(one, "anna"), ["one", "still"])


if __name__ == "__main__":
    main()
