# SPDX-License-Identifier: Apache-2.0
"""What lies in the mailbox is what came over LMTP: octet for octet, with the fields of the delivery before it."""

import re
import unittest

from support import Lmtp, address, family, held, main, message, subjects


class Delivery(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.users = iter(f"user{n}" for n in range(40))
        cls.instance = family([f"user{n}" for n in range(40)])

    @classmethod
    def tearDownClass(cls):
        cls.instance.stop()

    def connect(self, **how) -> Lmtp:
        client = Lmtp(self.instance.port("lmtp", how.get("tls", False)), **how)
        self.addCleanup(client.close)
        return client

    def body_of(self, user: str) -> bytes:
        (whole,) = held(self.instance, user)
        return whole.split(b"\r\n\r\n", 1)[1]

    def test_fields_of_the_delivery(self):
        anna, bert = next(self.users), next(self.users)
        client = self.connect()
        old = b"Return-Path: <old@example.org>\r\nReceived: from a by b; Sat, 21 Nov 2026 10:00:00 +0000\r\n"
        replies = client.deliver(old + message("fields"), anna, bert, sender="s@example.org")
        self.assertEqual([r[:9] for r in replies], ["250 2.1.5", "250 2.1.5"])
        for user in (anna, bert):
            (whole,) = held(self.instance, user)
            pattern = (rb"Return-Path: <s@example\.org>\r\nDelivered-To: USER\r\n"
                       rb"Received: from client\.example \(\[127\.0\.0\.1\]\)\r\n"
                       rb"\tby mail\.test\.example \(Posthorn\) with LMTP id \d+\.1\r\n\tfor <USER>;\r\n"
                       rb"\t\w{3}, \d+ \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}\r\nReceived: from a by b")
            self.assertRegex(whole, pattern.replace(b"USER", re.escape(address(user).encode())))
            self.assertNotIn(b"old@example.org", whole)

    def test_null_sender_and_tls(self):
        user = next(self.users)
        client = self.connect(hello=False)
        client.ok("STARTTLS")
        client.wrap()
        client.ok("LHLO client.example")
        client.deliver(message("starttls"), user, sender="")
        other = self.connect(tls=True)
        other.deliver(message("tls"), user)
        first, second = held(self.instance, user)
        self.assertTrue(first.startswith(b"Return-Path: <>\r\n"))
        for whole in (first, second):
            self.assertIn(b"with LMTPS id", whole)

    def test_octets(self):
        cases = {
            "dots": b".\r\n..\r\n...\r\n.x\r\n\r\n.\r\n",
            "eight": bytes(range(128, 256)) + b"\r\n",
            "nul": b"a\0b\r\n",
            "bare cr": b"a\rb\r\r\n",
            "no end": b"no end",
            "empty": b"",
            "long": b"x" * 100_000 + b"\r\n",
        }
        for name, body in cases.items():
            with self.subTest(name):
                user = next(self.users)
                self.connect().deliver(message(name.replace(" ", "-"), body), user)
                ended = body if body.endswith(b"\r\n") or not body else body + b"\r\n"
                # IMAP has no NUL in a literal: it is shown as 0x80, and kept as it came.
                self.assertEqual(self.body_of(user), ended.replace(b"\0", b"\x80"))

    def test_bare_newlines_end_nothing(self):
        user = next(self.users)
        client = self.connect()
        client.envelope([address(user)])
        client.ok("DATA")
        evil = b"one\n.\nMAIL FROM:<evil@example.org>\nRCPT TO:<x>\r\n.\nDATA\r\ntwo\n.\r\nthree\r.\rQUIT\r\n"
        client.send(message("smuggling", evil) + b".\r\n")
        self.assertTrue(client.reply()[-1].startswith("250 2.1.5"))
        client.ok("NOOP")
        # One message, each line of which is there; a bare LF has become CRLF on its way into the store.
        body = self.body_of(user)
        self.assertEqual(body, b"one\r\n.\r\nMAIL FROM:<evil@example.org>\r\nRCPT TO:<x>\r\n\r\nDATA\r\ntwo\r\n.\r\n"
                               b"three\r.\rQUIT\r\n")

    def test_chunks(self):
        user = next(self.users)
        client = self.connect()
        whole = message("chunks", b".\r\n..\r\n" + b"y" * 300_000 + b"\r\n.\r\n")
        client.envelope([address(user)])
        for at in range(0, len(whole), 70_001):
            part = whole[at:at + 70_001]
            last = " LAST" if at + 70_001 >= len(whole) else ""
            client.send(f"BDAT {len(part)}{last}\r\n".encode() + part)
        replies = [client.reply()[-1][:9] for _ in range(0, len(whole), 70_001)]
        self.assertEqual(replies, ["250 2.0.0"] * (len(replies) - 1) + ["250 2.1.5"])
        self.assertEqual(self.body_of(user), whole.split(b"\r\n\r\n", 1)[1])

    def test_large_to_many(self):
        users = [next(self.users) for _ in range(5)]
        whole = message("large", b"".join(b"%d\r\n" % n for n in range(700_000)))
        replies = self.connect().deliver(whole, *users)
        self.assertEqual([r[:9] for r in replies], ["250 2.1.5"] * 5)
        for user in users:
            self.assertEqual(self.body_of(user), whole.split(b"\r\n\r\n", 1)[1])

    def test_one_account_gets_one_copy(self):
        user = next(self.users)
        replies = self.connect().deliver(message("twice"), user, user.upper(), f"{user}+nothing", f"{user}+inbox")
        self.assertEqual(len(replies), 4)
        self.assertEqual({r[:9] for r in replies}, {"250 2.1.5"})
        self.assertEqual(subjects(self.instance, user), ["twice"])

    def test_folders(self):
        user = next(self.users)
        replies = self.connect().deliver(message("folder"), f"{user}+trash", f"{user}+INBOX", f"{user}+../../x",
                                         f"{user}+Junk")
        self.assertEqual({r[:9] for r in replies}, {"250 2.1.5"})
        self.assertEqual(subjects(self.instance, user, "Trash"), ["folder"])
        self.assertEqual(subjects(self.instance, user, "Junk"), ["folder"])
        self.assertEqual(subjects(self.instance, user), ["folder"])

    def test_smtputf8(self):
        user = next(self.users)
        client = self.connect()
        client.envelope([address(user)], sender="jürgen@example.org", words=" SMTPUTF8 BODY=8BITMIME")
        client.text(message("utf8", fields="X-Name: Jürgen\r\n".encode()))
        self.assertTrue(client.reply()[-1].startswith("250"))
        (whole,) = held(self.instance, user)
        self.assertTrue(whole.startswith("Return-Path: <jürgen@example.org>\r\n".encode()))
        self.assertIn(b"with UTF8LMTP id", whole)

    def test_pipelined_messages(self):
        user = next(self.users)
        client = self.connect()
        for n in range(20):
            client.send(f"MAIL FROM:<a@example.org>\r\nRCPT TO:<{address(user)}>\r\nDATA\r\n".encode())
            self.assertEqual([client.reply()[-1][:3] for _ in range(3)], ["250", "250", "354"])
            client.send(message(f"n{n}") + b".\r\n")
            self.assertTrue(client.reply()[-1].startswith("250"))
        self.assertEqual(subjects(self.instance, user), [f"n{n}" for n in range(20)])


if __name__ == "__main__":
    main()
