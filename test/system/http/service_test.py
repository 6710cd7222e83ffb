# SPDX-License-Identifier: Apache-2.0
"""The options that http has like every service: TLS or none, at most so many job threads, connections of one address, and
connections of strangers."""

import base64
import socket
import threading
import unittest
from pathlib import Path

from support import PASSWORD, Browser, Line, family

MAXTHREADS = 12
CLIENTS = 60
STRANGERS = 70
BASIC = base64.b64encode(f"anna:{PASSWORD}".encode()).decode()
GET = b"GET /plain/login HTTP/1.1\r\nHost: a\r\n\r\n"


def threads(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("Threads"):
            return int(line.split()[1])
    return 0


class Service(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # Passwords are judged each time, at a price.
        cls.instance = family(["anna"], {"http.sslusessl": "no", "http.maxthreads": str(MAXTHREADS), "base.authcachesize": "0",
                                         "auth.passwordcost": "50000", "http.connlimits": "127.0.0.2|255.255.255.255:3",
                                         "http.maxunauthsessions": str(STRANGERS)})
        cls.addClassCleanup(cls.instance.stop)

    def test_without_http_sslusessl_there_is_no_tls(self):
        self.assertEqual(self.instance.options["http.enablesslport"], "no")
        with self.assertRaises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", self.instance.port("http", True)), timeout=10)
        login = Browser(self.instance).log_in("anna")
        self.assertEqual(login.status, 200)
        self.assertNotIn("Secure", login.headers["Set-Cookie"], "http.sslusessl")

    def test_there_are_never_more_threads_than_http_maxthreads(self):
        pid = self.instance.workers("mshttpd")[0]
        most = 0
        statuses = []

        def client() -> None:
            answer = Browser(self.instance).ask("GET", "/session", headers={"Authorization": f"Basic {BASIC}"})
            statuses.append(answer.status)

        clients = [threading.Thread(target=client) for _ in range(CLIENTS)]
        for one in clients:
            one.start()
        while any(one.is_alive() for one in clients):
            most = max(most, threads(pid))
        self.assertEqual(statuses, [200] * CLIENTS)
        self.assertGreater(most, MAXTHREADS // 4, "no thread was ever added")
        self.assertLessEqual(most, MAXTHREADS + 1, "http.maxthreads, and the loop's")

    def one_more_than(self, held: list[Line], source: str) -> int:
        """What the next one is told."""
        try:
            with Line(self.instance, source=source) as one_more:
                one_more.send(GET)
                return one_more.head()[0]
        finally:
            for line in held:
                line.__exit__()

    def test_one_address_has_no_more_than_http_connlimits(self):
        held = [Line(self.instance, source="127.0.0.2") for _ in range(3)]
        for line in held:
            line.send(GET)
        self.assertEqual([line.answer()[0] for line in held], [200] * 3)
        self.assertEqual(self.one_more_than(held, "127.0.0.2"), 503)
        self.assertEqual(Browser(self.instance).log_in("anna").status, 200, "others are let in")

    def test_those_who_say_nothing_are_no_more_than_http_maxunauthsessions(self):
        held = [Line(self.instance) for _ in range(STRANGERS)]
        self.assertEqual(self.one_more_than(held, "127.0.0.1"), 503)


if __name__ == "__main__":
    unittest.main()
