# SPDX-License-Identifier: Apache-2.0
"""The smallest legal idle timeout of http by the real clock: a connection that is silent ends, its session lives on; who
asks stays, and so does an event stream, which is silent by its nature."""

import select
import time

from support import Browser, Line, family

IDLE = 180
SLACK = 30


def asked(line: Line, cookie: str) -> int:
    line.send(f"GET /session HTTP/1.1\r\nHost: a\r\nCookie: {cookie}\r\n\r\n".encode())
    return line.answer()[0]


def ended(line: Line) -> bool:
    """Nothing is expected on it."""
    return bool(select.select([line.socket], [], [], 0)[0]) and line.ended()


def check(instance) -> None:
    browser = Browser(instance)
    assert browser.log_in("anna").status == 200
    waiting, talking, stream = (Line(instance) for _ in range(3))
    assert asked(waiting, browser.cookie) == asked(talking, browser.cookie) == 200
    stream.send(f"GET /jmap/eventsource?types=*&closeafter=no&ping=0 HTTP/1.1\r\nHost: a\r\nCookie: {browser.cookie}\r\n\r\n".encode())
    assert stream.head()[0] == 200
    began = talked = time.monotonic()
    while not ended(waiting):
        assert time.monotonic() - began < IDLE + SLACK, "the waiting connection was never closed"
        if time.monotonic() - talked > 60:
            assert asked(talking, browser.cookie) == 200
            talked = time.monotonic()
        time.sleep(0.5)
    took = time.monotonic() - began
    print(f"the waiting connection was closed after {took:.1f} s")
    assert took > IDLE - 1, took
    assert asked(talking, browser.cookie) == 200
    assert browser.ask("GET", "/session").status == 200, "its session lives on"
    time.sleep(SLACK)
    stream.socket.settimeout(1)
    try:
        while stream.socket.recv(4096):
            pass
        raise AssertionError("the event stream was cut")
    except TimeoutError:
        print(f"the event stream is there after {time.monotonic() - began:.1f} s")


def main() -> None:
    instance = family(["anna"], {"http.idletimeout": "3m"}, services=("imap", "http", "ens"))
    try:
        check(instance)
    finally:
        instance.stop()


main()
