# SPDX-License-Identifier: Apache-2.0
"""What the web server does of itself after a minute, all of it in the same minute: a silent session ends after
http.sessiontimeout in every worker, and its event streams with it, a user whom the directory does not let in any more
loses his, old uploads go."""

import base64
import os
import time
import unittest

from support import PASSWORD, Browser, Line, family

MINUTE = 60.0


class Minutes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # Both times are at their least; files are made older instead of waiting for http.spoolttl.
        cls.instance = family(["anna", "bert", "carl"], {"http.sessiontimeout": "60s", "http.ipsecurity": "no",
                                                         "http.spoolttl": "1h", "http.numprocesses": "2"})
        cls.addClassCleanup(cls.instance.stop)
        cls.anna, cls.bert, cls.carl = (Browser(cls.instance) for _ in range(3))
        for user in ("anna", "bert", "carl"):
            assert getattr(cls, user).log_in(user).status == 200
        cls.begin_with_uploads()
        assert cls.bert.ask("GET", "/session").status == 200
        cls.instance.run("msuser", "set", "bert", "status=inactive")
        cls.anna.source = "127.0.1.1"
        cls.from_another_network = cls.anna.ask("GET", "/session").status
        token = cls.anna.ask("POST", "/session/token", {}).json()["token"]
        cls.shown = [f"Cookie: {cls.anna.cookie}", f"Authorization: Bearer {token}"]
        # So many that each worker has some of each. They are no requests: the session is silent all the same.
        cls.streams = [cls.stream(way) for way in cls.shown for _ in range(6)]
        basic = base64.b64encode(f"carl:{PASSWORD}".encode()).decode()
        cls.streams.append(cls.stream(f"Authorization: Basic {basic}"))
        cls.began = time.monotonic()

    @classmethod
    def stream(cls, shown: str) -> Line:
        line = Line(cls.instance)
        cls.addClassCleanup(line.__exit__)
        line.send(f"GET /jmap/eventsource?types=*&closeafter=no&ping=0 HTTP/1.1\r\nHost: a\r\n{shown}\r\n\r\n".encode())
        assert line.head()[0] == 200
        return line

    def ends(self, line: Line) -> None:
        """Waits for the last chunk of a stream."""
        line.socket.settimeout(20)
        while (got := line.file.readline()) != b"0\r\n":
            self.assertNotEqual(got, b"", "the stream breaks off")

    def everywhere(self, shown: str) -> set[int]:
        """What many requests at once are answered, of which each worker has some."""
        lines = [Line(self.instance) for _ in range(20)]
        for line in lines:
            self.addCleanup(line.__exit__)
            line.send(f"GET /session HTTP/1.1\r\nHost: a\r\n{shown}\r\n\r\n".encode())
        return {line.answer()[0] for line in lines}

    @classmethod
    def begin_with_uploads(cls) -> None:
        account = cls.carl.ask("GET", "/.well-known/jmap").json()["primaryAccounts"]["urn:ietf:params:jmap:mail"]
        for content in (b"old", b"new"):
            assert cls.carl.ask("POST", f"/jmap/upload/{account}", content, {"Content-Type": "text/plain"}).status == 201
            if content == b"old":
                for file in cls.uploads():
                    then = time.time() - 3700  # longer ago than http.spoolttl
                    os.utime(file, (then, then))

    @classmethod
    def uploads(cls):
        return [path for path in (cls.instance.directory / "data" / "spool" / "http" / "blobs").rglob("*") if path.is_file()]

    def wait_until(self, holds, most: float) -> None:
        while not holds():
            self.assertLess(time.monotonic() - self.began, most)
            time.sleep(0.5)

    def test_0_a_logout_ends_the_streams_of_its_session(self):
        leaving = Browser(self.instance)
        leaving.log_in("carl")
        streams = [self.stream(f"Cookie: {leaving.cookie}") for _ in range(6)]
        self.assertEqual(leaving.ask("POST", "/logout", {}).status, 200)
        for line in streams:
            self.ends(line)

    def test_1_old_uploads_go(self):
        # They are looked for every minute.
        self.wait_until(lambda: len(self.uploads()) < 2, MINUTE + 30)
        self.assertEqual([file.read_bytes() for file in self.uploads()], [b"new"], "http.spoolttl")

    def test_2_a_disabled_user_loses_his_session(self):
        # The directory is asked again after a minute at the latest. Each question keeps the session from being silent.
        self.wait_until(lambda: self.bert.ask("GET", "/session").status == 401, MINUTE + 15)

    def test_3_a_silent_session_ends_and_the_network_may_be_free(self):
        self.assertEqual(self.from_another_network, 200, "http.ipsecurity: no")
        # What is tested is that nothing happens for http.sessiontimeout.
        time.sleep(max(0.0, self.began + MINUTE + 3 - time.monotonic()))
        for shown in self.shown:
            self.assertEqual(self.everywhere(shown), {401}, "http.sessiontimeout")
        for line in self.streams:
            self.ends(line)


if __name__ == "__main__":
    unittest.main()
