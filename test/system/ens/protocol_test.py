# SPDX-License-Identifier: Apache-2.0
"""The client protocol of the event service: commands, answers, limits, and what garbage comes to."""

import json
import os
import random
import socket
import unittest

from support import STORE, Client, family, publish, service_of, wait_for, worker_of

SCRIPT = [
    ("PING one two", {"ens": "pong", "text": "one two"}),
    ("noop", {"ens": "ok", "command": "NOOP"}),
    (f"SUBSCRIBE {STORE}/%M", {"ens": "ok", "command": "SUBSCRIBE", "count": 1}),
    (f"subscribe types=NewMsg,ReadMsg form=text {STORE}?owner=anna {STORE}/bert",
     {"ens": "ok", "command": "SUBSCRIBE", "count": 3}),
    (f"SUBSCRIBE {STORE}", {"ens": "ok", "command": "SUBSCRIBE", "count": 3}),
    (f"UNSUBSCRIBE {STORE}/bert {STORE}/nobody", {"ens": "ok", "command": "UNSUBSCRIBE", "count": 2}),
    ("UNSUBSCRIBE *", {"ens": "ok", "command": "UNSUBSCRIBE", "count": 0}),
    ("SUBSCRIBE http://x", {"ens": "error", "code": "invalid",
                            "text": "what is no enp:// reference is types=... or form=..."}),
    ("SUBSCRIBE types=Nonsense " + STORE, {"ens": "error", "code": "invalid",
                                           "text": "there is no event type 'Nonsense'"}),
    ("HELLO", {"ens": "error", "code": "invalid",
               "text": "the commands are SUBSCRIBE, UNSUBSCRIBE, PUBLISH, RELAY, PING, NOOP, STARTTLS and QUIT"}),
    (f"PUBLISH {STORE}?evtType=NewMsg", {"ens": "error", "code": "denied",
                                        "text": "your address may not publish: see ens.publish"}),
    ("QUIT", {"ens": "bye", "text": "as you wish", "again": True}),
]


