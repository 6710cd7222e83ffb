# SPDX-License-Identifier: Apache-2.0
"""The IMAP half of the runner against a server that says what the test wants: it must see what is wrong."""

import socket
import sys
import tempfile
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from runner import connection, imap, imap_match  # noqa: E402
from runner.connection import Connection  # noqa: E402
from runner.imap_model import Broken, Model  # noqa: E402
from runner.imap_wire import BadGrammar, parse  # noqa: E402
from runner.transcript import load  # noqa: E402


def agree(wanted: str, got: str, bound: dict | None = None):
    pattern, response = parse(wanted.encode(), pattern=True), parse(got.encode())
    return imap_match.response(pattern, response, bound or {})


class Matching(unittest.TestCase):
    def same(self, wanted: str, got: str, bound: dict | None = None) -> dict:
        after = agree(wanted, got, bound)
        self.assertIsNotNone(after, f"{wanted} / {got}")
        return after or {}

    def differ(self, wanted: str, got: str, bound: dict | None = None) -> None:
        self.assertIsNone(agree(wanted, got, bound), f"{wanted} / {got}")

    def test_bound_names_stand_inside_of_strings(self):
        self.same('* LIST () "/" "Shared/$user/x y"', '* LIST () "/" "Shared/anna/x y"', {"user": "anna"})
        self.differ('* LIST () "/" "Shared/$user/x y"', '* LIST () "/" "Shared/bob/x y"', {"user": "anna"})
        self.same('* LIST () "/" "a $Work b"', '* LIST () "/" "a $Work b"')

    def test_fetch_items_have_no_order(self):
        self.same(r"* 1 FETCH (UID 5 FLAGS (\Seen))", r"* 1 FETCH (FLAGS (\seen \Recent) UID 5)")
        self.differ(r"* 1 FETCH (UID 5)", r"* 1 FETCH (UID 6)")
        self.differ(r"* 1 FETCH (UID 5)", r"* 2 FETCH (UID 5)")
        self.differ(r"* 1 FETCH (FLAGS ())", r"* 1 FETCH (FLAGS (\Seen))")
        self.differ(r"* 1 FETCH (FLAGS (\Seen))", r"* 1 FETCH (FLAGS ())")

    def test_what_a_fetch_may_add(self):
        self.same("* 1 FETCH (RFC822.SIZE 3)", r"* 1 FETCH (RFC822.SIZE 3 UID 1 FLAGS (\Seen) MODSEQ (4))")
        self.differ("* 1 FETCH (RFC822.SIZE 3)", '* 1 FETCH (RFC822.SIZE 3 BODY[] "abc")')

    def test_sections_and_literals(self):
        self.same('* 1 FETCH (BODY[HEADER.FIELDS (To)] {3}\r\nabc)', '* 1 FETCH (body[header.fields ("TO")] "abc")')
        self.differ('* 1 FETCH (BODY[]<0> "abc")', '* 1 FETCH (BODY[] "abc")')
        self.differ('* 1 FETCH (BODY[] "abc")', '* 1 FETCH (BODY[] "abC")')

    def test_strings_and_nil(self):
        self.differ('* 1 FETCH (BODY[] "NIL")', "* 1 FETCH (BODY[] NIL)")
        self.differ("* 1 FETCH (BODY[] NIL)", '* 1 FETCH (BODY[] "NIL")')
        self.same("* 1 FETCH (BODY[] $nothing)", "* 1 FETCH (BODY[] NIL)")
        self.same("* 1 FETCH (BODY[] $nothing)", '* 1 FETCH (BODY[] "")')
        self.differ("* 1 FETCH (BODY[] $nothing)", '* 1 FETCH (BODY[] "x")')
        self.same('* 1 FETCH (BODY (~"TEXT" NIL))', '* 1 FETCH (BODY ("text" NIL))')

    def test_names(self):
        self.same('* LIST () "/" INBOX', '* LIST () "/" "inbox"')
        self.same('* LIST ($*) "/" Work', r'* LIST (\HasNoChildren) "/" "Work"')
        self.differ('* LIST ($*) "/" Work', '* LIST () "/" work')
        self.differ(r'* LIST (\Noselect $*) "/" Work', '* LIST () "/" Work')
        self.same("* STATUS A (MESSAGES 1 UNSEEN 0)", "* STATUS A (UNSEEN 0 MESSAGES 1)")
        self.differ("* STATUS A (MESSAGES 1)", "* STATUS A (UNSEEN 0 MESSAGES 1)")

    def test_sets(self):
        self.same("* SEARCH 1 2 3", "* SEARCH 3 1 2")
        self.differ("* SEARCH 1 2", "* SEARCH 1 2 3")
        self.differ("* SEARCH 1 2 3", "* SEARCH 1 3")
        self.same('* ESEARCH (TAG "a1") UID ALL 1:3 COUNT 3', '* ESEARCH (TAG "a1") UID COUNT 3 ALL 1,2:3')
        self.differ('* ESEARCH (TAG "a1") UID ALL 1:3', '* ESEARCH (TAG "a1") ALL 1:3')
        self.differ('* ESEARCH (TAG "a1") ALL 1:3', '* ESEARCH (TAG "a2") ALL 1:3')

    def test_binding(self):
        bound = self.same("* 1 FETCH (UID $uid)", "* 1 FETCH (UID 7)")
        self.assertEqual(bound["uid"], "7")
        self.differ("* 2 FETCH (UID $uid)", "* 2 FETCH (UID 8)", bound)
        self.same("OK [COPYUID 1 $a $b]", "x OK [COPYUID 1 3:4 9:10] done", {"a": "3,4"})

    def test_codes(self):
        self.same("NO [?NONEXISTENT]", "x NO no such")
        self.same("NO [?NONEXISTENT]", "x NO [NONEXISTENT] no such")
        self.differ("NO [?NONEXISTENT]", "x NO [CANNOT] no such")
        self.differ("NO [TRYCREATE]", "x NO no such")
        self.same("NO|BAD", "x BAD what")
        self.differ("OK", "x BAD what")


