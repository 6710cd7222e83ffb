#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Rich events: each is caused by a real client and seen by a subscriber, with what it says; the switches act; an event
service that is slow, stopped or killed costs no delivery anything."""

import contextlib
import imaplib
import os
import poplib
import signal
import smtplib
import socket
import sys
import time
import unittest
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

sys.path.insert(0, str(Path(os.environ["POSTHORN_SOURCE"]) / "test" / "system" / "ens"))

from support import PASSWORD, STORE, Client, family, service_of, wait_for, worker_of  # noqa: E402

MESSAGE = b"From: a@example.org\r\nSubject: news\r\nMessage-ID: <1@example.org>\r\n\r\nbody\r\n"
HEADER = MESSAGE[:MESSAGE.index(b"body")]
USERS = ("anna", "bert", "cora", "dora", "emil")
ALL = "imap", "pop", "lmtp", "ens"


def end(client: imaplib.IMAP4) -> None:
    """However the test has left it."""
    with contextlib.suppress(OSError):
        client.shutdown()


class Ear:
    """Subscribes to everything, and gives events as dictionaries of their parameters, by their text form."""

    def __init__(self, instance, words: str = STORE):
        self.client = Client(instance).subscribe(f"form=text {words}")

    def next(self, *event_types: str) -> dict:
        """The next event, which must be of one of these types."""
        reference = self.client.event()
        if not isinstance(reference, str):
            raise AssertionError(f"not an event: {reference}")
        found = dict(parse_qsl(urlsplit(reference).query, keep_blank_values=True)) | {"reference": reference}
        if found["evtType"] not in event_types:
            raise AssertionError(f"{event_types} was awaited: {reference}")
        return found

    def silent(self, mark) -> None:
        """Nothing comes before what `mark()` causes: a CreateFolder."""
        mark()
        self.next("CreateFolder")

    def close(self) -> None:
        self.client.close()


def has(test: unittest.TestCase, event: dict, **expected) -> None:
    for name, value in expected.items():
        test.assertEqual(event.get(name), None if value is None else str(value), (name, event["reference"]))


class Events(unittest.TestCase):
    OPTIONS: dict = {}

    @classmethod
    def setUpClass(cls):
        cls.instance = family(cls.OPTIONS, ALL, USERS)
        # The accounts are made by the first delivery; their folders are told of by one test alone.
        for user in USERS:
            cls.instance.deliver(user, MESSAGE)
        cls.instance.run("msuser", "set", "dora", "messages=1")
        cls.instance.run("msuser", "set", "emil", "quota=1k")
        cls.instance.refresh()  # workers look at the user file once in a second; new ones read it
        cls.ear = Ear(cls.instance)

    @classmethod
    def tearDownClass(cls):
        cls.ear.close()
        cls.instance.stop()

    def imap(self, user: str) -> imaplib.IMAP4:
        client = imaplib.IMAP4("127.0.0.1", self.instance.port("imap", False), timeout=20)
        client.login(user, PASSWORD)
        return client

    def pid(self, program: str) -> int:
        # Those of the generation before may be ending still.
        return wait_for(lambda: len(found := self.instance.workers(program)) == 1 and found[0], f"one {program}")


class Causes(Events):
    def setUp(self):
        # What the last test's sessions said when they ended is read.
        marker = f"mark{time.monotonic_ns()}"
        self.instance.run("mboxutil", "create", f"user/cora/{marker}")
        while True:
            event = self.ear.client.event()
            if f"/{marker}&" in event or f"/{marker}?" in event:
                return

    def session(self, user: str = "anna") -> imaplib.IMAP4:
        client = self.imap(user)
        self.addCleanup(end, client)
        login = self.ear.next("Login")
        has(self, login, mailboxName=user, userid=user, owner=user, process="imapd", pid=self.pid("imapd"),
            hostname="mail.test.example", clientIP="127.0.0.1", serverPort=self.instance.port("imap", False),
            clientPort=client.socket().getsockname()[1], mechanism="LOGIN", admin=None)
        return client

    def test_delivery(self):
        before = int(time.time() * 1000)
        self.instance.deliver("bert", MESSAGE)
        event = self.ear.next("NewMsg")
        stored = int(event["size"])
        has(self, event, process="deliver", mailboxName="bert", userid="bert", owner="bert", hdrLen=int(event["size"]) - 6,
            numSeen=0, numDel=0, uidSet=None)
        self.assertEqual(event["imapUid"], event["lastUid"])
        self.assertGreaterEqual(stored, len(MESSAGE))
        self.assertLess(abs(int(event["timestamp"]) - before), 60_000)
        client = self.session("bert")
        _, count = client.select()
        has(self, event, numMsgs=int(count[0]))
        for item, value in (("UIDVALIDITY", event["uidValidity"]), ("UIDNEXT", int(event["imapUid"]) + 1)):
            _, status = client.status("INBOX", f"({item})")
            self.assertEqual(status[0].decode(), f"INBOX ({item} {value})")

    def test_lmtp(self):
        other = Client(self.instance).subscribe(f"{STORE}/cora")
        self.addCleanup(other.close)
        with smtplib.LMTP("127.0.0.1", self.instance.port("lmtp", False)) as client:
            client.sendmail("a@example.org", ["cora@test.example"], MESSAGE)
        has(self, self.ear.next("NewMsg"), process="deliver", mailboxName="cora", owner="cora", uidSet=None)
        self.assertEqual(other.event()["service"], "lmtp")

    def test_append_and_flags(self):
        client = self.session()
        client.create("Work")
        has(self, self.ear.next("CreateFolder"), mailboxName="anna/Work", process="imapd", numMsgs=0, lastUid=0)
        client.append("Work", r"(\Flagged)", None, MESSAGE)
        has(self, self.ear.next("UpdateMsg"), mailboxName="anna/Work", imapUid=1, lastUid=1, numMsgs=1, size=len(MESSAGE),
            hdrLen=len(HEADER), flags=r"\Flagged", process="imapd")
        client.append("Work", None, None, MESSAGE)
        self.ear.next("UpdateMsg")
        client.select("Work")
        client.store("1:2", "+FLAGS", r"(\Seen)")
        has(self, self.ear.next("ReadMsg"), imapUid=1, uidSet="1:2", numSeen=2, numDel=0, numMsgs=2, mailboxName="anna/Work")
        client.store("2", "+FLAGS", r"(\Deleted)")
        has(self, self.ear.next("TrashMsg"), imapUid=2, uidSet=None, numSeen=2, numDel=1)
        client.store("2", "-FLAGS", r"(\Seen)")
        has(self, self.ear.next("MsgFlags"), imapUid=2, flags=r"\Seen", flagMode=2, numSeen=1)
        client.store("2", "+FLAGS", r"($Junk)")
        has(self, self.ear.next("ChangeFlag"), imapUid=2, flags="$Junk", flagMode=1)
        client.store("2", "-FLAGS", r"($Junk)")
        has(self, self.ear.next("ChangeFlag"), imapUid=2, flags="$Junk", flagMode=2)
        client.store("1", "FLAGS", r"(\Answered \Seen)")
        has(self, self.ear.next("ChangeFlag"), imapUid=1, flags=r"\Seen \Answered", flagMode=3)
        client.copy("1", "INBOX")
        has(self, self.ear.next("CopyMsg"), mailboxName="anna", oldMailboxName="anna/Work", imapUid=2, lastUid=2, numMsgs=2)
        client.expunge()
        has(self, self.ear.next("ExpungeMsg"), mailboxName="anna/Work", imapUid=2, lastUid=2, numMsgs=1, numDel=0)
        client.uid("MOVE", "1", "INBOX")
        has(self, self.ear.next("CopyMsg"), mailboxName="anna", imapUid=3)
        has(self, self.ear.next("DeleteMsg"), mailboxName="anna/Work", imapUid=1, numMsgs=0)
        client.unselect()
        client.rename("Work", "Old")
        has(self, self.ear.next("RenameFolder"), mailboxName="anna/Old", oldMailboxName="anna/Work")
        client.delete("Old")
        has(self, self.ear.next("DeleteFolder"), mailboxName="anna/Old")
        client.logout()
        has(self, self.ear.next("Logout"), mailboxName="anna", disconnect="logout", process="imapd")

    def test_pop(self):
        self.instance.deliver("cora", MESSAGE)
        uid = self.ear.next("NewMsg")["imapUid"]
        client = poplib.POP3("127.0.0.1", self.instance.port("pop", False), timeout=20)
        client.user("cora")
        client.pass_(PASSWORD)
        has(self, self.ear.next("Login"), process="popd", userid="cora", pid=self.pid("popd"), mechanism="USER")
        count = client.stat()[0]
        client.dele(count)
        client.quit()
        has(self, self.ear.next("DeleteMsg"), process="popd", mailboxName="cora", imapUid=uid, numMsgs=count - 1)
        has(self, self.ear.next("Logout"), process="popd", disconnect="logout")

    def test_import(self):
        folder = self.instance.directory / "mboxes"
        folder.mkdir()
        (folder / "Archive").write_bytes(
            b"".join(b"From a@example.org Mon Jan  1 00:00:00 2024\nSubject: %d\n\nx\n\n" % i for i in range(5)))
        self.instance.run("mboxutil", "import", "--format", "mbox", "cora", str(folder))
        has(self, self.ear.next("CreateFolder"), mailboxName="cora/Archive", process="mboxutil")
        has(self, self.ear.next("UpdateMsg"), mailboxName="cora/Archive", process="mboxutil", imapUid=1, uidSet="1:5",
            numMsgs=5)

    def test_the_operator_expunges(self):
        client = self.session("bert")
        client.create("Trash2")
        self.ear.next("CreateFolder")
        for _ in range(3):
            client.append("Trash2", None, None, MESSAGE)
            self.ear.next("UpdateMsg")
        client.select("Trash2")
        client.store("1,3", "+FLAGS", r"(\Deleted)")
        self.ear.next("TrashMsg")
        self.instance.run("mboxutil", "expunge", "--dry-run", "user/bert/Trash2")
        self.instance.run("mboxutil", "expunge", "user/bert/Trash2")
        has(self, self.ear.next("PurgeMsg"), process="mboxutil", mailboxName="bert/Trash2", owner="bert", imapUid=1,
            lastUid=3, uidSet="1,3", numMsgs=1, numDel=0)
        # The session that has it selected is told.
        wait_for(lambda: client.noop()[0] == "OK" and "EXPUNGE" in client.untagged_responses, "EXPUNGE")
        gone = client.response("EXPUNGE")[1]
        self.assertIn(gone, ([b"1", b"2"], [b"3", b"1"]))
        self.assertEqual(client.uid("SEARCH", "ALL")[1], [b"2"])
        # Once more there is nothing to remove, and nothing to tell.
        self.ear.silent(lambda: (self.instance.run("mboxutil", "expunge", "user/bert/Trash2"),
                                 self.instance.run("mboxutil", "create", "user/bert/After")))

    def test_the_operator_expunges_everywhere(self):
        """Also there the account's limits count, and its subscribers hear that it is back under them."""
        client = self.session("emil")
        client.append("INBOX", None, None, MESSAGE)
        self.ear.next("UpdateMsg")
        with self.assertRaises(RuntimeError):
            self.instance.deliver("emil", MESSAGE + b"x" * 2000 + b"\r\n")
        self.ear.next("OverQuota")
        client.select()
        client.store("1:*", "+FLAGS", r"(\Deleted)")
        self.ear.next("TrashMsg")
        self.instance.run("mboxutil", "expunge", "--all")
        found = [self.ear.next("PurgeMsg", "UnderQuota") for _ in range(2)]
        self.assertEqual({event["evtType"]: event["owner"] for event in found}, {"PurgeMsg": "emil", "UnderQuota": "emil"})

    def test_quota(self):
        with self.assertRaises(RuntimeError):
            self.instance.deliver("emil", MESSAGE + b"x" * 2000 + b"\r\n")
        has(self, self.ear.next("OverQuota"), mailboxName="emil", owner="emil", process="deliver", diskQuota=1,
            maxMessages=None, messagesUsed=1)
        client = self.session("emil")
        client.select()
        client.store("1", "+FLAGS", r"(\Deleted)")
        self.ear.next("TrashMsg")
        client.expunge()
        types = {self.ear.next("ExpungeMsg", "UnderQuota")["evtType"] for _ in range(2)}
        self.assertEqual(types, {"ExpungeMsg", "UnderQuota"})

    def test_a_refused_append_is_over_quota(self):
        client = self.session("dora")
        self.assertEqual(client.append("INBOX", None, None, MESSAGE)[0], "NO")
        has(self, self.ear.next("OverQuota"), owner="dora", process="imapd", maxMessages=1, diskQuota=None)

    def test_a_huge_store_is_few_events(self):
        client = self.session("bert")
        client.create("Huge")
        self.ear.next("CreateFolder")
        client.select("INBOX")
        client.copy("1", "Huge")
        self.ear.next("CopyMsg")
        client.select("Huge")
        for _ in range(9):
            client.copy("1:*", "Huge")
            self.ear.next("CopyMsg")
        client.noop()
        client.store("1:*", "+FLAGS", r"(\Seen)")
        has(self, self.ear.next("ReadMsg"), uidSet="1:512", numSeen=512)
        client.delete("Huge")
        self.ear.next("DeleteFolder")

    def test_json(self):
        other = Client(self.instance).subscribe(f"{STORE}/cora")
        self.addCleanup(other.close)
        self.instance.deliver("bert", MESSAGE)
        self.instance.deliver("cora", MESSAGE)
        event = other.event()
        self.assertEqual(event["event"], "MessageNew")
        self.assertEqual(event["user"], "cora")
        self.assertEqual(event["uidset"], str(event["imapUid"]))
        self.assertEqual(event["uidnext"], event["imapUid"] + 1)
        self.assertTrue(event["uri"].startswith("imap://cora@mail.test.example/INBOX;UIDVALIDITY="), event["uri"])
        self.assertNotIn("messageContent", event)


