# SPDX-License-Identifier: Apache-2.0
"""What a client does next, chosen by chance from what it knows. Each operation only begins a command."""

import random

from model import identity_of
from session import Session, ranges
from wire import BadResponse

FLAGS = ["\\Seen", "\\Answered", "\\Flagged", "\\Deleted", "\\Draft"]
KEYWORDS = ["$Forwarded", "$MDNSent", "Todo", "later", "NonJunk", "x-10"]
TARGET_SIZE = 150


def message(identity: str, rng: random.Random) -> bytes:
    body = "".join(f"line {n} {'.' * rng.randrange(60)}\r\n" for n in range(rng.randrange(12)))
    return (f"From: a@example.org\r\nSubject: message {identity}\r\nX-Id: {identity}\r\n"
            f"Date: Mon, 1 Jan 2024 10:00:00 +0000\r\nMessage-ID: <{identity}@example.org>\r\n\r\n{body}").encode()


class Operator:
    """One client's choices. `sent` keeps the octets of every message by its X-Id, for all clients."""

    def __init__(self, session: Session, rng: random.Random, sent: dict[bytes, bytes], second: str):
        self.session, self.rng, self.sent, self.second = session, rng, sent, second
        self.appended = 0
        self.counts: dict[str, int] = {}
        self.idle = False

    def box(self):
        return self.session.mailbox

    def truth(self):
        return self.session.truths[self.session.selected]

    # ---- choices

    def next(self):
        size = len(self.box())
        grow = 20 if size < TARGET_SIZE else 5
        shrink = 3 if size < TARGET_SIZE else 10
        table = [(grow, self.append), (24, self.store), (20, self.fetch), (10, self.noop), (8, self.search),
                 (shrink, self.expunge), (shrink, self.uid_expunge), (4, self.copy), (3, self.move), (5, self.idling),
                 (3, self.check), (2, self.status), (1, self.reselect)]
        if size == 0:
            table = [(1, self.append), (1, self.noop), (1, self.idling)]
        operation = self.rng.choices([row[1] for row in table], [row[0] for row in table])[0]
        self.counts[operation.__name__] = self.counts.get(operation.__name__, 0) + 1
        operation()

    def some(self, most: int = 12) -> list[int]:
        """Numbers of messages: one, a range, scattered ones."""
        size, kind = len(self.box()), self.rng.random()
        if kind < 0.45:
            return [self.rng.randint(1, size)]
        if kind < 0.8:
            first = self.rng.randint(1, size)
            return list(range(first, min(size, first + self.rng.randrange(most)) + 1))
        return sorted(self.rng.sample(range(1, size + 1), min(size, self.rng.randint(1, most))))

    def chosen(self, most: int = 12, by_uid: bool | None = None, asterisk: bool = False):
        """(UID or not, the set as text, the numbers). By UID only messages whose UID is known. An asterisk may mean a
        message that was announced while the command was on its way: only where it does no harm."""
        numbers = self.some(most)
        known = [n for n in numbers if self.box().messages[n - 1].uid is not None]
        uid = bool(known) and (self.rng.random() < 0.5 if by_uid is None else by_uid)
        if uid:
            return True, ranges(self.box().messages[n - 1].uid for n in known), known
        text = ranges(numbers)
        if asterisk and numbers[-1] == len(self.box()) and self.rng.random() < 0.5:
            text = "*" if len(numbers) == 1 else f"{ranges(numbers[:-1])},*"
        return False, text, numbers

    def uids(self, numbers: list[int]) -> set[int]:
        return {self.box().messages[n - 1].uid for n in numbers} - {None}

    def known(self, numbers: list[int]) -> bool:
        return all(self.box().messages[n - 1].uid is not None for n in numbers)

    def begin(self, verb: str, arguments: str = "", on_done=None):
        self.session.begin(verb, arguments.encode(), on_done)

    # ---- operations

    def append(self):
        self.appended += 1
        identity = f"{self.session.name}-{self.appended}"
        octets = message(identity, self.rng)
        self.sent[identity.encode()] = octets
        flags = self.rng.sample([f for f in FLAGS if f != "\\Deleted"] + KEYWORDS, self.rng.randrange(3))
        words = "(" + " ".join(flags) + ") " if flags else ""
        plus = "LITERAL+" in self.session.capabilities and self.rng.random() < 0.5
        target = self.session.selected if self.rng.random() < 0.9 else self.second
        truth = self.session.truths[target]

        def done(tagged, _):
            if tagged.name != "OK":
                raise BadResponse(f"APPEND: {tagged.raw!r}")
            if tagged.code != "APPENDUID":
                raise BadResponse(f"APPEND without APPENDUID: {tagged.raw!r}")
            uid = int(tagged.code_text.split(b" ")[1])
            truth.holds(uid, identity.encode())

        self.begin("APPEND", f"{target} {words}{{{len(octets)}{'+' if plus else ''}}}", done)
        if not plus:
            self.session.await_plus()
        self.session.send(octets + b"\r\n")

    def store(self):
        by_uid, text, numbers = self.chosen()
        mode = self.rng.choice(["+", "+", "-", "-", ""])
        flags = self.rng.sample(FLAGS + KEYWORDS, self.rng.randint(0 if mode == "" else 1, 3))
        silent = self.rng.random() < 0.4
        if "\\Deleted" in flags and mode != "-":
            if not self.known(numbers):
                flags = ["\\Seen"]
            self.truth().marked |= self.uids(numbers)
        targets = [self.box().messages[n - 1] for n in numbers]
        lowered = frozenset(flag.lower() for flag in flags)

        def done(tagged, untagged):
            told = {id(self.heard[r.number - 1]) for r in untagged
                    if r.name == "FETCH" and "FLAGS" in r.values[0] and r.number <= len(self.heard)}
            if not silent:
                return
            for target in targets:
                if tagged.name != "OK":
                    target.flags = None
                elif id(target) not in told and target.flags is not None:
                    target.flags = {"+": target.flags | lowered, "-": target.flags - lowered, "": lowered}[mode]

        # No EXPUNGE may renumber during STORE; during UID STORE it may, so a silent one is sent by number only.
        if silent and by_uid:
            by_uid, text = False, ranges(numbers)
        self.heard = list(self.box().messages)
        self.begin("UID STORE" if by_uid else "STORE",
                   f"{text} {mode}FLAGS{'.SILENT' if silent else ''} ({' '.join(flags)})", done)

    def fetch(self):
        unknown = self.box().unknown()
        if unknown and self.rng.random() < 0.7:
            self.begin("FETCH", ranges(unknown) + " (UID FLAGS)")
            return
        by_uid, text, _ = self.chosen(most=40, asterisk=True)
        items = self.rng.choice(["(UID FLAGS)", "FLAGS", "(UID BODY.PEEK[HEADER.FIELDS (X-ID)])", "(UID RFC822.SIZE)",
                                 "(UID FLAGS BODY[TEXT])", "(UID BODY.PEEK[])", "(FLAGS INTERNALDATE UID)", "ENVELOPE"])
        if "BODY[TEXT]" in items or "BODY.PEEK[]" in items:
            by_uid, text, _ = self.chosen(most=4)

        def done(tagged, untagged):
            for response in untagged:
                if response.name != "FETCH":
                    continue
                values = response.values[0]
                if by_uid and set(values) - {"FLAGS", "MODSEQ"} and "UID" not in values:
                    raise BadResponse(f"UID FETCH answers without a UID: {response.raw[:200]!r}")
                if values.get("BODY[]") is not None:
                    self.check_body(bytes(values["BODY[]"]), int(values["UID"]))
            if tagged.name == "NO" and tagged.code not in ("EXPUNGEISSUED", ""):
                raise BadResponse(f"FETCH: {tagged.raw!r}")

        self.begin("UID FETCH" if by_uid else "FETCH", f"{text} {items}", done)

    def check_body(self, octets: bytes, uid: int):
        identity = identity_of(octets.partition(b"\r\n\r\n")[0])
        self.truth().holds(uid, identity)
        if octets != self.sent[identity]:
            raise BadResponse(f"the octets of {identity!r} (UID {uid}) differ")

    def search(self):
        by_uid = self.rng.random() < 0.5
        _, text, _ = self.chosen(by_uid=False, asterisk=True)
        key = self.rng.choice(["ALL", "DELETED", "UNSEEN", "NOT FLAGGED", "KEYWORD Todo", "OR SEEN DRAFT", "UID 1:*",
                               f"{text} UNDELETED", "SUBJECT \"message\"", "HEADER X-ID \"1\" SMALLER 400"])

        def done(tagged, untagged):
            results = [r for r in untagged if r.name == "SEARCH"]
            if tagged.name != "OK" or len(results) != 1:
                raise BadResponse(f"SEARCH {key}: {len(results)} results, {tagged.raw!r}")
            numbers = [int(value) for value in results[0].values]
            if len(set(numbers)) != len(numbers) or 0 in numbers:
                raise BadResponse(f"SEARCH {key}: {numbers}")
            if not by_uid and numbers and max(numbers) > len(self.box()):
                raise BadResponse(f"SEARCH {key}: {max(numbers)} of {len(self.box())}")

        self.begin("UID SEARCH" if by_uid else "SEARCH", key, done)

    def expunge(self):
        self.begin("EXPUNGE", "", self.must_be_ok)

    def uid_expunge(self):
        _, text, numbers = self.chosen(most=30, by_uid=True)
        if not self.known(numbers):
            return self.noop()
        self.begin("UID EXPUNGE", text, self.must_be_ok)

    def copy(self):
        by_uid, text, _ = self.chosen(most=4)
        same = self.rng.random() < 0.5
        self.session.copy_target = self.session.selected if same else self.second
        self.begin("UID COPY" if by_uid else "COPY", f"{text} {self.session.copy_target}", self.may_miss)

    def move(self):
        by_uid, text, numbers = self.chosen(most=4)
        if not self.known(numbers):
            return self.noop()
        self.truth().moved |= self.uids(numbers)
        self.session.copy_target = self.second
        self.begin("UID MOVE" if by_uid else "MOVE", f"{text} {self.second}", self.may_miss)

    def noop(self):
        self.begin("NOOP", "", self.must_be_ok)

    def check(self):
        self.begin("CHECK", "", self.must_be_ok)

    def status(self):
        name = self.rng.choice([self.second, self.session.selected])
        self.begin("STATUS", f"{name} (MESSAGES UIDNEXT UIDVALIDITY UNSEEN)", self.must_be_ok)

    def reselect(self):
        name = self.session.selected
        done = self.session.ask(self.rng.choice(sorted({"CLOSE", "UNSELECT"} & (self.session.capabilities | {"CLOSE"}))))
        if done.name != "OK":
            raise BadResponse(f"{done.raw!r}")
        self.session.forget()
        self.session.select(name)

    def idling(self):
        self.begin("IDLE")
        self.session.await_plus()
        self.idle = True

    def may_miss(self, tagged, _):
        """A message may have been expunged by another client."""
        if tagged.name == "NO" and tagged.code not in ("EXPUNGEISSUED", "NONEXISTENT", ""):
            raise BadResponse(f"{self.session.verb}: {tagged.raw!r}")

    def must_be_ok(self, tagged, _):
        if tagged.name != "OK":
            raise BadResponse(f"{self.session.verb}: {tagged.raw!r}")

    # ---- the end of an operation

    def go_on(self):
        """Ends the command in progress; an IDLE is looked at and may go on."""
        if not self.idle:
            self.session.finish()
            return
        for response in self.session.connection.arrived():
            self.session.take(response)
        if self.rng.random() < 0.3:
            self.end_idle()

    def end_idle(self):
        self.session.send(b"DONE\r\n")
        self.idle = False
        if self.session.finish().name != "OK":
            raise BadResponse("IDLE did not end with OK")
