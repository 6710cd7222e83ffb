# SPDX-License-Identifier: Apache-2.0
"""Many users of one family at once: some log in without end, others read mail meanwhile."""

import threading
import time
from dataclasses import dataclass

from support import Instance, Pop, connect, is_ok

SIZE = 20_000
MOST_WAIT = 5.0  # seconds within which every login is answered, whatever the directory does


def entries(users: int) -> str:
    """user000 and so on, in the default domain, as LDIF."""
    return "".join(
        f"dn: uid=user{n:03},ou=People,o=example.com,o=mail\nobjectClass: inetOrgPerson\nobjectClass: inetMailUser\n"
        f"uid: user{n:03}\ncn: User {n}\nsn: User\nmail: user{n:03}@example.com\nuserPassword: secret-user{n:03}\n\n"
        for n in range(users))


@dataclass
class Login:
    began: float
    took: float
    said: str

    @property
    def good(self) -> bool:
        return is_ok(self.said)

    @property
    def temporary(self) -> bool:
        return self.said.startswith(("-ERR [SYS/TEMP] Login is not possible", "a NO [UNAVAILABLE] Login is not possible"))


class Loop:
    """Something that a thread does again and again until stop(). What it returns is kept in `done`; an exception
    ends it and is raised by stop()."""

    def __init__(self, step, pause: float = 0.0):
        self._step, self._pause = step, pause
        self._stopping = threading.Event()
        self._error: BaseException | None = None
        self.done: list = []
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self.done.append(self._step())
                self._stopping.wait(self._pause)
        except BaseException as error:  # noqa: BLE001  (told to the one who waits)
            self._error = error

    def stop(self) -> list:
        self._stopping.set()
        self._thread.join(timeout=30)
        assert not self._thread.is_alive(), "a client hangs"
        if self._error:
            raise self._error
        return self.done


def timed_login(instance: Instance, user: int, service: str) -> Login:
    client = connect(instance, service)
    try:
        began = time.monotonic()
        said = client.login(f"user{user:03}", f"secret-user{user:03}")
        return Login(began, time.monotonic() - began, said)
    finally:
        client.close()


def logins(instance: Instance, users: list[int], pause: float = 0.0) -> Loop:
    """One thread that logs these users in without end, by POP and IMAP in turn."""
    turn = [0]

    def step() -> Login:
        turn[0] += 1
        return timed_login(instance, users[turn[0] // 2 % len(users)], ("pop", "imap")[turn[0] % 2])
    return Loop(step, pause)


def reader(instance: Instance, service: str, user: int, messages: int) -> Loop:
    """One session that fetches whole messages without end; `done` has the seconds of each, and when it began."""
    client = connect(instance, service)
    assert is_ok(client.login(f"user{user:03}", f"secret-user{user:03}"))
    if service == "imap":
        assert is_ok(client.command(b"SELECT INBOX")[1])
    turn = [0]

    def step() -> tuple[float, float]:
        turn[0] += 1
        number = turn[0] % messages + 1
        began = time.monotonic()
        if isinstance(client, Pop):
            size = sum(len(line) for line in client.body(number))
        else:
            untagged, said = client.command(f"FETCH {number} (BODY.PEEK[])".encode())
            assert is_ok(said), said
            size = sum(len(line) for line in untagged)
        assert size > SIZE, f"{size} octets came of {SIZE}"
        return began, time.monotonic() - began
    return Loop(step, 0.005)


def fill(instance: Instance, user: int, messages: int) -> None:
    text = b"From: x@example.com\r\nSubject: load\r\n\r\n" + (b"x" * 76 + b"\r\n") * (SIZE // 76)
    for _ in range(messages):
        instance.run("deliver", f"user{user:03}", stdin=text)


def share(values: list[float], part: float) -> float:
    """The value that `part` of them do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]