class Switches(Events):
    OPTIONS = {
        "notifytarget:ms-internal.expungemsg.enable": "no",
        "notifytarget:ms-internal.copymsg.enable": "no",
        "local.store.notifyplugin.readmsg.enable": "0",
        "local.store.notifyplugin.loguser.enable": "0",
        "local.store.notifyplugin.enseventkey": "enp://eman/store/%M",
        "notifytarget:ms-internal.maxheadersize": "13",
        "notifytarget:ms-internal.maxbodysize": "2",
    }

    def test_switches(self):
        ear = Ear(self.instance, "enp://eman/store")
        self.addCleanup(ear.close)
        client = self.imap("anna")
        self.addCleanup(end, client)
        client.select()
        client.copy("1", "INBOX")
        event = ear.next("UpdateMsg")
        self.assertTrue(event["reference"].startswith("enp://eman/store/anna?evtType="), event["reference"])
        client.store("2", "+FLAGS", r"(\Seen \Deleted)")
        ear.next("TrashMsg")
        client.expunge()
        has(self, ear.next("DeleteMsg"), imapUid=2, process="imapd")
        client.logout()
        ear.silent(lambda: self.instance.run("mboxutil", "create", "user/anna/after"))

    def test_payload(self):
        client = Client(self.instance).subscribe("enp://eman/store/bert")
        self.addCleanup(client.close)
        self.instance.deliver("bert", b"Subject: news\r\n\r\nbody\r\n")
        content = client.event()["messageContent"]
        self.assertEqual(len(content), 15)
        self.assertEqual(content[-2:], "bo")


