# SPDX-License-Identifier: Apache-2.0
"""The smallest legal idle timeout of pop by the real clock: who waits is sent away, who says something stays. Ten
minutes are the least that may be set (RFC 1939), so everything shorter is shown by unit tests with a clock of their
own, and for clients that have not logged in by family_idle."""

import time

import popload

IDLE = 600
SLACK = 30


def main() -> None:
    with popload.family({"pop.idletimeout": "10m"}) as instance:
        waiting = popload.Pop(instance).login()
        talking = popload.Pop(instance).login()
        waiting.socket.settimeout(IDLE + SLACK)
        start = time.monotonic()
        talked = start
        waiting.socket.setblocking(False)
        rest = b""
        while time.monotonic() - start < IDLE + SLACK:
            try:
                rest = waiting.socket.recv(4096)
                if not rest:
                    break
                print(f"after {time.monotonic() - start:.1f} s: {rest!r}")
            except BlockingIOError:
                pass
            if time.monotonic() - talked > 60:
                talking.command("NOOP")
                talked = time.monotonic()
            time.sleep(0.2)
        took = time.monotonic() - start
        print(f"the waiting client was closed after {took:.1f} s")
        assert rest == b"", "the waiting client was never closed"
        assert IDLE - 1 <= took < IDLE + SLACK, took
        talking.command("NOOP")
        talking.close()


main()