class Grammar(unittest.TestCase):
    def test_bad_ones(self):
        for octets in (b"* 1 FETCH (FLAGS () )", b"* 1 FETCH (FLAGS ()", b"* SEARCH ", b"* OK", b"x FETCH 1", b"*",
                       b'* LIST () "/" "a\xc3"', b'* LIST () "/" "\\x"', b"* OK \xc3\xa9", b"* 1 FETCH  (FLAGS ())"):
            with self.assertRaises(BadGrammar, msg=octets):
                parse(octets)

    def test_good_ones(self):
        for octets in (b"* SEARCH", b"+ ", b"+ idling", b"* OK [X-ODD any [thing] x", b"* 1 EXPUNGE",
                       b'* 1 FETCH (BODY (("a" "b")("c" "d") "mixed"))', b"* ENABLED", b"* BYE [ALERT] gone"):
            parse(octets)


class Models(unittest.TestCase):
    @staticmethod
    def told(*lines: tuple[str, str]) -> Model:
        model = Model()
        model.see(parse(b"* 3 EXISTS"), "SELECT")
        for line, command in lines:
            model.see(parse(line.encode()), command)
        return model

    def test_expunge_only_where_it_may(self):
        for command in ("FETCH", "STORE", "SEARCH", ""):
            with self.assertRaises(Broken):
                self.told(("* 1 EXPUNGE", command))
        for command in ("NOOP", "UID FETCH", "IDLE"):
            self.assertEqual(self.told(("* 1 EXPUNGE", command)).exists, 2)

    def test_numbers(self):
        for lines in ([("* 4 FETCH (UID 1)", "FETCH")], [("* 4 EXPUNGE", "NOOP")], [("* 2 EXISTS", "NOOP")],
                      [("* 1 FETCH (UID 5)", "FETCH"), ("* 1 FETCH (UID 6)", "FETCH")],
                      [("* 1 FETCH (UID 5)", "FETCH"), ("* 2 FETCH (UID 5)", "FETCH")]):
            with self.assertRaises(Broken, msg=str(lines)):
                self.told(*lines)
        moved = self.told(("* 2 FETCH (UID 5)", "FETCH"), ("* 1 EXPUNGE", "NOOP"))
        moved.see(parse(b"* 1 FETCH (UID 5)"), "FETCH")


