# SPDX-License-Identifier: Apache-2.0
"""Who may publish events, over the network and over the socket of this host, and what becomes of what they send."""

import os
import socket
import subprocess
import sys
import unittest

from support import STORE, Client, event_socket, family, publish, service_of, wait_for, worker_of

REFERENCE = f"{STORE}/anna?evtType=NewMsg&mailboxName=anna&owner=anna&imapUid=62&size=877"

# What another user of this host would do.
STRANGER = """
import socket, sys
with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
    connection.settimeout(10)
    connection.connect(sys.argv[1])
    try:
        print(len(connection.recv(10)))
    except ConnectionResetError:
        print(0)
"""


class Publish(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.instance = family({"ens.publish": "+127.0.0.0|255.255.255.0;-127.0.0.3|255.255.255.255"})

    @classmethod
    def tearDownClass(cls):
        cls.instance.stop()

    def client(self, source: str | None = None) -> Client:
        client = Client(self.instance, source)
        self.addCleanup(client.close)
        return client

    def test_by_address(self):
        listener = self.client("127.0.0.3").subscribe(f"form=text {STORE}/anna")
        self.assertFalse(listener.hello["publish"])
        self.assertEqual(listener.ask(f"PUBLISH {REFERENCE}")["code"], "denied")
        self.assertEqual(listener.ask(f"RELAY {STORE} AAAA")["code"], "denied")
        publisher = self.client("127.0.0.2")
        self.assertTrue(publisher.hello["publish"])
        self.assertEqual(publisher.ask(f"PUBLISH {REFERENCE}"), {"ens": "ok", "command": "PUBLISH"})
        self.assertEqual(listener.event(), REFERENCE)

    def test_as_json(self):
        listener = self.client().subscribe(f"{STORE}?owner=anna")
        self.client().ask(f"PUBLISH {REFERENCE}")
        self.assertEqual(listener.event(), {"event": "MessageNew", "reference": REFERENCE, "evtType": "NewMsg",
                                           "mailboxName": "anna", "owner": "anna", "imapUid": "62", "size": "877"})

    def test_what_is_no_event_is_refused(self):
        publisher = self.client()
        for wrong in ("PUBLISH", "PUBLISH x", f"PUBLISH {STORE}", f"PUBLISH {STORE}?evtType=Nonsense",
                      f"PUBLISH {STORE}?evtType=NewMsg&owner=%zz", f"RELAY {STORE} AAAA"):
            self.assertEqual(publisher.ask(wrong)["ens"], "error", wrong)

    def test_a_long_line_is_for_publishers_only(self):
        long = REFERENCE + "&x=" + "y" * 3000
        self.assertEqual(self.client().ask(f"PUBLISH {long}")["ens"], "ok")
        stranger = self.client("127.0.0.3")
        stranger.socket.sendall(b"PING " + b"x" * 100_000 + b"\r\n")
        self.assertEqual(stranger.read()["code"], "too-big")

    def test_what_publishers_lost_is_passed_on(self):
        listener = self.client().subscribe(f"{STORE}?owner=anna")
        before = service_of(self.instance)["counters"]["events_lost"]
        publish(self.instance, 2, "--lost", "17")
        self.assertEqual(listener.read(), {"ens": "lost", "count": 17, "where": "publisher"})
        self.assertEqual([listener.event()["imapUid"] for _ in range(2)], [1, 2])
        self.assertEqual(service_of(self.instance)["counters"]["events_lost"] - before, 17)

    def test_the_local_socket_is_not_for_other_users(self):
        if os.getuid() != 0:
            self.skipTest("SKIPPED: only root can be somebody else")
        # The way to the socket is closed to strangers; open it, so that only the service itself is in the way.
        data = self.instance.options["server.directory"]
        os.chmod(data, 0o755)
        self.addCleanup(os.chmod, data, 0o700)
        done = subprocess.run(["setpriv", "--reuid=daemon", "--regid=daemon", "--clear-groups", sys.executable, "-c",
                               STRANGER, event_socket(self.instance)], capture_output=True, text=True, check=False,
                              timeout=30)
        self.assertEqual(done.stdout.strip(), "0", done.stderr)
        wait_for(lambda: "ens-stranger" in self.instance.log(), "the stranger is in the log")

    def test_garbage_on_the_local_socket_ends_that_connection_alone(self):
        pid = worker_of(self.instance)["pid"]
        listener = self.client().subscribe(f"{STORE}?owner=anna")
        for garbage in (b"x", os.urandom(200), b"\0" * 5000, os.urandom(100_000)):
            with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
                connection.settimeout(10)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 400_000)
                connection.connect(event_socket(self.instance))
                connection.send(garbage)
                try:
                    self.assertEqual(connection.recv(1), b"")
                except ConnectionResetError:
                    pass
        publish(self.instance, 1)
        self.assertEqual(listener.event()["event"], "MessageNew")
        self.assertEqual(worker_of(self.instance)["pid"], pid)


if __name__ == "__main__":
    os.environ.pop("ENS_ACCESS", None)
    unittest.main()
