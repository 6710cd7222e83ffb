# SPDX-License-Identifier: Apache-2.0
"""A mailbox as one client knows it, from untagged responses alone, and what all clients together know to be true."""

from dataclasses import dataclass

from wire import BadResponse, Response, sequence

RECENT = "\\recent"


@dataclass
class Message:
    """What is not known yet is None."""
    uid: int | None = None
    flags: frozenset | None = None


def flags_of(values: list) -> frozenset:
    """Flags compare without regard to case; \\Recent belongs to a session, not to the mailbox."""
    found = [value.decode().lower() for value in values]
    if len(set(found)) != len(found):
        raise BadResponse(f"a flag twice: {values}")
    return frozenset(found) - {RECENT}


class Truth:
    """What all clients together know of one mailbox: contents of UIDs, and which of them may be gone."""

    def __init__(self):
        self.content: dict[int, bytes] = {}   # UID -> X-Id of the message
        self.marked: set[int] = set()         # somebody may have set \\Deleted
        self.moved: set[int] = set()          # somebody may have moved it away
        self.expunged: set[int] = set()       # somebody was told so
        self.missed: set[int] = set()         # FETCH gave NIL for a body (RFC 2180 4.1.3): it must be gone
        self.copies: list[tuple[Truth, int, int]] = []  # (from where, UID there, UID here)
        self.validity: int | None = None

    def holds(self, uid: int, identity: bytes):
        known = self.content.setdefault(uid, identity)
        if known != identity:
            raise BadResponse(f"UID {uid} was {known!r} and is {identity!r}")

    def settle_copies(self):
        """A copy is what its original was, its \\Deleted included. Copies of copies come in later rounds."""
        before = None
        while before != (before := (len(self.marked), len(self.content))):
            for source, old, new in self.copies:
                if old in source.content:
                    self.holds(new, source.content[old])
                if old in source.marked:
                    self.marked.add(new)


class Mailbox:
    """Sequence numbers are places in `messages`."""

    def __init__(self, truth: Truth):
        self.truth = truth
        self.messages: list[Message] = []
        self.gone: set[int] = set()
        self.counted = False   # the first EXISTS after SELECT has come

    def __len__(self):
        return len(self.messages)

    def exists(self, number: int):
        if number < len(self.messages):
            raise BadResponse(f"EXISTS {number} after {len(self.messages)}: only EXPUNGE may shrink a mailbox")
        self.counted = True
        self.messages.extend(Message() for _ in range(number - len(self.messages)))

    def at(self, number: int) -> Message:
        if not 1 <= number <= len(self.messages):
            raise BadResponse(f"message {number} of {len(self.messages)}")
        return self.messages[number - 1]

    def expunge(self, number: int):
        message = self.at(number)
        if message.uid is not None:
            self.truth.expunged.add(message.uid)
            self.gone.add(message.uid)
        del self.messages[number - 1]

    def vanished(self, uids: list[int], earlier: bool):
        """RFC 7162: UIDs in place of numbers. Only VANISHED (EARLIER) may name what this client does not know."""
        for uid in uids:
            numbers = [n for n, message in enumerate(self.messages, 1) if message.uid == uid]
            if not numbers and not earlier:
                raise BadResponse(f"VANISHED names UID {uid}, which is not here")
            for number in numbers:
                self.expunge(number)

    def learn_uid(self, number: int, uid: int):
        message = self.at(number)
        if message.uid not in (None, uid):
            raise BadResponse(f"message {number} was UID {message.uid} and is {uid}")
        if uid in self.gone:
            raise BadResponse(f"UID {uid} was expunged and is back as message {number}")
        message.uid = uid
        before = next((m.uid for m in reversed(self.messages[: number - 1][-50:]) if m.uid is not None), 0)
        after = next((m.uid for m in self.messages[number : number + 50] if m.uid is not None), uid + 1)
        if before >= uid or after <= uid:
            raise BadResponse(f"UIDs do not ascend at message {number}: {before}, {uid}, {after}")

    def fetch(self, number: int, items: dict):
        message = self.at(number)
        if "UID" in items:
            self.learn_uid(number, int(items["UID"]))
        if "FLAGS" in items:
            message.flags = flags_of(items["FLAGS"])
        for name, value in items.items():
            if name.startswith("BODY[") and message.uid is not None:
                if value is None:
                    self.truth.missed.add(message.uid)
                elif "HEADER.FIELDS" in name:
                    self.truth.holds(message.uid, identity_of(bytes(value)))

    def apply(self, response: Response):
        """One untagged response that is about messages."""
        if response.name == "EXISTS":
            self.exists(response.number)
        elif response.name == "EXPUNGE":
            self.expunge(response.number)
        elif response.name == "FETCH":
            self.fetch(response.number, response.values[0])
        elif response.name == "VANISHED":
            earlier = isinstance(response.values[0], list)
            self.vanished(sequence(response.values[-1]), earlier)
        elif response.name == "RECENT" and self.counted and response.number > len(self):
            raise BadResponse(f"{response.number} RECENT of {len(self)}")

    def unknown(self) -> list[int]:
        return [n for n, message in enumerate(self.messages, 1) if message.uid is None or message.flags is None]

    def snapshot(self) -> list[tuple]:
        return [(message.uid, message.flags) for message in self.messages]


def identity_of(header: bytes) -> bytes:
    """The X-Id line of a header."""
    for line in header.split(b"\r\n"):
        name, colon, value = line.partition(b":")
        if colon and name.lower() == b"x-id":
            return value.strip()
    raise BadResponse(f"no X-Id in {header[:200]!r}")
