# SPDX-License-Identifier: Apache-2.0
"""Each limit is told in the protocol, at the right place, and touches nobody else."""

import unittest

from support import Lmtp, address, family, main, message, subjects, wait_for


class Limits(unittest.TestCase):
    def family(self, users: list[str], **options: str):
        instance = family(users, {name.replace("_", "."): value for name, value in options.items()})
        self.addCleanup(instance.stop)
        return instance

    def connect(self, instance, **how) -> Lmtp:
        client = Lmtp(instance.port("lmtp", False), **how)
        self.addCleanup(client.close)
        return client

    def entered(self, instance) -> Lmtp | None:
        """A client that was let in."""
        client = self.connect(instance)
        return client if client.greeting[0].startswith("220") else None

    def test_sessions(self):
        instance = self.family(["anna"], lmtp_maxsessions="2", lmtp_numprocesses="1")
        # The start's own connection may be there yet.
        held = [wait_for("room", lambda: self.entered(instance)) for _ in range(2)]
        third = self.connect(instance)
        self.assertTrue(third.greeting[0].startswith("421 4.3.2"), third.greeting)
        self.assertRaises(EOFError, third.reply)
        held[0].ok("QUIT")
        wait_for("room", lambda: self.connect(instance).greeting[0].startswith("220"))

    def test_connections_of_one_address(self):
        instance = self.family(["anna"], lmtp_connlimits="127.0.0.1|255.255.255.255:1")
        held = wait_for("the start's own connection to be gone", lambda: self.entered(instance))
        self.assertTrue(self.connect(instance).greeting[0].startswith("421 4.3.2 Too many connections from your"))
        held.ok("NOOP")

    def test_recipients(self):
        instance = self.family([f"u{n}" for n in range(101)], lmtp_maxrecipients="100")
        client = self.connect(instance)
        replies = client.envelope([address(f"u{n}") for n in range(101)])
        self.assertEqual({r[:3] for r in replies[:100]}, {"250"})
        self.assertTrue(replies[100].startswith("452 4.5.3"), replies[100])
        client.text(message("many"))
        self.assertEqual({client.reply()[-1][:9] for _ in range(100)}, {"250 2.1.5"})
        client.ok("NOOP")
        self.assertEqual(subjects(instance, "u99"), ["many"])
        self.assertEqual(subjects(instance, "u100"), [])

    def test_size(self):
        instance = self.family(["anna"], lmtp_maxmessagesize="100k")
        client = self.connect(instance)
        body = b"x" * 70 + b"\r\n"
        (reply,) = client.deliver(message("big", body * 3000), "anna")
        self.assertTrue(reply.startswith("552 5.3.4"), reply)
        (reply,) = client.deliver(message("small", body), "anna")
        self.assertTrue(reply.startswith("250"), reply)
        self.assertEqual(subjects(instance, "anna"), ["small"])

    def test_the_size_that_is_told_is_taken(self):
        instance = self.family(["anna"], store_maxmessagesize="200k")
        client = self.connect(instance, hello=False)
        client.send(b"LHLO x\r\n")
        (told,) = [line[9:] for line in client.reply() if line[4:].startswith("SIZE ")]
        head = message("whole", b"")
        body = b"x" * (int(told) - len(head) - 2) + b"\r\n"
        (reply,) = client.deliver(head + body, "anna")
        self.assertTrue(reply.startswith("250"), reply)
        (reply,) = client.deliver(head + b"x" + body, "anna")
        self.assertTrue(reply.startswith("552"), reply)

    def test_two_fates(self):
        instance = self.family(["anna", "full"], store_quotaenforcement="yes")
        instance.run("msuser", "set", "full", "quota=2000")
        client = self.connect(instance)
        replies = client.deliver(message("fits", b"x" * 5000 + b"\r\n"), "full", "anna")
        self.assertTrue(replies[0].startswith("452 4.2.2"), replies)
        self.assertTrue(replies[1].startswith("250 2.1.5"), replies)
        self.assertEqual(subjects(instance, "anna"), ["fits"])
        self.assertEqual(subjects(instance, "full"), [])
        # What MAIL announces is refused before it comes.
        replies = client.envelope([address("full"), address("anna")], words=" SIZE=5000")
        self.assertEqual([r[:3] for r in replies], ["452", "250"])

    def test_status_and_host(self):
        wanted = {"inactive": "450 4.2.1", "hold": "450 4.2.1", "deleted": "550 5.2.1", "disabled": "550 5.2.1",
                  "overquota": "452 4.2.2"}
        instance = self.family([*wanted, "away"])
        for status in wanted:
            instance.run("msuser", "set", status, f"status={status}")
        instance.run("msuser", "set", "away", "host=other.example")
        client = self.connect(instance)
        replies = client.envelope([address(status) for status in wanted])
        self.assertEqual([r[:9] for r in replies], list(wanted.values()))
        client.ok("RSET")
        (reply,) = client.envelope([address("away")])
        self.assertTrue(reply.startswith("451 4.3.5") and "another host" in reply, reply)

    def test_silence(self):
        instance = self.family(["anna"], lmtp_idletimeout="1m", base_unauthtimeout="1s")
        client = self.connect(instance, hello=False)
        self.assertTrue(client.reply()[0].startswith("421 4.4.2"))
        self.assertRaises(EOFError, client.reply)

    def test_strangers_and_loopback(self):
        instance = self.family(["anna"])
        said = instance.run("msconfig", "check", check=False).stdout.decode()
        self.assertNotIn("lmtp.clients", said)
        instance.options |= {"lmtp.listenaddr": "0.0.0.0", "lmtp.clients": "0.0.0.0/0"}
        instance.write_config()
        said = instance.run("msconfig", "check", check=False)
        self.assertIn("lets every host deliver", (said.stdout + said.stderr).decode())
        instance.options.pop("lmtp.clients")
        instance.write_config()
        said = instance.run("msconfig", "check", check=False)
        self.assertIn("lets only this host in", (said.stdout + said.stderr).decode())


if __name__ == "__main__":
    main()
