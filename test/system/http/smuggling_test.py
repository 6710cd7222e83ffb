# SPDX-License-Identifier: Apache-2.0
"""Heads that two servers could read in two ways are refused, and nothing behind them is taken for a request."""

import time
import unittest

from support import Line, family

GET = b"GET /plain/login HTTP/1.1\r\nHost: a\r\n"
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"

VECTORS = {
    "length and coding": b"POST /login HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "coding and length": b"POST /login HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "two lengths": b"POST /login HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 40\r\n\r\n",
    "one length twice": b"POST /login HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n",
    "list of lengths": b"POST /login HTTP/1.1\r\nHost: a\r\nContent-Length: 0, 40\r\n\r\n",
    "signed length": b"POST /login HTTP/1.1\r\nHost: a\r\nContent-Length: +0\r\n\r\n",
    "hidden coding": b"POST /login HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "coding by a blank": b"POST /login HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "coding twice": b"POST /login HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two codings": b"POST /login HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "coding of 1.0": b"POST /login HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "folded": GET + b"X-A: 1\r\n Content-Length: 40\r\n\r\n",
    "folded coding": b"POST /login HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
    "bare LF": GET + b"X-A: 1\nContent-Length: 40\r\n\r\n",
    "bare CR": GET + b"X-A: 1\rContent-Length: 40\r\n\r\n",
    "NUL": GET + b"X-A: 1\0\r\n\r\n",
    "two hosts": GET + b"Host: b\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "absolute target": b"GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n",
    "host with a path": b"GET / HTTP/1.1\r\nHost: a/b?c\r\n\r\n",
    "upwards": b"GET /assets/%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n",
    "no version": b"GET /\r\n\r\n",
}


class Smuggling(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.instance = family([])

    @classmethod
    def tearDownClass(cls):
        cls.instance.stop()

    def test_each_is_refused_and_the_connection_ends(self):
        for name, head in VECTORS.items():
            with self.subTest(vector=name), Line(self.instance) as line:
                line.send(head + SMUGGLED)
                status, _ = line.answer()
                self.assertIn(status, (400, 505), name)
                self.assertTrue(line.ended(), "nothing follows")
        self.assertNotIn("/smuggled", self.instance.log())

    def test_other_versions(self):
        with Line(self.instance) as line:
            line.send(b"GET / HTTP/2.0\r\nHost: a\r\n\r\n")
            self.assertEqual(line.head()[0], 505)

    def test_damaged_chunks_end_the_connection(self):
        head = b"POST /login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        for chunk in (b"zz\r\n", b"-1\r\n", b"FFFFFFFFFFFFFFFFFF\r\n", b"2\r\nabc\r\n0\r\n\r\n"):
            with self.subTest(chunk=chunk), Line(self.instance) as line:
                line.send(head + chunk + SMUGGLED)
                self.assertIn(line.answer()[0], (400, 413))
                self.assertTrue(line.ended())

    def test_chunks_in_single_octets(self):
        body = b'3\r\n{"u\r\n16;ext=1\r\nser":"x","password":1}\r\n0\r\nX-T: 1\r\n\r\n'
        with Line(self.instance) as line:
            line.send(b"POST /login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                      b"Transfer-Encoding: chunked\r\n\r\n")
            for octet in body:
                line.send(bytes([octet]))
            line.send(b"GET /plain/login HTTP/1.1\r\nHost: a\r\n\r\n")
            self.assertEqual(line.answer()[0], 401)
            self.assertEqual(line.answer()[0], 200, "the request behind the body is read as one")

    def test_an_empty_chunked_body_in_single_octets(self):
        before = self.instance.workers("mshttpd")
        with Line(self.instance) as line:
            line.send(b"POST /login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
            for octet in b"0\r\n\r\n":
                line.send(bytes([octet]))
                time.sleep(0.05)  # each is read by itself
            self.assertEqual(line.answer()[0], 400)
        self.assertEqual(self.instance.workers("mshttpd"), before, "a worker that dies of it would be another")


if __name__ == "__main__":
    unittest.main()