class Saying(unittest.TestCase):
    """One connection to a server that answers each line that it reads with the next of its words."""

    def play(self, script: str, *says: str) -> None:
        listener = socket.create_server(("127.0.0.1", 0))
        thread = threading.Thread(target=self._serve, args=(listener, says), daemon=True)
        thread.start()
        connection.TIMEOUT = 2.0
        client = Connection("127.0.0.1", listener.getsockname()[1], None, False, False)
        self.addCleanup(client.close)
        talk = imap.Talk(client, {})
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "it.imt"
            path.write_text(script)
            steps = load(path, Path(folder)).steps
        group: list = []
        for step in [*steps, None]:
            if step is not None and step.kind.startswith("S"):
                group.append(step)
                continue
            if group:
                talk.expect(group)
            group = []
            if step is not None:
                talk.send(step)
        talk.finish()
        thread.join()

    @staticmethod
    def _serve(listener: socket.socket, says: tuple[str, ...]) -> None:
        peer, _ = listener.accept()
        with peer, peer.makefile("rb") as lines:
            for words in says:
                if not lines.readline():
                    break
                peer.sendall(words.replace("\n", "\r\n").encode())
        listener.close()

    def fails(self, script: str, *says: str) -> None:
        with self.assertRaises(imap.Mismatch):
            self.play(script, *says)

    def test_any_order_and_what_may_come(self):
        script = "C: LIST\nS: * LIST () NIL a\nS: * LIST () NIL b\nS: OK\n"
        self.play(script, "* LIST () NIL b\n* OK hm\n* LIST () NIL a\na1 OK x\n")
        self.fails(script, "* LIST () NIL b\na1 OK x\n")
        self.fails(script, "* LIST () NIL b\n* LIST () NIL a\n* LIST () NIL c\na1 OK x\n")
        self.fails(script, "* LIST () NIL b\n* LIST () NIL a\na1 NO x\n")
        self.fails(script, "* LIST () NIL b\n* LIST () NIL a\na2 OK x\n")

    def test_order_where_asked(self):
        script = "C: X\nS+: * LIST () NIL a\nS+: * STATUS a ()\nS: OK\n"
        self.play(script, "* LIST () NIL a\n* STATUS a ()\na1 OK x\n")
        self.fails(script, "* STATUS a ()\n* LIST () NIL a\na1 OK x\n")

    def test_must_not_come(self):
        script = "C: SELECT a\nS: OK\nC: NOOP\nS?: * 2 FETCH ($*)\nS!: * 1 FETCH\nS: OK\n"
        self.play(script, "* 2 EXISTS\na1 OK x\n", "* 2 FETCH (FLAGS ())\na2 OK x\n")
        self.fails(script, "* 2 EXISTS\na1 OK x\n", "* 1 FETCH (FLAGS ())\na2 OK x\n")

    def test_literals_wait(self):
        script = "C: LOGIN {{ab}} {{+c}}\nS: OK\n"
        self.play(script, "+ \n", "", "a1 OK x\n")
        self.play("C: LOGIN {{ab}}\nS: NO\n", "a1 NO no\n")
        self.fails(script, "a1 NO no\n")

    def test_silence_end_and_surplus(self):
        self.fails("C: NOOP\nS: OK\n", "")
        self.fails("C: NOOP\nS: OK\n", "* BYE x\n")
        self.fails("C: NOOP\nS: OK\n", "a1 OK x\n* 1 EXPUNGE\n")
        self.fails("C: NOOP\nS: OK\n", "* 1 EXISTS\na1 OK x\n")

    def test_idle(self):
        script = "C: SELECT a\nS: OK\nC: IDLE\nS: +\nS: * 1 EXISTS\nC+: DONE\nS: OK\n"
        self.play(script, "* 0 EXISTS\na1 OK x\n", "+ idling\n* 1 EXISTS\n", "a2 OK x\n")
        self.fails(script, "* 0 EXISTS\na1 OK x\n", "+ idling\n* 2 EXISTS\n", "a2 OK x\n")


if __name__ == "__main__":
    unittest.main()
