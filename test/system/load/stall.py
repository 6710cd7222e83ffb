# SPDX-License-Identifier: Apache-2.0
"""RETR one after the other, unpipelined, never waits for a delayed acknowledgement (40 ms with Nagle's algorithm)."""

import sys
import time

import popload

STALL = 0.040


def message(number: int) -> bytes:
    lines = b"".join(b"line %d of %d\r\n" % (i, number) for i in range(20 * number))
    return b"Subject: %d\r\n\r\n" % number + lines


def main() -> None:
    popload.skip_when_sanitized()
    rounds = int(sys.argv[1])
    with popload.family() as instance:
        for number in range(1, 21):
            instance.deliver(popload.USER, message(number))
        client = popload.Pop(instance).login()
        took = []
        for turn in range(rounds):
            start = time.monotonic()
            client.command(f"RETR {turn % 20 + 1}")
            client.body()
            took.append(time.monotonic() - start)
        client.close()
        stalls = sum(t >= STALL for t in took)
        print(f"{rounds} RETR: median {popload.median_ms(took):.2f} ms, longest {max(took) * 1000:.1f} ms, "
              f"{stalls} of 40 ms or more")
        assert popload.median_ms(took) < 5
        # A busy machine may delay one; an acknowledgement's delay would show in a large part of them.
        assert stalls <= rounds // 50, f"{stalls} stalls"


main()
