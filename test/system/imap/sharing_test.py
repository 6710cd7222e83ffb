#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Mailboxes that are shared (RFC 4314), with imaplib and curl, over two workers: those who are let in see and hear what
happens, each with a \\Seen of his own; strangers find nothing; administrators and `anyone` as the manuals say."""

import imaplib
import os
import re
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

SOURCE = Path(os.environ.get("POSTHORN_SOURCE", Path(__file__).resolve().parents[3]))
BINARIES = Path(os.environ.get("POSTHORN_BIN", SOURCE / "build" / "release" / "bin"))
sys.path.insert(0, str(SOURCE / "test" / "support"))

from instance import Instance  # noqa: E402  (found by the line above)

PASSWORD = "a secret"
OTHER = "olga@other.example"
USERS = ["anna", "bert", "cora", OTHER, "chief", "strange", "leaver"]
MESSAGE = b"Subject: %s\r\n\r\n" + b"x" * 40000 + b"\r\n"
SHARED = "Shared Folders/User/"
LISTED = re.compile(rb'\((?P<attributes>[^)]*)\) "/" (?:"(?P<quoted>[^"]*)"|(?P<atom>\S+))')


def quoted(name: str) -> str:
    return f'"{name}"'


class Client(imaplib.IMAP4):
    """One session; what it asks for is OK unless it says otherwise."""

    def __init__(self, instance: Instance, user: str):
        super().__init__("127.0.0.1", instance.port("imap", False), timeout=60)
        self.own_port = self.sock.getsockname()[1]
        self.login(user, PASSWORD)

    def ask(self, name: str, *arguments: str) -> tuple[str, list[bytes]]:
        """Any command, with the answer's kind and words."""
        imaplib.Commands.setdefault(name, ("AUTH", "SELECTED"))
        try:
            kind, words = self._simple_command(name, *arguments)
        except imaplib.IMAP4.error as error:
            return "BAD", [str(error).encode()]
        return kind, words

    def ok(self, name: str, *arguments: str) -> list[bytes]:
        kind, words = self.ask(name, *arguments)
        assert kind == "OK", (name, arguments, kind, words)
        return words

    def told(self, kind: str) -> list[bytes]:
        found = self.untagged_responses.pop(kind, [])
        return [word for word in found if word is not None]

    def names(self, pattern: str = "*") -> set[str]:
        self.told("LIST")
        self.ok("LIST", '""', quoted(pattern))
        found = set()
        for line in self.told("LIST"):
            match = LISTED.match(line)
            assert match, line
            found.add((match["quoted"] or match["atom"]).decode())
        return found

    def enter(self, mailbox: str) -> None:
        """SELECT; imaplib's own takes READ-ONLY for a failure."""
        self.ok("SELECT", quoted(mailbox))
        self.state, self.is_readonly = "SELECTED", True

    def rights(self, mailbox: str) -> str:
        self.told("MYRIGHTS")
        kind, _ = self.ask("MYRIGHTS", quoted(mailbox))
        return self.told("MYRIGHTS")[0].split()[-1].decode() if kind == "OK" else kind

    def unseen(self, mailbox: str) -> int:
        self.told("STATUS")
        self.ok("STATUS", quoted(mailbox), "(UNSEEN)")
        return int(re.search(rb"UNSEEN (\d+)", self.told("STATUS")[0])[1])

    def put(self, mailbox: str, subject: bytes, flags: str = "") -> tuple[str, list[bytes]]:
        return self.append(quoted(mailbox), flags, None, MESSAGE % subject)

    # IDLE, which imaplib does not know; the lines come in order

    def idle(self) -> None:
        self.send(b"i1 IDLE\r\n")
        assert self.readline().startswith(b"+ ")

    def hear(self) -> bytes:
        return self.readline().rstrip()

    def hear_until(self, wanted: bytes) -> list[bytes]:
        heard = []
        while not heard or wanted not in heard[-1]:
            line = self.hear()
            assert line, f"closed after {heard}"
            heard.append(line)
        return heard

    def done(self) -> None:
        self.send(b"DONE\r\n")
        self.hear_until(b"i1 OK")


