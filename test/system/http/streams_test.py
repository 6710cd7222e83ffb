# SPDX-License-Identifier: Apache-2.0
"""Event streams: pings, their end with the session, a thousand of them without a thread each."""

import resource
import time
import unittest

from support import Browser, Line, family

STREAMS = 1000


def threads(pid: int) -> int:
    with open(f"/proc/{pid}/status") as status:
        return next(int(text.split()[1]) for text in status if text.startswith("Threads"))


class Streams(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.instance = family(["anna"], {"http.maxsessions": "3000"})
        cls.browser = Browser(cls.instance)
        assert cls.browser.log_in("anna").status == 200

    @classmethod
    def tearDownClass(cls):
        cls.instance.stop()

    def request(self, query: str, browser: Browser | None = None) -> bytes:
        cookie = (browser or self.browser).cookie
        return f"GET /jmap/eventsource?{query} HTTP/1.1\r\nHost: a\r\nCookie: {cookie}\r\n\r\n".encode()

    def chunk(self, line: Line) -> bytes:
        size = int(line.file.readline(), 16)
        content = line.file.read(size)
        line.file.readline()
        return content

    def test_what_is_not_understood(self):
        for query in ("", "types=*", "types=*&closeafter=maybe&ping=0", "types=*&closeafter=no&ping=x"):
            with Line(self.instance) as line:
                line.send(self.request(query))
                self.assertEqual(line.answer()[0], 400, query)
        self.assertEqual(Browser(self.instance).ask("GET", "/jmap/eventsource?types=*&closeafter=no&ping=0").status, 401)

    def check_pings_and_the_end(self) -> None:
        """Of two streams at the same time."""
        browser = Browser(self.instance)
        browser.log_in("anna")
        with Line(self.instance) as pinged, Line(self.instance) as ended:
            pinged.send(self.request("types=*&closeafter=no&ping=5"))
            status, fields = pinged.head()
            self.assertEqual((status, fields["content-type"]), (200, "text/event-stream; charset=utf-8"))
            ended.send(self.request("types=*&closeafter=no&ping=5", browser))
            self.assertEqual(ended.head()[0], 200)
            browser.ask("POST", "/logout", {})
            self.assertEqual(self.chunk(pinged), b":\n\n")
            began = time.monotonic()
            self.assertEqual(self.chunk(pinged), b'event: ping\ndata: {"interval":5}\n\n')
            self.assertLess(abs(time.monotonic() - began - 5), 3)
            while self.chunk(ended):
                self.assertLess(time.monotonic(), began + 40, "it ends with its session")

    def test_a_thousand_streams_need_no_threads_and_each_is_pinged_and_ends(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
        pid = self.instance.workers("mshttpd")[0]
        lines = []
        try:
            for _ in range(STREAMS):
                line = Line(self.instance)
                lines.append(line)
                line.send(self.request("types=Email&closeafter=no&ping=300"))
            for line in lines:
                self.assertEqual(line.head()[0], 200)
            self.check_pings_and_the_end()
            # Job threads that were needed for the beginning have retired, or do so soon.
            deadline = time.monotonic() + 30
            while (count := threads(pid)) >= 40:
                self.assertLess(time.monotonic(), deadline, f"{count} threads")
                time.sleep(0.2)
            print(f"{STREAMS} event streams: {count} threads")
            self.assertEqual(self.browser.ask("GET", "/session").status, 200)
        finally:
            for line in lines:
                line.__exit__()
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


if __name__ == "__main__":
    unittest.main()
