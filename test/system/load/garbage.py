# SPDX-License-Identifier: Apache-2.0
"""Ten thousand connections that speak no POP leave the worker's memory, threads and descriptors where they were."""

import random
import socket
import sys

import popload

GROWTH_KB = 2048


def noise(kind: int, generator: random.Random) -> bytes:
    """Kinds of bad clients: silent, binary, endless line, half a command, many bad commands, a browser, a TLS hello."""
    return (
        b"",
        generator.randbytes(generator.randrange(1, 4096)),
        b"A" * 20000,
        b"USER some",
        b"FOO BAR\r\n" * 40,
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + generator.randbytes(500),
        b"AUTH PLAIN\r\n" + b"=" * 9000 + b"\r\n",
    )[kind % 8]


def throw(port: int, number: int, generator: random.Random) -> None:
    connection = socket.create_connection(("127.0.0.1", port), timeout=30)
    try:
        connection.sendall(noise(number, generator))
        if number % 3 == 0:
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(65536):
                pass
    except OSError:
        pass  # being thrown out is the point
    finally:
        connection.close()


def main() -> None:
    popload.skip_when_sanitized()
    count = int(sys.argv[1])
    generator = random.Random(1939)
    with popload.family() as instance:
        worker = popload.popd(instance)
        ports = [instance.port("pop", False), instance.port("pop", True)]
        for number in range(400):  # what is allocated once for all is there afterwards
            throw(ports[number % 2], number, generator)
        worker = popload.popd(instance)
        descriptors = worker.descriptors()
        memory = worker.anonymous_kb()
        for number in range(count):
            throw(ports[number % 2], number, generator)
        popload.until(lambda: worker.descriptors() <= descriptors, 30, "all descriptors closed again")
        growth = worker.anonymous_kb() - memory
        print(f"{count} garbage connections: {memory} kB before, {growth:+} kB after, {worker.threads()} threads")
        popload.Pop(instance).login().close()
        assert growth < GROWTH_KB, f"memory grew by {growth} kB"


main()
