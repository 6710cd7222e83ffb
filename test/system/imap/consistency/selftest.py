# SPDX-License-Identifier: Apache-2.0
"""The judge judged: what a wrong server would say must not pass."""

import collections
import unittest

from model import Mailbox, Truth
from session import Session, ranges
from wire import BadResponse, parse, sequence


def session(verb: str, size: int = 3) -> Session:
    """A session in the middle of `verb`, with messages of UIDs 1 to `size`; nothing is connected."""
    made = Session.__new__(Session)
    made.trace, made.untagged, made.verb, made.tag = collections.deque(), [], verb, "t1" if verb else ""
    made.truths = {"A": Truth()}
    made.selected, made.copy_target = "A", "A"
    made.mailbox = Mailbox(made.truths["A"])
    for octets in [f"* {size} EXISTS\r\n"] + [f"* {n} FETCH (UID {n} FLAGS (\\Seen))\r\n" for n in range(1, size + 1)]:
        made.mailbox.apply(parse(octets.encode()))
    return made


class Rules(unittest.TestCase):
    def refuse(self, verb: str, *octets: bytes):
        judge = session(verb)
        for each in octets[:-1]:
            judge.take(parse(each))
        with self.assertRaises(BadResponse):
            judge.take(parse(octets[-1]))

    def test_timing_of_expunge(self):
        for verb in ("", "FETCH", "STORE", "SEARCH"):
            self.refuse(verb, b"* 1 EXPUNGE\r\n")
            self.refuse(verb, b"* VANISHED 1\r\n")
        for verb in ("NOOP", "UID FETCH", "UID STORE", "IDLE", "EXPUNGE", "COPY"):
            judge = session(verb)
            judge.take(parse(b"* 1 EXPUNGE\r\n"))
            self.assertEqual([m.uid for m in judge.mailbox.messages], [2, 3])

    def test_numbers(self):
        self.refuse("NOOP", b"* 2 EXISTS\r\n")
        self.refuse("NOOP", b"* 4 EXPUNGE\r\n")
        self.refuse("NOOP", b"* 0 EXPUNGE\r\n")
        self.refuse("NOOP", b"* 4 FETCH (FLAGS ())\r\n")
        self.refuse("NOOP", b"* 4 RECENT\r\n")
        self.refuse("NOOP", b"* VANISHED 9\r\n")

    def test_uids(self):
        self.refuse("NOOP", b"* 1 FETCH (UID 2)\r\n")
        self.refuse("NOOP", b"* 4 EXISTS\r\n", b"* 4 FETCH (UID 2)\r\n")
        self.refuse("NOOP", b"* 3 EXPUNGE\r\n", b"* 3 EXISTS\r\n", b"* 3 FETCH (UID 3)\r\n")

    def test_contents(self):
        truth = Truth()
        truth.holds(1, b"one")
        with self.assertRaises(BadResponse):
            truth.holds(1, b"two")

    def test_copies_inherit_marks(self):
        one, two = Truth(), Truth()
        one.holds(1, b"x")
        one.marked.add(1)
        two.copies = [(two, 5, 6), (one, 1, 5)]
        two.settle_copies()
        self.assertEqual(two.content, {5: b"x", 6: b"x"})
        self.assertEqual(two.marked, {5, 6})

    def test_strange_tags_and_byes(self):
        self.refuse("NOOP", b"zz OK done\r\n")
        self.refuse("NOOP", b"* BYE I go\r\n")


class Grammar(unittest.TestCase):
    def test_good(self):
        got = parse(b'* 2 FETCH (FLAGS (\\Seen $x) BODY[HEADER.FIELDS (X-ID)] {4}\r\na)\r\n UID 7)\r\n')
        self.assertEqual(got.values[0]["BODY[HEADER.FIELDS (X-ID)]"], bytearray(b"a)\r\n"))
        self.assertEqual(got.values[0]["UID"], b"7")
        got = parse(b"a1 OK [COPYUID 1 2:3 4,6] done\r\n")
        self.assertEqual((got.code, got.code_text), ("COPYUID", b"1 2:3 4,6"))
        self.assertEqual(sequence(b"2:3,7,9:8"), [2, 3, 7, 9, 8])
        self.assertEqual(ranges([3, 1, 2, 9]), "1:3,9")
        self.assertEqual(parse(b'* LIST (\\Noselect) "/" "a \\"b"\r\n').values[2], bytearray(b'a "b'))
        self.assertIsNone(parse(b"* 1 FETCH (BODY[] NIL)\r\n").values[0]["BODY[]"])

    def test_bad(self):
        for octets in (b"* 1 FETCH ()\r\n", b"* 1 FETCH (UID 1  FLAGS ())\r\n", b"* 1 FETCH (UID 1 UID 1)\r\n", b"* 1 EXISTS \r\n",
                       b"a1 OK\r\n", b"a1 OK \r\n", b"a1 OK done \xc3\xa4\r\n", b"* NONSENSE\r\n", b"* SEARCH  1\r\n",
                       b"* 1 FETCH (FLAGS (\\Seen)\r\n", b'* LIST () "/" "a\r\n', b"* FLAGS (a b )\r\n"):
            with self.assertRaises(BadResponse, msg=octets):
                parse(octets)


if __name__ == "__main__":
    unittest.main(verbosity=2)
