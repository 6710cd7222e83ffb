# SPDX-License-Identifier: Apache-2.0
"""imapd greets, logs in and out, takes literals in both forms, answers BAD to what it does not know."""

import imaplib
import os
import socket
import ssl
import sys
import unittest
from pathlib import Path

SOURCE = Path(os.environ.get("POSTHORN_SOURCE", Path(__file__).resolve().parents[3]))
BINARIES = Path(os.environ.get("POSTHORN_BIN", SOURCE / "build" / "release" / "bin"))
sys.path.insert(0, str(SOURCE / "test" / "support"))

from instance import Instance  # noqa: E402  (found by the line above)


class Greeting(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.instance = Instance(BINARIES, {"auth.failuredelay": "0", "imap.maxbadcommands": "5"}, services=["imap"])
        cls.addClassCleanup(cls.instance.stop)
        cls.instance.add_users([("anna", "a secret")])
        cls.instance.start()

    def connect(self):
        raw = socket.create_connection(("127.0.0.1", self.instance.port("imap", False)), timeout=20)
        file = raw.makefile("rb")
        self.addCleanup(raw.close)
        self.addCleanup(file.close)
        self.assertTrue(file.readline().startswith(b"* OK [CAPABILITY IMAP4rev1 "))
        return raw, file

    def say(self, connection, octets: bytes, *answers: bytes):
        raw, file = connection
        raw.sendall(octets)
        for wanted in answers:
            got = file.readline()
            self.assertTrue(got.startswith(wanted) if wanted else got == b"", f"wanted {wanted!r}, got {got!r}")

    def test_commands_before_a_login(self):
        c = self.connect()
        self.say(c, b"a CAPABILITY\r\n", b"* CAPABILITY IMAP4rev1 ", b"a OK")
        self.say(c, b"b noop\r\n", b"b OK")
        self.say(c, b"c SELECT INBOX\r\n", b"c BAD")
        self.say(c, b"nonsense\r\n", b"nonsense BAD")
        self.say(c, b"\r\n", b"* BAD")
        self.say(c, b"d LOGOUT\r\n", b"* BYE", b"d OK", b"")

    def test_login_by_literals(self):
        for number, octets in enumerate([b"a LOGIN {4+}\r\nanna {8+}\r\na secret\r\n", b"a LOGIN \"anna\" \"a secret\"\r\n"]):
            c = self.connect()
            self.say(c, octets, b"a OK [CAPABILITY ")
            self.say(c, b"b LOGIN anna x\r\n", b"b BAD")
            self.say(c, b"c LOGOUT\r\n", b"* BYE", b"c OK", b"")
        c = self.connect()
        self.say(c, b"a LOGIN {4}\r\n", b"+ ")
        self.say(c, b"anna {8}\r\n", b"+ ")
        self.say(c, b"a secret\r\n", b"a OK")

    def test_octet_by_octet(self):
        raw, file = self.connect()
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for octet in b"a LOGIN {4+}\r\nanna {8+}\r\na secret\r\nb NOOP\r\n":
            raw.sendall(bytes([octet]))
        self.assertTrue(file.readline().startswith(b"a OK"))
        self.assertTrue(file.readline().startswith(b"b OK"))

    def test_wrong_passwords_and_huge_literals(self):
        c = self.connect()
        self.say(c, b"a LOGIN anna wrong\r\n", b"a NO [AUTHENTICATIONFAILED]")
        self.say(c, b"b LOGIN {999999999}\r\n", b"b BAD")
        self.say(c, b"c NOOP\r\n", b"c OK")
        self.say(c, b"d LOGIN {999999999+}\r\n", b"* BYE", b"")

    def test_nonsense_ends_the_session(self):
        c = self.connect()
        self.say(c, b"x X\r\n" * 5, b"x BAD", b"x BAD", b"x BAD", b"x BAD", b"* BYE", b"")

    def test_starttls_and_tls(self):
        context = ssl.create_default_context(cafile=str(self.instance.certificate))
        client = imaplib.IMAP4("127.0.0.1", self.instance.port("imap", False), timeout=20)
        client.starttls(context)
        self.assertNotIn("STARTTLS", client.capabilities)
        self.assertEqual(client.login("anna", "a secret")[0], "OK")
        client.logout()
        client = imaplib.IMAP4_SSL("127.0.0.1", self.instance.port("imap", True), ssl_context=context, timeout=20)
        self.assertEqual(client.login("anna", "a secret")[0], "OK")
        client.logout()

    def test_injection_behind_starttls(self):
        c = self.connect()
        self.say(c, b"a STARTTLS\r\nb NOOP\r\n", b"* BYE", b"")


if __name__ == "__main__":
    unittest.main(verbosity=2)