def greeting(instance) -> str:
    """The manuals' way to find out: telnet to the port."""
    with socket.create_connection(("127.0.0.1", instance.port("imap", False)), timeout=20) as connection:
        return connection.makefile().readline()


class Idle(unittest.TestCase):
    def test_idle_is_announced_while_the_bus_works(self):
        instance = family({}, ALL, ("anna",))
        self.addCleanup(instance.stop)
        self.assertIn(" IDLE ", greeting(instance))
        self.assertNotIn("IDLE", instance.run("msgstat").stdout.decode())
        # The event service is not on the way of a hint: without it IDLE works, and is announced.
        instance.run("stop-msg", "ens")
        self.assertIn(" IDLE ", greeting(instance))

    def test_an_explicit_no_hides_it_and_says_why(self):
        for option in ("ens.noneinbox.enable", "local.store.notifyplugin.noneinbox.enable",
                       "notifytarget:ms-internal.noneinbox.enable"):
            with self.subTest(option):
                instance = family({option: "0"}, ALL, ("anna",))
                try:
                    line = greeting(instance)
                    self.assertIn("IMAP4rev1", line)
                    self.assertNotIn("IDLE", line)
                    self.assertIn("IDLE is not announced", instance.run("msgstat").stdout.decode())
                    self.assertIn("no_idle", service_of(instance, "imap"))
                    check = instance.run("msconfig", "check", check=False)
                    self.assertIn("IDLE is not announced", (check.stdout + check.stderr).decode())
                    instance.deliver("anna", MESSAGE)
                    instance.run("mboxutil", "create", "user/anna/Work")
                    ear = Ear(instance)
                    instance.run("deliver", "-m", "Work", "anna", stdin=MESSAGE)
                    instance.deliver("anna", MESSAGE)
                    has(self, ear.next("NewMsg"), mailboxName="anna")
                    ear.close()
                finally:
                    instance.stop()


