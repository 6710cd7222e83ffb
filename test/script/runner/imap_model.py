# SPDX-License-Identifier: Apache-2.0
"""What a client knows of its mailbox from untagged responses alone (RFC 3501 sections 5.2, 7.3 and 7.4.1), held against
every response of every script: numbers in range, no EXPUNGE where none may come, UIDs that stay and ascend."""

from runner.imap_match import pairs
from runner.imap_wire import Response, text_of

NEVER_EXPUNGE = ("FETCH", "STORE", "SEARCH")


class Broken(Exception):
    """The server said what no client can follow."""


class Model:
    def __init__(self) -> None:
        self.exists: int | None = None
        self._uids: list[int | None] = []
        self.free = False  # raw octets were sent: nobody knows what command is in progress

    def see(self, response: Response, command: str) -> bool:
        """Takes it in (`command`: the one in progress or ""). Whether it is news: something that a client did not know
        and did not ask for."""
        if response.kind == "tagged":
            self._completed(response, command)
        elif response.word == "EXISTS":
            return self._exists(int(str(response.number)), command)
        elif response.word == "EXPUNGE":
            self._expunge(int(str(response.number)), command)
        elif response.word == "FETCH":
            self._fetch(int(str(response.number)), response)
        return True

    def _completed(self, response: Response, command: str) -> None:
        if (command in ("CLOSE", "UNSELECT") and response.word == "OK") or (
            command in ("SELECT", "EXAMINE") and response.word == "NO"
        ):
            self.exists, self._uids = None, []

    def _exists(self, number: int, command: str) -> bool:
        if command in ("SELECT", "EXAMINE"):
            self.exists, self._uids = number, [None] * number
            return False
        if self.exists is None and not self.free:
            raise Broken("EXISTS and no mailbox is selected")
        known = self.exists or 0
        if number < known:
            raise Broken(f"EXISTS went from {known} to {number} without EXPUNGE")
        self._uids += [None] * (number - known)
        self.exists = number
        return number != known

    def _expunge(self, number: int, command: str) -> None:
        if command in NEVER_EXPUNGE:
            raise Broken(f"EXPUNGE during {command}")
        if not command and not self.free:
            raise Broken("EXPUNGE while no command is in progress")
        self._in_range(number, "EXPUNGE")
        if self.exists is not None:
            self.exists -= 1
            del self._uids[number - 1]

    def _fetch(self, number: int, response: Response) -> None:
        self._in_range(number, "FETCH")
        if self.exists is None or not response.nodes or not isinstance(response.nodes[0], list):
            return
        for pair in pairs(response.nodes[0]):
            if len(pair) == 2 and text_of(pair[0]).upper() == "UID":
                self._uid(number, int(text_of(pair[1])))

    def _uid(self, number: int, uid: int) -> None:
        known = self._uids[number - 1]
        if known is not None and known != uid:
            raise Broken(f"message {number} had UID {known} and has {uid}")
        below = max((u for u in self._uids[: number - 1] if u is not None), default=0)
        above = min((u for u in self._uids[number:] if u is not None), default=uid + 1)
        if not below < uid < above:
            raise Broken(f"UID {uid} of message {number} is not between {below} and {above}")
        self._uids[number - 1] = uid

    def _in_range(self, number: int, word: str) -> None:
        if self.exists is None and not self.free:
            raise Broken(f"{word} and no mailbox is selected")
        if self.exists is not None and not 1 <= number <= self.exists:
            raise Broken(f"{word} of message {number} of {self.exists}")
