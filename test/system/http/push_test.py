# SPDX-License-Identifier: Apache-2.0
"""1,000 event streams of 200 users over 32 IMAP connections at most: each hears of new mail, and again after the event
service was away."""

import base64
import resource
import select
import socket
import time
import unittest

from backend_test import ADMIN, Connections
from probe import message
from support import BINARIES, PASSWORD

from instance import Instance  # noqa: E402  (test/support, found by support.py)
import jmap  # noqa: E402

USERS, STREAMS = 200, 5
NEEDED = 4096  # descriptors of this process


class Stream:
    """A bare event stream: 1,000 of these cost no threads."""

    def __init__(self, instance: Instance, user: str):
        self.user = user
        word = base64.b64encode(f"{user}:{PASSWORD}".encode()).decode()
        self.socket = socket.create_connection(("127.0.0.1", instance.port("http", False)), timeout=60)
        self.socket.sendall((f"GET /jmap/eventsource?types=*&closeafter=no&ping=0 HTTP/1.1\r\nHost: localhost\r\n"
                             f"Authorization: Basic {word}\r\n\r\n").encode())
        self.text = ""

    def begins(self) -> None:
        while "\r\n\r\n" not in self.text:
            self.take()
        head, self.text = self.text.split("\r\n\r\n", 1)
        assert head.startswith("HTTP/1.1 200"), head

    def take(self) -> None:
        got = self.socket.recv(65536)
        assert got, f"the stream of {self.user} has ended: {self.text[-300:]}"
        self.text += got.decode()

    def told(self) -> int:
        """How many changes of the user's own mail have come; what is asked for behind them is not counted."""
        return self.text.count(f'"{self.user}":{{"Email":')


class PushTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if hard != resource.RLIM_INFINITY and hard < NEEDED:
            raise unittest.SkipTest(f"SKIPPED: {NEEDED} descriptors are needed, {hard} are allowed")
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, NEEDED), hard))
        cls.users = [f"user{number}" for number in range(USERS)]
        cls.instance = Instance(BINARIES, {"store.admins": ADMIN, "base.proxyadmin": ADMIN, "http.webdir": "nowhere",
                                           "base.proxyadminpass": PASSWORD, "auth.failuredelay": "0",
                                           "store.defaultmailboxquota": "100M"},
                                services=["imap", "http", "ens"])
        cls.addClassCleanup(cls.instance.stop)
        cls.instance.options["base.proxyimapport"] = cls.instance.options["imap.port"]
        cls.instance.write_config()
        cls.instance.add_users([(user, PASSWORD) for user in [*cls.users, ADMIN]])
        cls.instance.start()

    def all_hear(self, streams: list[Stream], before: list[int], within: float) -> None:
        """Until each stream was told something new."""
        waiting = {stream.socket.fileno(): (stream, count) for stream, count in zip(streams, before, strict=True)}
        poll = select.poll()
        for number in waiting:
            poll.register(number, select.POLLIN)
        deadline = time.monotonic() + within
        while waiting:
            self.assertLess(time.monotonic(), deadline, f"{len(waiting)} streams were told nothing")
            for number, _ in poll.poll(1000):
                stream, count = waiting[number]
                stream.take()
                if stream.told() > count:
                    poll.unregister(number)
                    del waiting[number]

    def test_a_setting_and_a_quota_are_told(self):
        """The types that have a state of their own (RFC 8621 1.5, RFC 9425): it is the one that /get tells."""
        user = self.users[0]
        client = jmap.Client(self.instance.port("http", False), user, PASSWORD, way="basic")
        stream = client.events("Identity,Quota")
        try:
            # Until the account is watched nothing is told; then it is told what has changed meanwhile.
            deadline = time.monotonic() + 60
            while True:
                self.assertLess(time.monotonic(), deadline, "the quota is never told")
                self.instance.run("deliver", user, stdin=message("large", "x" * 50_000).encode())
                try:
                    told = stream.state_change(user, "Quota", 3)
                    break
                except TimeoutError:
                    continue
            self.assertTrue(told.startswith("q "), told)
            self.instance.run("deliver", user, stdin=message("larger", "x" * 50_000).encode())
            now = client.call("Quota/get", {"ids": []})["state"]
            while told != now:
                told = stream.state_change(user, "Quota")
            made = client.call("Identity/set", {"create": {"i": {"email": client.call("Identity/get", {"ids": None})["list"][0]["email"]}}})
            self.assertIsNone(made["notCreated"], made)
            while stream.state_change(user, "Identity") != made["newState"]:
                pass
        finally:
            stream.close()

    def test_every_stream_hears_over_few_connections(self):
        watch = Connections(int(self.instance.options["imap.port"]))
        watch.start()
        try:
            streams = [Stream(self.instance, user) for _ in range(STREAMS) for user in self.users]
            for stream in streams:
                stream.begins()
            # Each user's account is watched once his first change was told; until then it is changed again.
            first = {stream.user: stream for stream in streams}
            deadline = time.monotonic() + 60
            while deaf := [user for user, stream in first.items() if not stream.told()]:
                self.assertLess(time.monotonic(), deadline, f"{len(deaf)} users were told nothing")
                self.instance.run("deliver", *deaf, stdin=message("warm").encode())
                self.poll_some(streams)
            before = [stream.told() for stream in streams]
            began = time.monotonic()
            self.instance.run("deliver", *self.users, stdin=message("news").encode())
            self.all_hear(streams, before, 60)
            print(f"1,000 streams were told within {time.monotonic() - began:.1f} s of the delivery's begin")

            before = [stream.told() for stream in streams]
            self.instance.run("restart-msg", "ens")
            self.all_hear(streams, before, 90)
        finally:
            most = watch.stop()
        for stream in streams:
            stream.socket.close()
        print(f"at most {most} IMAP connections")
        self.assertLessEqual(most, 32)
        self.assertGreaterEqual(most, 1)

    @staticmethod
    def poll_some(streams: list[Stream]) -> None:
        """Takes what is there, and waits a moment for more."""
        poll = select.poll()
        by_number = {stream.socket.fileno(): stream for stream in streams}
        for number in by_number:
            poll.register(number, select.POLLIN)
        until = time.monotonic() + 2
        while time.monotonic() < until:
            for number, _ in poll.poll(200):
                by_number[number].take()


if __name__ == "__main__":
    unittest.main(verbosity=2)
