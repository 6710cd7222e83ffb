# SPDX-License-Identifier: Apache-2.0
"""A day of a mail program by Python's imaplib: folders, literals, flags, searches, copies, moves, IDLE."""

import imaplib
import re
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from server import Server, listed, quoted  # noqa: E402  (found by the line above)

from messages import message, varied_messages  # noqa: E402

UMLAUTS = "Gesch&AOQ-fte"   # Geschäfte in modified UTF-7
imaplib.Commands.setdefault("MOVE", ("SELECTED",))


class Daily(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server(4)
        cls.addClassCleanup(cls.server.stop)

    def login(self, user: int, tls: bool = False) -> imaplib.IMAP4:
        client = self.server.login(self.server.users[user], tls)
        self.addCleanup(client.file.close)
        self.addCleanup(client.sock.close)
        return client

    def ok(self, answer):
        self.assertEqual(answer[0], "OK", answer)
        return answer[1]

    def names(self, client) -> list[str]:
        return sorted(name for _, name in listed(client))

    def subscribed(self, client) -> list[bytes]:
        return [line for line in self.ok(client.lsub()) if line]

    def append(self, client, mailbox: str, octets: bytes, flags: str = "", date=None) -> int:
        text = self.ok(client.append(quoted(mailbox), flags, date, octets))[0]
        return int(re.search(rb"APPENDUID \d+ (\d+)", text).group(1))

    def fetch(self, client, number, item: str = "(BODY.PEEK[])", uid: bool = False) -> bytes:
        data = self.ok(client.uid("FETCH", str(number), item) if uid else client.fetch(str(number), item))
        return next(part[1] for part in data if isinstance(part, tuple))

    def flags(self, client, number) -> set[bytes]:
        return set(imaplib.ParseFlags(self.ok(client.fetch(str(number), "(FLAGS)"))[-1])) - {b"\\Recent"}

    # ---- tests

    def test_folders(self):
        client = self.login(0)
        given = self.names(client)
        before = self.subscribed(client)
        for name in ("Work", "Work/2024", UMLAUTS, 'a "quoted" name', "back\\slash", "Trash&-Co"):
            self.ok(client.create(quoted(name)))
            self.ok(client.subscribe(quoted(name)))
        self.assertEqual(client.create("Work")[0], "NO")
        self.assertEqual(self.names(client),
                         sorted([*given, "Work", "Work/2024", UMLAUTS, 'a "quoted" name', "back\\slash", "Trash&-Co"]))
        self.append(client, "Work", message("kept", b"x\r\n"))
        self.ok(client.rename("Work", "Old"))
        self.assertIn("Old/2024", self.names(client))
        self.assertNotIn("Work", self.names(client))
        self.assertEqual(self.ok(client.select("Old", readonly=True)), [b"1"])
        self.ok(client.close())
        self.assertEqual(len(self.subscribed(client)), len(before) + 6)  # a RENAME takes no subscription along
        self.ok(client.unsubscribe(quoted(UMLAUTS)))
        self.assertEqual(len(self.subscribed(client)), len(before) + 5)
        self.ok(client.delete(quoted(UMLAUTS)))
        self.assertNotIn(UMLAUTS, self.names(client))
        attributes = dict((name, flags) for flags, name in listed(client))
        self.assertIn("\\HasChildren", attributes["Old"])
        if "SPECIAL-USE" in client.capabilities:
            used = {flag: name for name, flags in attributes.items() for flag in flags}
            for use in ("Sent", "Drafts", "Trash", "Junk"):
                self.assertEqual(used["\\" + use], use)
        self.assertEqual(client.select("Nowhere")[0], "NO")
        self.assertEqual(client.namespace()[0], "OK")
        status = self.ok(client.status("Old", "(MESSAGES UNSEEN UIDNEXT UIDVALIDITY)"))[0]
        self.assertIn(b"MESSAGES 1", status)
        self.assertIn(b"UNSEEN 1", status)

    def test_literals_and_bodies(self):
        client = self.login(1, tls=True)
        kept = varied_messages()
        date = imaplib.Time2Internaldate(1704103200)
        uids = [self.append(client, "INBOX", octets, "(\\Seen)", date) for octets in kept]
        self.assertEqual(self.ok(client.select()), [str(len(kept)).encode()])
        for number, (uid, octets) in enumerate(zip(uids, kept), 1):
            self.assertEqual(self.fetch(client, number), octets)
            self.assertEqual(self.fetch(client, uid, "(BODY.PEEK[])", uid=True), octets)
            self.assertEqual(self.fetch(client, number, "(BODY.PEEK[]<10.20>)"), octets[10:30])
            size = self.ok(client.fetch(str(number), "(RFC822.SIZE)"))[0]
            self.assertIn(b"RFC822.SIZE %d" % len(octets), size)
        got = self.ok(client.fetch("1", "(INTERNALDATE)"))[0]
        self.assertEqual(time.mktime(imaplib.Internaldate2tuple(got)), 1704103200)
        # Names and search strings as literals.
        client.literal = "eight bit".encode()
        self.assertEqual(self.ok(client.search("UTF-8", "SUBJECT")), [b"4"])
        client.literal = "Grüße".encode()
        client.search("UTF-8", "BODY")
        envelope = self.ok(client.fetch("1", "(ENVELOPE BODYSTRUCTURE)"))[0]
        self.assertIn(b'"plain"', envelope)
        self.assertIn(b'"anna" "example.org"', envelope)

    def test_flags_searches_copies(self):
        client = self.login(2)
        self.ok(client.create("Target"))
        for number in range(10):
            self.append(client, "INBOX", message(f"number {number}", b"%d\r\n" % number, number))
        self.ok(client.select())
        self.ok(client.store("2:4", "+FLAGS", "(\\Seen $Label1)"))
        self.ok(client.store("3", "-FLAGS", "\\Seen"))
        self.assertEqual(self.flags(client, 3), {b"$Label1"})
        self.ok(client.store("5", "FLAGS.SILENT", "(\\Answered \\Flagged)"))
        self.assertEqual(self.flags(client, 5), {b"\\Answered", b"\\Flagged"})
        for key, wanted in (("SEEN", b"2 4"), ("KEYWORD $Label1", b"2 3 4"), ("SUBJECT \"number 7\"", b"8"),
                            ("OR ANSWERED SEEN", b"2 4 5"), ("NOT (1:9)", b"10"), ("SENTSINCE 3-Jan-2024 4:*", b"4 5 6 7 8 9 10"),
                            ("HEADER Message-ID nothing", b""), ("BODY \"9\"", b"10"), ("LARGER 100000", b"")):
            self.assertEqual(self.ok(client.search(None, key)), [wanted], key)
        self.ok(client.copy("2:4", "Target"))
        uid = self.ok(client.uid("SEARCH", None, "SUBJECT \"number 9\""))[0].decode()
        self.ok(client.uid("COPY", uid, "Target"))
        self.ok(client._simple_command("MOVE", "1", "Target"))
        self.assertEqual(client.response("EXPUNGE")[1], [b"1"])
        self.assertEqual(client.copy("1", "Nowhere")[0], "NO")
        self.assertIn(b"TRYCREATE", client.copy("1", "Nowhere")[1][0])
        self.ok(client.store("1", "+FLAGS", "\\Deleted"))
        self.assertEqual(self.ok(client.expunge()), [b"1"])
        self.ok(client.store("1:2", "+FLAGS.SILENT", "\\Deleted"))
        self.ok(client.uid("EXPUNGE", self.ok(client.uid("SEARCH", None, "DELETED"))[0].split()[0].decode()))
        self.ok(client.close())
        self.assertEqual(self.ok(client.select()), [b"6"])
        self.assertEqual(self.ok(client.select("Target")), [b"5"])
        self.assertEqual(self.flags(client, 1), {b"\\Seen", b"$Label1"})
        self.assertIn(b"number 9", self.fetch(client, 4))
        self.assertIn(b"number 0", self.fetch(client, 5))
        self.ok(client.check())
        self.ok(client.unselect())
        self.assertEqual(client.logout()[0], "BYE")

    def test_examine_changes_nothing(self):
        client = self.login(0)
        self.append(client, "INBOX", message("looked at", b"x\r\n"))
        self.ok(client.select("INBOX", readonly=True))
        self.fetch(client, 1, "(BODY[])")
        client._simple_command("STORE", "1", "+FLAGS", "(\\Deleted)")  # some servers say OK and do nothing
        self.ok(client.select("INBOX"))
        self.assertEqual(self.flags(client, 1), set())
        self.fetch(client, 1, "(BODY[])")
        self.assertEqual(self.flags(client, 1), {b"\\Seen"})

    def idle(self, client) -> bytes:
        tag = client._new_tag()
        client.send(tag + b" IDLE\r\n")
        while not (line := client.readline()).startswith(b"+ "):
            self.assertTrue(line.startswith(b"* "), line)
        return tag

    def until(self, client, wanted: bytes):
        """Untagged lines until the wanted one comes; the socket's timeout bounds it."""
        while not re.fullmatch(wanted, line := client.readline()):
            self.assertTrue(line.startswith(b"* "), line)

    def test_idle(self):
        idler, other = self.login(3), self.login(3)
        self.append(idler, "INBOX", message("first", b"x\r\n"))
        self.ok(idler.select())
        tag = self.idle(idler)
        self.append(other, "INBOX", message("second", b"x\r\n"))
        self.until(idler, rb"\* 2 EXISTS\r\n")
        self.ok(other.select())
        self.ok(other.store("1", "+FLAGS.SILENT", "(\\Flagged)"))
        self.until(idler, rb"\* 1 FETCH \(.*\\Flagged.*\)\r\n")
        self.ok(other.store("1", "+FLAGS.SILENT", "(\\Deleted)"))
        self.ok(other.expunge())
        self.until(idler, rb"\* 1 EXPUNGE\r\n")
        idler.send(b"DONE\r\n")
        self.until(idler, tag + rb" OK .*\r\n")
        self.assertIn(b"second", self.fetch(idler, 1))
        # Ended in the middle, a session goes quietly.
        self.idle(idler)
        idler.sock.close()
        self.ok(other.noop())


if __name__ == "__main__":
    unittest.main(verbosity=2)