class Deaths(unittest.TestCase):
    """Deliveries go on whatever the event service does."""

    @classmethod
    def setUpClass(cls):
        cls.instance = family({"ens.maxqueue": "100000", "ens.maxqueuebytes": "64M", "base.watchdog": "120s",
                               "notifytarget:ms-internal.maxbodysize": "64k"}, ALL, ("anna",))
        cls.instance.deliver("anna", MESSAGE)

    @classmethod
    def tearDownClass(cls):
        cls.instance.stop()

    def append(self, client: imaplib.IMAP4, count: int) -> float:
        began = time.monotonic()
        for _ in range(count):
            self.assertEqual(client.append("INBOX", None, None, MESSAGE)[0], "OK")
        return time.monotonic() - began

    def test_stopped(self):
        client = imaplib.IMAP4("127.0.0.1", self.instance.port("imap", False), timeout=60)
        client.login("anna", PASSWORD)
        self.addCleanup(end, client)
        listener = Client(self.instance).subscribe(f"form=text {STORE}?evtType=UpdateMsg")
        self.addCleanup(listener.close)
        large = MESSAGE + (b"x" * 78 + b"\r\n") * 750
        client.append("INBOX", None, None, large)
        listener.event()
        pid = worker_of(self.instance)["pid"]
        os.kill(pid, signal.SIGSTOP)
        # With their payload these are more than fits into the socket.
        expected = 60
        try:
            for _ in range(expected):
                self.assertEqual(client.append("INBOX", None, None, large)[0], "OK")
        finally:
            os.kill(pid, signal.SIGCONT)
        told = 0
        lost = 0
        while lost == 0:
            listener.socket.settimeout(3)
            try:
                got = listener.read()
            except TimeoutError:
                # What was lost is told with the next event that fits.
                client.append("INBOX", None, None, MESSAGE)
                expected += 1
                continue
            if isinstance(got, str):
                told += 1
            elif got.get("ens") == "lost":
                lost += got["count"]
                self.assertEqual(got["where"], "publisher")
        for _ in range(expected - told - lost):
            self.assertIsInstance(listener.event(), str)
        client.append("INBOX", None, None, MESSAGE)
        self.assertIsInstance(listener.event(), str)

    def test_killed(self):
        client = imaplib.IMAP4("127.0.0.1", self.instance.port("imap", False), timeout=60)
        client.login("anna", PASSWORD)
        self.addCleanup(end, client)
        listener = Client(self.instance).subscribe()
        pid = worker_of(self.instance)["pid"]
        self.append(client, 3)
        os.kill(pid, signal.SIGKILL)
        self.append(client, 20)
        self.instance.deliver("anna", MESSAGE)
        listener.close()
        wait_for(lambda: worker_of(self.instance)["pid"] != pid, "a new event service")

        def heard():
            other = Client(self.instance).subscribe()
            try:
                time.sleep(1)  # publishers try again once in a second
                self.append(client, 1)
                other.socket.settimeout(2)
                try:
                    return other.event()["evtType"] == "UpdateMsg"
                except TimeoutError:
                    return False
            finally:
                other.close()

        wait_for(heard, "events by way of the new event service")


if __name__ == "__main__":
    unittest.main(verbosity=2)