class Sharing(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.instance = Instance(BINARIES, {"auth.failuredelay": "0", "store.admins": "chief", "imap.numprocesses": "2",
                                           "imap.enable": "yes"}, services=["imap"])
        cls.addClassCleanup(cls.instance.stop)
        cls.instance.add_users([(user, PASSWORD) for user in USERS])
        cls.instance.start()

    def client(self, user: str) -> Client:
        client = Client(self.instance, user)
        self.addCleanup(lambda: client.sock.close())
        return client

    def worker_of(self, client: Client) -> str:
        """The process that serves a session, by the log's word."""
        for line in self.instance.log().splitlines():
            if "event=login" in line and f":{client.own_port}" in line:
                return re.search(r"process=(\S+)", line)[1]
        self.fail("no login in the log")
        return ""

    def elsewhere(self, user: str, client: Client) -> Client:
        """A session that another worker serves."""
        for _ in range(200):
            other = self.client(user)
            if self.worker_of(other) != self.worker_of(client):
                return other
        self.fail("all sessions are in one worker")
        return client

    def mailbox(self, owner: Client, name: str, messages: int = 0) -> None:
        owner.ok("CREATE", quoted(name))
        for number in range(messages):
            self.assertEqual(owner.put(name, b"%d" % number)[0], "OK")

    def test_who_gets_the_name_of_one_who_is_gone_gets_nothing_else(self):
        anna = self.client("anna")
        for box, who, rights in (("Kept", "leaver", "lrswi"), ("Kept", "bert", "lr"), ("Denied", "-leaver", "lr"),
                                 ("Denied", "anyone", "lr")):
            anna.ask("CREATE", box)
            anna.ok("SETACL", box, who, rights)
        shared = SHARED + "anna/Kept"
        self.assertIn("r", self.client("leaver").rights(shared))
        self.instance.run("msuser", "delete", "leaver")
        said = self.instance.run("mboxutil", "delete", "user/leaver/INBOX").stdout.decode()
        self.assertIn("taken out of 1 access lists", said)
        anna.told("ACL")
        anna.ok("GETACL", "Kept")
        lists = anna.told("ACL")[0].decode().split()
        self.assertNotIn("leaver", lists)
        self.assertIn("bert", lists)
        # Somebody else, with nothing but the name; what was taken away from it stays taken away.
        self.instance.add_users([("leaver", PASSWORD)])
        newcomer = self.client("leaver")
        self.assertEqual(newcomer.rights(shared), "NO")
        self.assertEqual(newcomer.rights(SHARED + "anna/Denied"), "NO")
        self.assertNotIn(shared, newcomer.names())
        # Also of one who never had mail here, only the name in a list.
        anna.ok("SETACL", "Kept", "strange", "lr")
        self.instance.run("msuser", "delete", "strange")
        self.instance.run("mboxutil", "delete", "user/strange/INBOX", check=False)
        self.instance.add_users([("strange", PASSWORD)])
        self.assertEqual(self.client("strange").rights(shared), "NO")
        for box in ("Kept", "Denied"):
            anna.ok("DELETE", box)

    def test_a_stranger_finds_nothing(self):
        anna, strange = self.client("anna"), self.client("strange")
        self.mailbox(anna, "Hidden", 1)
        anna.ok("SETACL", "Hidden", "bert", "lrswipkxtea")
        anna.ok("SETACL", "Hidden", "anyone", "lr")
        anna.ok("SETACL", "Hidden", "-strange", "lrswipkxtea")
        hidden, absent, nobody = f"{SHARED}anna/Hidden", f"{SHARED}anna/Absent", f"{SHARED}zzz/Hidden"
        for pattern in ("*", "Shared Folders/*", f"{SHARED}anna/*", f"{SHARED}anna/%", hidden):
            self.assertFalse({name for name in strange.names(pattern) if "Hidden" in name}, pattern)
        commands = [("SELECT",), ("EXAMINE",), ("STATUS", "(MESSAGES)"), ("GETACL",), ("MYRIGHTS",),
                    ("LISTRIGHTS", "anyone"), ("SETACL", "strange", "lr"), ("DELETEACL", "strange"), ("DELETE",),
                    ("GETQUOTAROOT",), ("CREATE",), ("RENAME", "Mine"), ("SUBSCRIBE",), ("UNSUBSCRIBE",)]
        for command, *rest in commands:
            answers = {name: strange.ask(command, quoted(name), *rest) for name in (hidden, absent, nobody)}
            self.assertEqual(answers[hidden], answers[absent], command)
            self.assertEqual(answers[hidden], answers[nobody], command)
        for name in (hidden, absent, nobody):
            kind, words = strange.put(name, b"x")
            self.assertEqual((kind, words[0].split()[0]), ("NO", b"[NONEXISTENT]"), name)
        strange.put("INBOX", b"mine")
        strange.enter("INBOX")
        for command in ("COPY", "MOVE"):
            for name in (hidden, absent, nobody):
                kind, words = strange.ask(command, "1", quoted(name))
                self.assertEqual((kind, words[0].split()[0]), ("NO", b"[NONEXISTENT]"), (command, name))
        self.assertEqual(self.client("bert").rights(hidden), "lrswipkxteacd")
        self.assertEqual(anna.unseen("Hidden"), 1)

    def test_three_clients_share_a_mailbox_over_two_workers(self):
        anna = self.client("anna")
        self.mailbox(anna, "Team", 2)
        anna.ok("SETACL", "Team", "bert", "lrste")
        anna.ok("SETACL", "Team", "cora", "lrsi")
        shared = f"{SHARED}anna/Team"
        bert = self.elsewhere("bert", anna)
        cora = self.client("cora")
        self.assertIn(shared, bert.names())
        self.assertIn(shared, cora.names())
        self.assertEqual((bert.rights(shared), cora.rights(shared)), ("lrsted", "lrsi"))
        bert.enter(shared)
        cora.enter(shared)
        kind, words = bert.fetch("1", "(BODY[])")
        self.assertEqual((kind, len(words[0][1])), ("OK", len(MESSAGE % b"0")))
        self.assertEqual((bert.unseen(shared), cora.unseen(shared), anna.unseen("Team")), (1, 2, 2))
        # New mail by one of them wakes the others, wherever they are served.
        bert.idle()
        self.assertEqual(cora.put(shared, b"2", r"(\Seen)")[0], "OK")
        bert.hear_until(b"* 3 EXISTS")
        anna.enter("Team")
        anna.ok("STORE", "2", "+FLAGS.SILENT", r"(\Flagged)")
        heard = bert.hear_until(b"FETCH")
        self.assertIn(rb"* 2 FETCH (FLAGS (\Flagged))", heard)
        bert.done()
        self.assertEqual((bert.unseen(shared), cora.unseen(shared), anna.unseen("Team")), (2, 2, 3))
        # Each does what he may.
        self.assertEqual(cora.ask("STORE", "1", "+FLAGS", r"(\Deleted)")[0], "NO")
        self.assertEqual(cora.ask("EXPUNGE")[0], "NO")
        self.assertEqual(bert.put(shared, b"3")[0], "NO")
        bert.ok("STORE", "1", "+FLAGS.SILENT", r"(\Deleted)")
        cora.idle()
        bert.ok("EXPUNGE")
        cora.hear_until(b"* 1 EXPUNGE")
        # What is withdrawn is so at once, also from one who idles.
        anna.ok("DELETEACL", "Team", "cora")
        cora.hear_until(b"* BYE")
        self.assertNotIn(shared, self.client("cora").names())
        self.assertEqual(bert.unseen(shared), 2)
        anna.ok("SETACL", "Team", "bert", "-te")
        self.assertEqual(bert.ask("EXPUNGE")[0], "NO")

    def test_messages_go_between_accounts_and_none_is_lost(self):
        anna = self.client("anna")
        self.mailbox(anna, "Post", 20)
        anna.ok("SETACL", "Post", "bert", "lrsite")
        bert = self.elsewhere("bert", anna)
        self.mailbox(bert, "Mine", 0)
        shared = f"{SHARED}anna/Post"
        bert.enter(shared)
        bert.ok("STORE", "1:10", "+FLAGS.SILENT", r"(\Seen)")
        bert.ok("COPY", "1:20", "Mine")
        self.assertEqual(bert.unseen("Mine"), 10)
        bert.ok("MOVE", "1:20", "Mine")
        bert.enter("Mine")
        kind, words = bert.search(None, "ALL")
        self.assertEqual(len(words[0].split()), 40)
        subjects = []
        for part in bert.fetch("1:40", "(BODY.PEEK[])")[1]:
            if isinstance(part, tuple):
                self.assertEqual(len(part[1]), len(MESSAGE % re.search(rb"Subject: (\d+)", part[1])[1]))
                subjects.append(int(re.search(rb"Subject: (\d+)", part[1])[1]))
        self.assertEqual(sorted(subjects), sorted([*range(20), *range(20)]))
        bert.ok("MOVE", "1:40", quoted(shared))
        anna.enter("Post")
        self.assertEqual(len(anna.search(None, "ALL")[1][0].split()), 40)
        self.assertEqual(anna.unseen("Post"), 40)
        self.assertEqual(bert.unseen(shared), 20)

    def test_anyone_and_anyone_of_a_domain(self):
        anna, bert, olga = self.client("anna"), self.client("bert"), self.client(OTHER)
        self.mailbox(anna, "Board")
        self.mailbox(anna, "House")
        anna.ok("SETACL", "Board", "anyone", "lr")
        anna.ok("SETACL", "House", "anyone@test.example", "lr")
        board, house = f"{SHARED}anna/Board", f"{SHARED}anna/House"
        self.assertLessEqual({board, house}, bert.names())
        self.assertIn(board, olga.names())
        self.assertNotIn(house, olga.names())
        self.assertEqual(olga.ask("SELECT", quoted(house))[0], "NO")
        anna.ok("SETACL", "House", "Anyone@Other.Example", "lr")
        self.assertEqual(olga.rights(house), "lr")
        self.mailbox(olga, "Abroad")
        olga.ok("SETACL", "Abroad", "bert@test.example", "lr")
        self.assertIn(f"{SHARED}{OTHER}/Abroad", bert.names())
        for name in ("Board", "House"):
            for identifier in ("anyone", "anyone@test.example", "anyone@other.example"):
                anna.ok("DELETEACL", name, identifier)
        self.assertFalse({board, house} & (bert.names() | olga.names()))

    def test_an_administrator_has_all_rights_and_makes_public_folders(self):
        anna, chief, bert = self.client("anna"), self.client("chief"), self.client("bert")
        self.mailbox(anna, "Private", 1)
        private = f"{SHARED}anna/Private"
        self.assertIn(private, chief.names(f"{SHARED}anna/*"))
        self.assertEqual(chief.rights(private), "lrswipkxteacd")
        chief.enter(private)
        self.assertEqual(chief.fetch("1", "(BODY.PEEK[TEXT])")[0], "OK")
        chief.ok("SETACL", quoted(private), "bert", "lr")
        self.assertIn(private, bert.names())
        chief.ok("DELETEACL", quoted(private), "bert")
        self.assertNotIn(private, bert.names())
        news = f"{SHARED}public/News"
        self.assertEqual(bert.ask("CREATE", quoted(news))[0], "NO")
        chief.ok("CREATE", quoted(news))
        self.assertEqual(bert.ask("SELECT", quoted(news))[0], "NO")
        chief.ok("SETACL", quoted(news), "anyone", "lrs")
        self.assertIn(news, bert.names())
        self.assertEqual(chief.put(news, b"1")[0], "OK")
        bert.enter(news)
        bert.fetch("1", "(BODY[])")
        self.assertEqual(bert.unseen(news), 0)
        self.assertEqual(self.client("cora").unseen(news), 1)
        self.assertEqual(bert.put(news, b"2")[0], "NO")

    def test_an_unknown_host_s_user_shares_nothing_here(self):
        anna, bert = self.client("anna"), self.client("bert")
        self.mailbox(anna, "Moved", 1)
        anna.ok("SETACL", "Moved", "bert", "lr")
        moved = f"{SHARED}anna/Moved"
        self.assertIn(moved, bert.names())
        self.instance.run("msuser", "set", "anna", "mailHost=elsewhere.example")
        self.addCleanup(self.instance.refresh)  # workers may remember what the directory said
        self.addCleanup(self.instance.run, "msuser", "set", "anna", "mailHost=")
        self.instance.refresh()
        bert = self.client("bert")
        self.assertNotIn(moved, bert.names())
        self.assertEqual(bert.ask("SELECT", quoted(moved))[0], "NO")

    @unittest.skipUnless(shutil.which("curl"), "SKIPPED: curl is not installed")
    def test_curl_reads_a_shared_mailbox(self):
        anna = self.client("anna")
        self.mailbox(anna, "Curl", 1)
        anna.ok("SETACL", "Curl", "cora", "lr")
        url = f"imap://127.0.0.1:{self.instance.port('imap', False)}/Shared%20Folders%2FUser%2Fanna%2FCurl;UID=1"
        done = subprocess.run(["curl", "-sS", "--user", f"cora:{PASSWORD}", url], capture_output=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(done.stdout), len(MESSAGE % b"0"))
        self.assertEqual(anna.unseen("Curl"), 1)
        refused = subprocess.run(["curl", "-sS", "--user", f"strange:{PASSWORD}", url], capture_output=True, timeout=60,
                                 check=False)
        self.assertNotEqual(refused.returncode, 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
