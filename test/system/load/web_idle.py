# SPDX-License-Identifier: Apache-2.0
"""The smallest legal http.idletimeout by the real clock: a connection that is silent is closed, one that asks and one
with an event stream stay, and the web session lives on over all of them."""

import http.client
import json
import os
import sys
import time
from pathlib import Path

SOURCE = Path(os.environ["POSTHORN_SOURCE"])
BINARIES = Path(os.environ["POSTHORN_BIN"])
sys.path.insert(0, str(SOURCE / "test" / "support"))

from instance import Instance  # noqa: E402  (found by the line above)

USER, PASSWORD = "reader", "load-secret"
IDLE = 180
SLACK = 30


class Kept:
    """A connection that is kept open from request to request."""

    def __init__(self, instance: Instance):
        self.connection = http.client.HTTPConnection("127.0.0.1", instance.port("http", False), timeout=30)

    def ask(self, method: str, path: str, body=None, headers=None) -> http.client.HTTPResponse:
        self.connection.request(method, path, body=body, headers=headers or {})
        answer = self.connection.getresponse()
        answer.text = answer.read()
        return answer

    def ended(self) -> bool:
        """The server has closed. Nothing else may come without a request."""
        self.connection.sock.setblocking(False)
        try:
            got = self.connection.sock.recv(1)
        except BlockingIOError:
            return False
        finally:
            self.connection.sock.settimeout(30)
        assert got == b"", got
        return True


def main() -> None:
    instance = Instance(BINARIES, {"http.idletimeout": "3m", "base.proxyadmin": "proxy", "base.proxyadminpass": PASSWORD,
                                   "store.admins": "proxy"}, services=["http"])
    try:
        instance.add_users([(USER, PASSWORD), ("proxy", PASSWORD)])
        instance.start()
        silent, talking, streaming = (Kept(instance) for _ in range(3))
        login = silent.ask("POST", "/login", json.dumps({"user": USER, "password": PASSWORD}),
                           {"Content-Type": "application/json"})
        assert login.status == 200, login.text
        cookie = {"Cookie": login.headers["Set-Cookie"].split(";")[0]}
        start = time.monotonic()
        streaming.connection.request("GET", "/jmap/eventsource?types=*&closeafter=no&ping=0", headers=cookie)
        stream = streaming.connection.getresponse()
        assert stream.status == 200
        while not silent.ended():
            assert time.monotonic() - start < IDLE + SLACK, "the silent connection was never closed"
            if int(time.monotonic() - start) % 20 == 0:
                assert talking.ask("GET", "/session", headers=cookie).status == 200
            time.sleep(1)
        took = time.monotonic() - start
        print(f"the silent connection was closed after {took:.1f} s")
        assert took > IDLE - 1, took
        # Past the timeout of those, too, had they been silent.
        time.sleep(max(0.0, start + IDLE + SLACK - time.monotonic()))
        assert talking.ask("GET", "/session", headers=cookie).status == 200
        assert stream.read(3) == b":\n\n" and not stream.closed, "an event stream is not idle"
        again = Kept(instance)
        assert json.loads(again.ask("GET", "/session", headers=cookie).text)["user"] == USER, "the session lives on"
    finally:
        instance.stop()


main()
