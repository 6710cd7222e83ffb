# SPDX-License-Identifier: Apache-2.0
"""Ports for tests: below the range that the kernel takes for outgoing connections, so that no client anywhere sits on
one before its server has bound it, and locked, so that tests that run beside each other never get the same."""

import fcntl
import os
import random
import socket
import tempfile
from pathlib import Path

LOWEST, HIGHEST = 12000, 32000

_locks = None
_taken: set[int] = set()


def _open_locks() -> int:
    """One file for all tests of a user; byte N is locked by the process that has port N, until it ends."""
    path = os.path.join(tempfile.gettempdir(), f"posthorn-test-ports-{os.getuid()}")
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)


def _range() -> tuple[int, int]:
    low = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    return (LOWEST, min(HIGHEST, low - 1)) if low > LOWEST + 1000 else (LOWEST, HIGHEST)


def _claim(port: int) -> bool:
    try:
        fcntl.lockf(_locks, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except OSError:
        return False
    with socket.socket() as probe:
        try:
            probe.bind(("", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A port that nobody has and that no other test is given before this process ends; never the same again."""
    global _locks
    if _locks is None:
        _locks = _open_locks()
    low, high = _range()
    for _ in range(10000):
        port = random.randint(low, high)
        if port not in _taken and _claim(port):
            _taken.add(port)
            return port
    raise RuntimeError(f"no free port between {low} and {high}")
