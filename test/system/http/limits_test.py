# SPDX-License-Identifier: Apache-2.0
"""Connections and requests within their limits: order, keep-alive, deadlines, sizes."""

import time
import unittest

from support import PASSWORD, Browser, Line, family

GET = b"GET /plain/login HTTP/1.1\r\nHost: a\r\n\r\n"


class Connections(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.instance = family(["anna"], {"http.maxpostsize": "64k", "base.unauthtimeout": "3s", "http.maxbadcommands": "4"})

    @classmethod
    def tearDownClass(cls):
        cls.instance.stop()

    def test_pipelined_requests_are_answered_in_order(self):
        with Line(self.instance) as line:
            line.send(GET + b"GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n" + GET + b"HEAD /plain/login HTTP/1.1\r\nHost: a\r\n\r\n" + GET)
            statuses = [line.answer()[0] for _ in range(3)]
            self.assertEqual(statuses, [200, 404, 200])
            status, fields = line.head()
            self.assertEqual(status, 200)
            self.assertGreater(int(fields["content-length"]), 100, "HEAD tells the length and sends nothing")
            self.assertEqual(line.answer()[0], 200)

    def test_connections_close_when_asked(self):
        for head in (b"GET /plain/login HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", b"GET /plain/login HTTP/1.0\r\n\r\n"):
            with Line(self.instance) as line:
                line.send(head)
                self.assertEqual(line.answer()[0], 200)
                self.assertTrue(line.ended())

    def test_methods(self):
        browser = Browser(self.instance)
        answer = browser.ask("DELETE", "/login")
        self.assertEqual((answer.status, answer.headers["Allow"]), (405, "POST"))
        self.assertEqual(browser.ask("GET", "/nothing").status, 404)

    def test_security_headers_are_everywhere(self):
        for path in ("/nothing", "/plain/login", "/session"):
            headers = Browser(self.instance).ask("GET", path).headers
            self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
            self.assertIn("frame-ancestors 'none'", headers["Content-Security-Policy"])
            self.assertEqual(headers["Referrer-Policy"], "no-referrer")
            self.assertNotIn("Strict-Transport-Security", headers)
        self.assertIn("max-age", Browser(self.instance, tls=True).ask("GET", "/session").headers["Strict-Transport-Security"])

    def test_a_continue_is_said_when_the_body_is_wanted(self):
        body = b'{"user":"anna","password":"wrong"}'
        with Line(self.instance) as line:
            line.send(b"POST /login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n"
                      b"Content-Length: %d\r\n\r\n" % len(body))
            self.assertEqual(line.head()[0], 100)
            line.send(body)
            self.assertEqual(line.answer()[0], 401)
        with Line(self.instance) as line:
            line.send(b"POST /login HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 70000\r\n\r\n")
            self.assertEqual(line.answer()[0], 413, "http.maxpostsize is known before the body")

    def test_maxpostsize_of_a_chunked_body(self):
        with Line(self.instance) as line:
            line.send(b"POST /login HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + (b"4000\r\n" + b"x" * 0x4000 + b"\r\n") * 5)
            status, body = line.answer()
            self.assertEqual(status, 413)
            self.assertIn(b"maxSizeRequest", body)

    def test_long_heads(self):
        with Line(self.instance) as line:
            line.send(b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 20_000 + b"\r\n\r\n")
            self.assertEqual(line.answer()[0], 431)
        with Line(self.instance) as line:
            line.send(b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: x\r\n" * 200 + b"\r\n")
            self.assertEqual(line.answer()[0], 431)

    def test_a_dribbled_head_is_cut(self):
        began = time.monotonic()
        with Line(self.instance) as line:
            line.send(GET)
            self.assertEqual(line.answer()[0], 200)
            try:
                for octet in b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 1000:
                    line.send(bytes([octet]))
                    line.socket.settimeout(0.2)
                    try:
                        if line.socket.recv(1) is not None:
                            break
                    except TimeoutError:
                        pass
            except ConnectionError:
                pass
        self.assertLess(time.monotonic() - began, 15, "base.unauthtimeout cuts a head that does not end")

    def test_a_dribbled_body_is_cut(self):
        with Line(self.instance) as line:
            line.send(b"POST /login HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n")
            status = 0
            line.socket.settimeout(0.5)
            for _ in range(60):
                try:
                    line.send(b"x")
                    first = line.socket.recv(12)
                    status = int(first.split()[1]) if first else -1
                    break
                except TimeoutError:
                    continue
            self.assertEqual(status, 408)

    def test_senseless_requests_end_the_connection(self):
        with Line(self.instance) as line:
            line.send(b"GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n" * 6)
            self.assertEqual([line.answer()[0] for _ in range(5)], [404, 404, 404, 404, 0], "http.maxbadcommands")

    def test_secrets_are_in_no_log(self):
        browser = Browser(self.instance)
        self.assertEqual(browser.log_in("anna").status, 200)
        browser.ask("GET", "/session")
        token = browser.ask("POST", "/session/token", {}).json()["token"]
        browser.ask("GET", "/session", headers={"Authorization": f"Bearer {token}"})
        Browser(self.instance).log_in("anna", "another secret")
        log = self.instance.log()
        self.assertIn("http-request", log)
        for secret in (PASSWORD, "another secret", browser.cookie.split("=")[1], browser.csrf, token):
            self.assertNotIn(secret, log)


class Full(unittest.TestCase):
    def test_a_full_worker_says_so(self):
        instance = family([], {"http.maxsessions": "2"})
        try:
            held = []
            while len(held) < 2:  # the connection by which the start was noticed may still be there
                line = Line(instance)
                line.send(GET)
                if line.answer()[0] == 200:
                    held.append(line)
                else:
                    line.__exit__()
            with Line(instance) as third:
                status, fields = third.head()
                self.assertEqual(status, 503)
                self.assertIn("retry-after", fields)
            for line in held:
                line.__exit__()
        finally:
            instance.stop()


if __name__ == "__main__":
    unittest.main()
