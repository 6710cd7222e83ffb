# SPDX-License-Identifier: Apache-2.0
"""The event service in the family: real deliveries and clients' changes, its death, its restart, its operator."""

import json
import os
import re
import signal
import socket
import subprocess
import time
import unittest
from pathlib import Path

from support import PASSWORD, STORE, Client, family, publish, service_of, wait_for, worker_of


class Imap:
    """As much of a client as is needed to change something."""

    def __init__(self, instance, user: str):
        self.socket = socket.create_connection(("127.0.0.1", instance.port("imap", False)), timeout=20)
        self.file = self.socket.makefile("rb")
        self.file.readline()
        self.number = 0
        self.command(f'LOGIN {user} "{PASSWORD}"')

    def command(self, text: str, literal: bytes | None = None) -> list[bytes]:
        self.number += 1
        tag = f"a{self.number} ".encode()
        self.socket.sendall(tag + text.encode() + b"\r\n")
        lines = []
        while True:
            line = self.file.readline()
            lines.append(line)
            if line.startswith(b"+") and literal is not None:
                self.socket.sendall(literal + b"\r\n")
            if line.startswith(tag):
                assert line.startswith(tag + b"OK"), line
                return lines
            assert line, lines

    def close(self) -> None:
        self.file.close()
        self.socket.close()