class Protocol(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.instance = family({"ens.maxlinelength": "2k", "ens.maxbadcommands": "4", "ens.maxsubscriptions": "10",
                               "ens.pinginterval": "1s", "base.unauthtimeout": "2s"})

    @classmethod
    def tearDownClass(cls):
        cls.instance.stop()

    def client(self, **more) -> Client:
        client = Client(self.instance, **more)
        self.addCleanup(client.close)
        return client

    def test_the_greeting(self):
        hello = self.client().hello
        self.assertEqual({**hello, "product": ""},
                         {"ens": "hello", "version": 1, "host": "mail.test.example", "product": "", "starttls": True,
                          "publish": False})

    def test_commands_and_answers(self):
        client = self.client()
        for command, answer in SCRIPT:
            self.assertEqual(client.ask(command), answer, command)
        self.assertEqual(client.rest(), [])

    def test_in_any_pieces_it_is_the_same(self):
        whole = "".join(command + ("\r\n" if number % 2 else "\n") for number, (command, _) in enumerate(SCRIPT)).encode()
        for seed in range(6):
            pieces = random.Random(seed)
            client = self.client()
            at = 0
            while at < len(whole):
                size = 1 if seed == 0 else len(whole) if seed == 1 else pieces.randint(1, 40)
                client.socket.sendall(whole[at:at + size])
                at += size
            self.assertEqual(client.rest(), [answer for _, answer in SCRIPT], f"seed {seed}")

    def test_a_half_line_at_the_end_is_no_command(self):
        client = self.client()
        client.socket.sendall(b"PING x\r\nPING y")
        client.socket.shutdown(socket.SHUT_WR)
        self.assertEqual(client.rest(), [{"ens": "pong", "text": "x"}])

    def test_a_line_that_is_too_long(self):
        client = self.client()
        client.socket.sendall(b"PING " + b"x" * 100_000 + b"\r\nPING y\r\n")
        self.assertEqual(client.read(), {"ens": "error", "code": "too-big", "text": "the command line is too long"})
        self.assertEqual(client.read(), {"ens": "pong", "text": "y"})
        client.socket.sendall(b"PING " + b"x" * 195 + b"\r\n")
        self.assertEqual(client.read(), {"ens": "pong", "text": "x" * 195})

    def test_commands_without_sense_end_the_connection(self):
        client = self.client()
        for _ in range(3):
            self.assertEqual(client.ask("NONSENSE")["ens"], "error")
        self.assertEqual(client.ask("NOOP")["ens"], "ok")
        for _ in range(3):
            self.assertEqual(client.ask("NONSENSE")["ens"], "error")
        self.assertEqual([each["ens"] for each in (client.ask("NONSENSE"), *client.rest())], ["error", "bye"])

    def test_garbage(self):
        before = worker_of(self.instance)["pid"]
        generator = random.Random(7)
        for seed in range(40):
            client = self.client()
            try:
                client.socket.sendall(generator.randbytes(generator.randint(1, 20_000)) + b"\n" * (seed % 2))
                client.socket.shutdown(socket.SHUT_WR)
                for line in iter(client.line, None):
                    json.loads(line)
            except (BrokenPipeError, ConnectionResetError):
                pass
        self.assertEqual(worker_of(self.instance)["pid"], before)

    def test_too_many_subscriptions(self):
        client = self.client().subscribe(" ".join(f"{STORE}/{number}" for number in range(9)))
        refused = client.ask(f"SUBSCRIBE {STORE}/a {STORE}/b")
        self.assertEqual((refused["ens"], refused["code"]), ("error", "limit"))
        self.assertEqual(client.ask(f"SUBSCRIBE {STORE}/a {STORE}/1")["count"], 10)

    def test_who_subscribes_to_nothing_is_sent_away_and_who_does_is_pinged(self):
        idle = self.client()
        listener = self.client().subscribe()
        for _ in range(3):
            self.assertEqual(listener.read(), {"ens": "ping"})
        self.assertEqual(idle.rest(), [{"ens": "bye", "text": "nothing was subscribed to in time", "again": False}])
        publish(self.instance, 1)
        self.assertEqual(listener.event()["event"], "MessageNew")

    def test_who_asks_without_reading_is_asked_to_wait_and_loses_nothing(self):
        client = self.client().subscribe()
        client.socket.settimeout(1)
        asked = 0
        question = b"PING " + b"z" * 190 + b"\r\n"
        try:
            while asked < 2_000_000:
                asked += client.socket.send(question * 200)
        except TimeoutError:
            pass
        # It was stopped long before: neither side holds more than its buffers.
        self.assertLess(asked, 2_000_000 * 20)
        client.socket.settimeout(20)
        whole = asked // len(question)
        answers = 0
        while answers < whole:
            answers += client.read()["ens"] == "pong"

    def test_counts_for_the_operator(self):
        before = service_of(self.instance)["counters"]
        client = self.client().subscribe(f"{STORE}/x {STORE}?owner=anna")
        wait_for(lambda: worker_of(self.instance)["subscriptions"] >= 2, "the subscriptions are counted")
        self.assertEqual(publish(self.instance, 5), 5)
        for _ in range(5):
            client.event()
        after = service_of(self.instance)["counters"]
        self.assertEqual(after["events_in"] - before["events_in"], 5)
        self.assertGreaterEqual(after["events_out"] - before["events_out"], 5)
        client.ask("UNSUBSCRIBE *")
        client.close()


class Sessions(unittest.TestCase):
    def test_one_too_many_is_told_so(self):
        instance = family({"ens.maxsessions": "3", "ens.connlimits": "127.0.0.9|255.255.255.255:1"})
        self.addCleanup(instance.stop)
        alone = Client(instance, "127.0.0.9").subscribe()
        second = Client(instance, "127.0.0.9")
        self.assertEqual((second.hello["ens"], second.hello["again"]), ("bye", True))
        clients = [Client(instance).subscribe() for _ in range(2)]
        refused = Client(instance)
        self.assertEqual(refused.hello["ens"], "bye")
        self.assertIn("too many connections", refused.hello["text"])
        clients[0].ask("QUIT")
        clients[0].close()
        wait_for(lambda: worker_of(instance)["sessions"] == 2, "one has left")
        self.assertEqual(Client(instance).hello["ens"], "hello")
        self.assertEqual(alone.ask("PING x"), {"ens": "pong", "text": "x"})


if __name__ == "__main__":
    os.environ.pop("ENS_ACCESS", None)
    unittest.main()
