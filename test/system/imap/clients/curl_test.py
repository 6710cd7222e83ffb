# SPDX-License-Identifier: Apache-2.0
"""curl as an IMAP client: list, fetch, append, store, search, copy and delete, in clear and over TLS; bodies octet for
octet."""

import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from server import Server, need  # noqa: E402  (found by the line above)

from messages import varied_messages  # noqa: E402


class Curl(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server(3)
        cls.addClassCleanup(cls.server.stop)
        cls.messages = varied_messages()

    def curl(self, where: str, path: str, *options: str, status: int = 0) -> bytes:
        scheme, port, user, *more = {
            "clear": ("imap", self.server.port, 0),
            "starttls": ("imap", self.server.port, 1, "--ssl-reqd"),
            "tls": ("imaps", self.server.tls_port, 2),
        }[where]
        trust = ["--cacert", self.server.certificate] if self.server.instance else ["--insecure"]
        done = subprocess.run(
            [need("curl"), "-sS", "--max-time", "60", *trust, *more, "-u",
             f"{self.server.users[user]}:{self.server.password}", *options, f"{scheme}://{self.server.host}:{port}/{path}"],
            stdin=subprocess.DEVNULL, capture_output=True, check=False)
        self.assertEqual(done.returncode, status, (path, options, done.stderr))
        return done.stdout

    def append(self, where: str, mailbox: str, octets: bytes):
        file = Path(self.folder) / "message"
        file.write_bytes(octets)
        self.curl(where, mailbox, "-T", str(file))

    def search(self, where: str, mailbox: str, key: str) -> list[int]:
        """By the whole answer: curl shows the untagged lines."""
        answer = self.curl(where, mailbox, "-X", f"SEARCH {key}")
        self.assertTrue(answer.startswith(b"* SEARCH"), answer)
        return [int(number) for number in answer.split()[2:]]

    def whole_session(self, where: str):
        with tempfile.TemporaryDirectory() as self.folder:
            self.curl(where, "", "-X", "CREATE Box")
            self.curl(where, "", "-X", "CREATE Box/Below")
            self.curl(where, "", "-X", 'CREATE "two words"')
            listing = self.curl(where, "").decode()
            for name in ("INBOX", "Box/Below", "two words"):
                self.assertRegex(listing, rf'(?m)^\* LIST \([^)]*\) "/" "?{re.escape(name)}"?\r$')
            for octets in self.messages:
                self.append(where, "Box", octets)
            uids = [int(n) for n in self.curl(where, "Box", "-X", "UID SEARCH ALL").split()[2:]]
            self.assertEqual(len(uids), len(self.messages))
            for number, (uid, octets) in enumerate(zip(uids, self.messages), 1):
                self.assertEqual(self.curl(where, f"Box;UID={uid}"), octets, f"UID {uid}")
                self.assertEqual(self.curl(where, f"Box;MAILINDEX={number}"), octets, f"message {number}")
            header, _, text = self.messages[0].partition(b"\r\n\r\n")
            self.assertEqual(self.curl(where, f"Box;UID={uids[0]};SECTION=TEXT"), text)
            self.assertEqual(self.curl(where, f"Box;UID={uids[0]};SECTION=HEADER"), header + b"\r\n\r\n")
            self.assertEqual(self.curl(where, f"Box;UID={uids[0]};PARTIAL=3.10"), self.messages[0][3:13])
            self.store_search_copy(where)
            self.curl(where, f"Box;UID={max(uids) + 99}", status=78)
            self.curl(where, "Nowhere;UID=1", status=67)

    def store_search_copy(self, where: str):
        count = len(self.messages)
        answer = self.curl(where, "Box", "-X", "STORE 2 +FLAGS (\\Flagged)")
        self.assertRegex(answer, rb"\* 2 FETCH \(.*\\Flagged")
        self.assertEqual(self.search(where, "Box", "FLAGGED"), [2])
        self.assertEqual(self.search(where, "Box", "SUBJECT dots"), [2])
        self.assertEqual(self.curl(where, "Box?SUBJECT%20dots").split()[2:], [b"2"])
        self.curl(where, "Box", "-X", "COPY 1:2 Box/Below")
        self.assertEqual(self.curl(where, "Box/Below;MAILINDEX=2"), self.messages[1])
        self.assertEqual(self.search(where, "Box/Below", "FLAGGED"), [2])
        self.curl(where, "Box", "-X", "STORE 1 +FLAGS.SILENT (\\Deleted)")
        self.assertEqual(self.curl(where, "Box", "-X", "EXPUNGE"), b"* 1 EXPUNGE\r\n")
        self.assertEqual(len(self.search(where, "Box", "ALL")), count - 1)
        self.assertEqual(self.curl(where, "Box;MAILINDEX=1"), self.messages[1])
        self.curl(where, "", "-X", "DELETE Box/Below")
        self.assertNotIn(b"Below", self.curl(where, ""))
        self.assertIn(b"MESSAGES %d" % (count - 1), self.curl(where, "", "-X", "STATUS Box (MESSAGES)"))

    def test_in_clear(self):
        self.whole_session("clear")

    def test_starttls(self):
        self.whole_session("starttls")

    def test_tls(self):
        self.whole_session("tls")

    def test_wrong_password(self):
        done = subprocess.run([need("curl"), "-sS", "-u", f"{self.server.users[0]}:wrong",
                               f"imap://{self.server.host}:{self.server.port}/"],
                              stdin=subprocess.DEVNULL, capture_output=True, check=False)
        self.assertEqual(done.returncode, 67, done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