class Family(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.instance = family({"ens.pinginterval": "1s"}, ("imap", "ens"), ("anna", "bert"))
        # The first delivery makes the usual folders, which are events of their own.
        for user in ("anna", "bert"):
            cls.instance.deliver(user, b"Subject: first\n\n")

    @classmethod
    def tearDownClass(cls):
        cls.instance.stop()

    def client(self, words: str = STORE) -> Client:
        return Client(self.instance).subscribe(words)

    def imap(self, user: str = "anna") -> Imap:
        session = Imap(self.instance, user)
        self.addCleanup(session.close)
        return session

    def deliver(self, user: str = "anna", text: bytes = b"Subject: x\n\ny\n") -> None:
        self.instance.deliver(user, text)

    def test_a_delivery_is_heard_by_those_who_asked(self):
        everybody = self.client()
        anna = self.client(f"types=NewMsg form=text {STORE}/%M?owner=anna")
        bert = self.client(f"types=NewMsg {STORE}/bert")
        self.deliver("anna")
        self.deliver("bert")
        heard = [everybody.event(), everybody.event()]
        self.assertEqual([(each["event"], each["evtType"], each["owner"], each["mailboxName"]) for each in heard],
                         [("MessageNew", "NewMsg", "anna", "anna"), ("MessageNew", "NewMsg", "bert", "bert")])
        for member in ("timestamp", "serverFQDN", "process", "pid", "uidset", "uidnext", "messages", "messageSize",
                       "modseq", "uri", "mailboxID", "reference"):
            self.assertIn(member, heard[0])
        self.assertRegex(anna.event(), re.escape(STORE) + r"\?evtType=NewMsg&timestamp=\d{13}&hostname=mail\.test\.example"
                                                          r"&process=deliver&pid=\d+&mailboxName=anna&.*imapUid=\d+&")
        self.assertEqual(bert.event()["owner"], "bert")

    def test_what_a_client_does_is_heard(self):
        self.deliver()
        listener = self.client(f"{STORE}?owner=anna")
        session = self.imap()
        login = listener.event()
        self.assertEqual((login["event"], login["user"], login["service"]), ("Login", "anna", "imap"))
        session.command("SELECT INBOX")
        session.command("STORE 1 +FLAGS (\\Seen)")
        self.assertEqual(listener.event()["event"], "MessageRead")
        session.command("STORE 1 +FLAGS (\\Deleted)")
        self.assertEqual(listener.event()["event"], "MessageTrash")
        session.command("EXPUNGE")
        self.assertEqual(listener.event()["event"], "MessageExpunge")
        session.command("CREATE Work")
        self.assertEqual(listener.event()["event"], "MailboxCreate")
        session.command("APPEND Work {12}", b"Subject: z\r\n")
        appended = listener.event()
        self.assertEqual((appended["event"], appended["mailboxName"]), ("MessageAppend", "anna/Work"))
        session.command("DELETE Work")
        self.assertEqual(listener.event()["event"], "MailboxDelete")
        session.command("LOGOUT")
        self.assertEqual(listener.event()["event"], "Logout")

    def test_killed_it_is_replaced_and_all_come_back(self):
        self.deliver()
        session = self.imap("bert")
        client = self.client(f"types=NewMsg {STORE}")
        before = worker_of(self.instance)["pid"]
        imapd = self.instance.workers("imapd")
        os.kill(before, signal.SIGKILL)
        self.assertIsNone(client.event())
        after = wait_for(lambda: [each["pid"] for each in service_of(self.instance)["workers"]
                                  if each["state"] == "running" and each["pid"] != before], "a new worker")
        self.assertEqual(len(after), 1)
        again = self.client(f"types=NewMsg {STORE}")
        self.deliver()
        self.assertEqual(again.event()["owner"], "anna")
        # A worker that had published to the dead one finds the new one by itself.
        listener = self.client(f"types=UpdateMsg {STORE}?owner=bert")
        session.command("APPEND INBOX {12}", b"Subject: z\r\n")
        self.assertEqual(listener.event()["event"], "MessageAppend")
        self.assertEqual(self.instance.workers("imapd"), imapd)

    def test_while_it_is_away_mail_flows_on(self):
        session = self.imap()
        self.instance.run("stop-msg", "ens")
        with self.assertRaises(ConnectionRefusedError):
            Client(self.instance)
        began = time.monotonic()
        self.deliver()
        session.command("SELECT INBOX")
        session.command("APPEND INBOX {12}", b"Subject: z\r\n")
        self.assertLess(time.monotonic() - began, 15)
        self.instance.run("start-msg", "ens")
        client = self.client(f"types=UpdateMsg {STORE}?owner=anna")
        session.command("APPEND INBOX {12}", b"Subject: z\r\n")
        self.assertEqual(client.event()["event"], "MessageAppend")

    def test_refresh_and_restart_send_subscribers_to_the_next_generation(self):
        for order in ("refresh", "restart-msg"):
            client = self.client(f"types=NewMsg {STORE}")
            before = worker_of(self.instance)["pid"]
            self.instance.run(order, "ens")
            said = [each for each in client.rest() if each.get("ens") != "ping"]
            self.assertEqual([(each["ens"], each["again"]) for each in said], [("bye", True)], order)
            again = self.client(f"types=NewMsg {STORE}")
            self.assertNotEqual(worker_of(self.instance)["pid"], before)
            self.deliver()
            self.assertEqual(again.event()["event"], "MessageNew", order)

    def test_a_refresh_brings_other_limits(self):
        self.instance.options["ens.maxsubscriptions"] = "3"
        self.instance.write_config()
        self.instance.run("refresh", "ens")
        client = self.client(f"{STORE}/1 {STORE}/2 {STORE}/3")
        self.assertEqual(client.ask(f"SUBSCRIBE {STORE}/4")["code"], "limit")
        del self.instance.options["ens.maxsubscriptions"]
        self.instance.write_config()
        self.instance.run("refresh", "ens")

    def test_msgstat_tells_what_the_service_does(self):
        client = self.client(f"{STORE}?owner=nobody {STORE}?owner=somebody")
        wait_for(lambda: worker_of(self.instance)["subscriptions"] >= 2, "the subscriptions are counted")
        text = self.instance.run("msgstat", "events").stdout.decode()
        self.assertRegex(text, r"\d+ connections, \d+ subscriptions, ports \d+ \d+/tls events\.sock")
        self.assertRegex(text, r"published +\d+ +\d+\ndelivered +\d+ +\d+\nlost +\d+ +\d+")
        client.close()

    def follow(self, *words: str) -> subprocess.Popen:
        return subprocess.Popen([str(self.instance.binaries / "msgstat"), "events", "--follow", *words],
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                env=self.instance.environment())

    def test_msgstat_follows(self):
        before = worker_of(self.instance)["subscriptions"]
        text = self.follow("--types", "NewMsg", "--count", "1")
        lines = self.follow("--json", "--count", "2", f"{STORE}?owner=bert")
        wait_for(lambda: worker_of(self.instance)["subscriptions"] == before + 2, "both follow")
        self.deliver("anna")
        self.deliver("bert")
        self.deliver("bert")
        said, errors = text.communicate(timeout=30)
        self.assertRegex(said, r"^enp://127\.0\.0\.1/store\?evtType=NewMsg&.*owner=anna")
        self.assertEqual((text.returncode, errors), (0, ""))
        said, errors = lines.communicate(timeout=30)
        self.assertEqual([json.loads(line)["owner"] for line in said.splitlines()], ["bert", "bert"])
        self.assertEqual((lines.returncode, errors), (0, ""))

    def test_msgstat_follows_beyond_the_death_of_the_service(self):
        before = worker_of(self.instance)["subscriptions"]
        follower = self.follow("--json", "--count", "1", f"{STORE}?owner=bert")
        wait_for(lambda: worker_of(self.instance)["subscriptions"] == before + 1, "it follows")
        os.kill(worker_of(self.instance)["pid"], signal.SIGKILL)
        wait_for(lambda: any(each["state"] == "running" and each["subscriptions"] == 1
                             for each in service_of(self.instance)["workers"]), "it is back")
        self.deliver("bert")
        said, errors = follower.communicate(timeout=30)
        self.assertEqual(json.loads(said)["owner"], "bert")
        self.assertIn("the event service is not there", errors)
        self.assertIn("back again; events may be missing", errors)

    def test_msgstat_says_what_was_wrong(self):
        done = self.instance.run("msgstat", "events", "--follow", "http://x", check=False)
        self.assertEqual(done.returncode, 64)
        self.assertIn(b"the event service refused", done.stderr)
        self.instance.run("stop-msg", "ens")
        done = self.instance.run("msgstat", "events", "--follow", check=False)
        self.assertEqual(done.returncode, 69)
        self.assertIn(b"the event service is not there", done.stderr)
        self.assertEqual(self.instance.run("msgstat", "events").stdout, b"the event service is not started\n")
        self.instance.run("start-msg", "ens")

    def test_the_socket_of_publishers_goes_with_the_service(self):
        path = Path(self.instance.options["server.directory"]) / "run" / "events.sock"
        self.assertTrue(path.is_socket())
        self.instance.run("stop-msg", "ens")
        self.assertFalse(path.exists())
        self.instance.run("start-msg", "ens")
        self.assertTrue(path.is_socket())
        self.assertEqual(publish(self.instance, 3), 3)


if __name__ == "__main__":
    os.environ.pop("ENS_ACCESS", None)
    unittest.main()
