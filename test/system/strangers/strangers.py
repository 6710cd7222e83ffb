# SPDX-License-Identifier: Apache-2.0
"""Clients without a login cannot hold on to what others need: not their place, and not memory."""

import os
import socket
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(os.environ["POSTHORN_SOURCE"]) / "test" / "support"))

from instance import Instance  # noqa: E402  (found by the line above)

UNAUTHTIMEOUT = 5


def connect(instance, service: str, tls_port: bool) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", instance.port(service, tls_port)), timeout=30)
    return connection


def closed_within(connection: socket.socket, seconds: float) -> float:
    """How long the server took to close; whatever it says before is dropped."""
    start = time.monotonic()
    connection.settimeout(seconds)
    try:
        while connection.recv(65536):
            pass
    except ConnectionResetError:
        pass
    except TimeoutError as error:
        raise AssertionError(f"still open after {seconds} s") from error
    return time.monotonic() - start


def silent_handshakes(instance) -> dict[str, socket.socket]:
    """Begun and never finished: pops, imaps, https, STLS and STARTTLS."""
    waiting = {}
    for service in ("pop", "imap", "http"):
        waiting[f"{service} on its TLS port"] = connect(instance, service, True)
    for service, command in (("pop", b"STLS\r\n"), ("imap", b"a STARTTLS\r\n")):
        upgraded = connect(instance, service, False)
        upgraded.recv(4096)
        upgraded.sendall(command)
        if upgraded.recv(4096).startswith((b"+OK", b"a OK")):
            waiting[f"{service} after {command.strip().decode()}"] = upgraded
    return waiting


def end(waiting: dict[str, socket.socket]) -> None:
    """With unauthtimeout."""
    for name, connection in waiting.items():
        took = closed_within(connection, UNAUTHTIMEOUT + 20)
        print(f"{name}: closed after {took:.1f} s more")


def endless_literals(instance) -> None:
    """Literals of no octets must not let a command grow without end."""
    client = connect(instance, "imap", False)
    client.recv(4096)
    line = b"a LOGIN " + b"x" * 60000 + b" {0+}\r\n"
    said = b""
    try:
        for _ in range(20):
            client.sendall(line)
    except OSError:
        pass  # it may be closed already
    while b"BYE" not in said and (part := client.recv(65536)):
        said += part
    assert b"BYE" in said, "the server went on reading"
    closed_within(client, 10)


def main() -> None:
    instance = Instance(Path(os.environ["POSTHORN_BIN"]), {"base.unauthtimeout": f"{UNAUTHTIMEOUT}s"})
    try:
        instance.start()
        waiting = silent_handshakes(instance)
        endless_literals(instance)
        end(waiting)
    finally:
        instance.stop()


main()
