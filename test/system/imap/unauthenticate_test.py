# SPDX-License-Identifier: Apache-2.0
"""A proxy user's connection serves one user after the other (RFC 8437, PROXYAUTH): nothing of the last one is left, the
log and the limits know whom it acts for (ID), and others cannot make use of any of it."""

import base64
import os
import re
import select
import socket
import ssl
import subprocess
import sys
import time
import unittest
from pathlib import Path

SOURCE = Path(os.environ.get("POSTHORN_SOURCE", Path(__file__).resolve().parents[3]))
BINARIES = Path(os.environ.get("POSTHORN_BIN", SOURCE / "build" / "release" / "bin"))
sys.path.insert(0, str(SOURCE / "test" / "support"))

from instance import Instance  # noqa: E402  (found by the line above)

PASSWORD, PROXY_PASSWORD = "a secret", "proxy-secret"
USERS = ["anna", "bert", "cora", "dora"]
FRESH = ["emil", "frida"]  # nobody else opens their mailboxes
MESSAGE = b"Subject: for %s\r\n\r\n" + b"x" * 3000 + b"\r\n"
SWITCHES = 200


class Line:
    """One connection; each answer is the list of its untagged lines and the tagged one."""

    def __init__(self, port: int):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.file = self.socket.makefile("rb")
        self.count = 0
        assert self.read().startswith("* OK")

    def close(self):
        self.file.close()
        self.socket.close()

    def read(self) -> str:
        line = self.file.readline()
        if not line:
            raise EOFError
        return line.decode().rstrip("\r\n")

    def send(self, text: str) -> str:
        self.count += 1
        self.socket.sendall(f"t{self.count} {text}\r\n".encode())
        return f"t{self.count}"

    def answer(self, tag: str) -> list[str]:
        lines = []
        while True:
            line = self.read()
            if line.startswith(tag + " "):
                return [*lines, line[len(tag) + 1:]]
            lines.append(line)

    def ask(self, text: str) -> list[str]:
        return self.answer(self.send(text))

    def proxy(self, user: str, password: str = PROXY_PASSWORD) -> str:
        text = base64.b64encode(f"{user}\0webproxy\0{password}".encode()).decode()
        return f"AUTHENTICATE PLAIN {text}"

    def silent(self, seconds: float) -> bool:
        return not select.select([self.socket], [], [], seconds)[0]


class Unauthenticate(unittest.TestCase):
    OPTIONS = {"auth.failuredelay": "0", "store.admins": "chief", "base.proxyadmin": "webproxy",
               "base.proxyadminpass": PROXY_PASSWORD, "store.defaultmessagequota": "10", "store.quotawarn": "10",
               "imap.numprocesses": "1", "imap.maxbadcommands": "100", "imap.connlimits": "198.51.100.0|255.255.255.0:1"}

    @classmethod
    def setUpClass(cls):
        cls.instance = Instance(BINARIES, dict(cls.OPTIONS), services=["imap"])
        cls.addClassCleanup(cls.instance.stop)
        cls.instance.add_users([(user, PASSWORD) for user in [*USERS, *FRESH, "chief", "idle"]] + [("webproxy", PROXY_PASSWORD)])
        cls.instance.run("msuser", "set", "idle", "status=inactive")
        for user in [*USERS, *FRESH]:
            cls.instance.deliver(user, MESSAGE % user.encode())
        cls.instance.start()

    def line(self) -> Line:
        line = Line(self.instance.port("imap", False))
        self.addCleanup(line.close)
        return line

    def ok(self, answer: list[str]) -> list[str]:
        self.assertTrue(answer[-1].startswith("OK"), answer)
        return answer

    def refused(self, answer: list[str], how: str):
        self.assertTrue(answer[-1].startswith(how), answer)

    def logged(self, *words: str) -> str:
        """The log's line with all of these; it may be a moment late."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            for line in self.instance.log().splitlines():
                if all(word in line for word in words):
                    return line
            time.sleep(0.05)
        self.fail(f"no line with {words} in\n{self.instance.log()}")

    def test_nothing_of_one_user_is_left_for_the_next(self):
        line = self.line()
        self.ok(line.ask(line.proxy("emil")))
        enabled = self.ok(line.ask("ENABLE CONDSTORE QRESYNC UTF8=ACCEPT METADATA"))
        self.assertIn("CONDSTORE", enabled[0])
        opened = self.ok(line.ask("SELECT INBOX"))
        self.assertTrue(any(text.startswith("* NO [ALERT]") for text in opened), opened)
        self.assertIn("* 1 RECENT", opened)
        self.ok(line.ask('SETMETADATA "" (/private/comment "of emil")'))
        self.ok(line.ask("STORE 1 +FLAGS.SILENT (\\Deleted $ofEmil)"))
        for _ in range(3):
            self.refused(line.ask("NONSENSE"), "BAD")
        left = self.ok(line.ask("UNAUTHENTICATE"))
        self.assertEqual(len(left), 1, "UNAUTHENTICATE told of emil's mailbox")
        for command in ("SELECT INBOX", "FETCH 1 FLAGS", 'LIST "" *', "IDLE", 'GETMETADATA "" /private/comment',
                        "GETQUOTAROOT INBOX", "CLOSE", "ENABLE CONDSTORE", "UNAUTHENTICATE", "PROXYAUTH emil"):
            self.refused(line.ask(command), "BAD")
        self.ok(line.ask(line.proxy("frida")))
        self.refused(line.ask("FETCH 1 FLAGS"), "BAD")
        opened = self.ok(line.ask("SELECT INBOX"))
        # His own first look: the alert, which emil has had, and \Recent, which hers was.
        self.assertTrue(any(text.startswith("* NO [ALERT]") for text in opened), opened)
        self.assertIn("* 1 RECENT", opened)
        self.assertFalse(any("ofEmil" in text for text in opened), opened)
        self.assertFalse(any("CLOSED" in text for text in opened), opened)
        self.assertIn('* METADATA "" (/private/comment NIL)', self.ok(line.ask('GETMETADATA "" /private/comment')))
        # CONDSTORE is off: a changed flag comes without MODSEQ.
        other = self.line()
        self.ok(other.ask(f"LOGIN frida \"{PASSWORD}\""))
        self.ok(other.ask("SELECT INBOX"))
        self.ok(other.ask("STORE 1 +FLAGS.SILENT (\\Flagged)"))
        told = self.ok(line.ask("NOOP"))
        self.assertEqual([text for text in told if "FETCH" in text], ["* 1 FETCH (FLAGS (\\Flagged \\Recent))"])
        # Emil's message has been seen as recent, and is there.
        self.ok(line.ask("UNAUTHENTICATE"))
        self.ok(line.ask(line.proxy("emil")))
        opened = self.ok(line.ask("SELECT INBOX"))
        self.assertIn("* 1 EXISTS", opened)
        self.assertIn("* 0 RECENT", opened)
        self.ok(line.ask("STORE 1 -FLAGS.SILENT (\\Deleted $ofEmil)"))
        self.ok(line.ask('SETMETADATA "" (/private/comment NIL)'))
        self.ok(line.ask("CLOSE"))

    def test_idle_hears_of_the_present_user_alone(self):
        line = self.line()
        self.ok(line.ask(line.proxy("cora")))
        self.ok(line.ask("SELECT INBOX"))
        tag = line.send("IDLE")
        self.assertEqual(line.read(), "+ idling")
        line.socket.sendall(b"DONE\r\n")
        self.ok(line.answer(tag))
        self.ok(line.ask("UNAUTHENTICATE"))
        self.ok(line.ask(line.proxy("dora")))
        before = int(next(text.split()[1] for text in self.ok(line.ask("SELECT INBOX")) if text.endswith("EXISTS")))
        tag = line.send("IDLE")
        self.assertEqual(line.read(), "+ idling")
        self.instance.deliver("cora", MESSAGE % b"cora again")
        self.assertTrue(line.silent(1.0), "dora's session was told of cora's mail")
        self.instance.deliver("dora", MESSAGE % b"dora again")
        self.assertEqual(line.read(), f"* {before + 1} EXISTS")
        line.socket.sendall(b"DONE\r\n")
        self.ok(line.answer(tag))
        # Back again, and not idling: nothing comes of itself.
        self.ok(line.ask("UNAUTHENTICATE"))
        self.instance.deliver("dora", MESSAGE % b"dora once more")
        self.assertTrue(line.silent(0.5))

    def test_two_hundred_switches_on_one_connection(self):
        line = self.line()
        self.ok(line.ask(line.proxy(USERS[0])))
        began = time.monotonic()
        for number in range(SWITCHES):
            user = USERS[number % len(USERS)]
            out, back = line.send("UNAUTHENTICATE"), line.send(line.proxy(user))  # in one go, as RFC 8437 3 allows
            select_tag, fetch = line.send("SELECT INBOX"), line.send("FETCH 1 (BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
            for tag in (out, back, select_tag):
                self.ok(line.answer(tag))
            self.assertIn(f"Subject: for {user}", self.ok(line.answer(fetch)))
        print(f"{SWITCHES} switches in {time.monotonic() - began:.2f} s", file=sys.stderr)
        # Of all these logins one is left.
        ended = len(re.findall(r"event=logout .*reason=unauthenticate", self.instance.log()))
        self.assertGreaterEqual(ended, SWITCHES)

    def test_who_may_not(self):
        line = self.line()
        self.ok(line.ask(f'LOGIN anna "{PASSWORD}"'))
        self.assertNotIn("UNAUTHENTICATE", line.ask("CAPABILITY")[0])
        self.refused(line.ask("UNAUTHENTICATE"), "BAD")
        self.refused(line.ask("PROXYAUTH bert"), "NO [AUTHORIZATIONFAILED]")
        self.refused(line.ask("PROXYAUTH nobody-at-all"), "NO [AUTHORIZATIONFAILED]")
        self.ok(line.ask("SELECT INBOX"))
        self.logged("event=proxyauth-denied", "user=anna", "target=bert")

    def test_proxyauth(self):
        line = self.line()
        self.ok(line.ask(f'LOGIN chief "{PASSWORD}"'))
        self.assertIn(" UNAUTHENTICATE", line.ask("CAPABILITY")[0])
        self.refused(line.ask("PROXYAUTH idle"), "NO [AUTHORIZATIONFAILED] Login is not permitted")
        self.refused(line.ask("PROXYAUTH nobody-at-all"), "NO [AUTHORIZATIONFAILED] Login is not permitted")
        self.logged("event=login-failed", "user=chief", "reason=inactive", "mech=PROXYAUTH")
        for user in ("cora", "dora"):
            self.ok(line.ask(f"PROXYAUTH {user}"))
            self.ok(line.ask("SELECT INBOX"))
            self.assertIn(f"Subject: for {user}", line.ask("FETCH 1 BODY.PEEK[HEADER.FIELDS (SUBJECT)]"))
            self.logged("event=login ", f"user={user}", "how=\"PROXYAUTH clear\"", "by=chief")
            self.logged("event=proxy-login", f"user={user}", "by=chief")
        self.logged("event=logout", "user=cora", "by=chief", "reason=proxyauth")

    def test_the_address_that_a_proxy_user_names(self):
        line = self.line()
        self.ok(line.ask('ID ("name" "web" "x-originating-ip" "203.0.113.9" "x-originating-port" "4711")'))
        self.ok(line.ask(line.proxy("anna")))
        self.logged("event=login ", "client=203.0.113.9:4711", "user=anna", "by=webproxy", "via=127.0.0.1:")
        # Said while anna is there, it counts for the next.
        self.ok(line.ask('ID ("X-ORIGINATING-IP" "2001:db8::7")'))
        self.ok(line.ask("UNAUTHENTICATE"))
        self.logged("event=logout", "client=203.0.113.9:4711", "user=anna")
        self.ok(line.ask(line.proxy("bert")))
        # ... unless it was given up with the login.
        self.logged("event=login ", "client=127.0.0.1:", "user=bert", "by=webproxy")
        self.ok(line.ask('ID ("x-originating-ip" "2001:db8::7" "x-originating-port" "99999")'))
        self.ok(line.ask("UNAUTHENTICATE"))
        self.logged("event=logout", "client=[2001:db8::7]:0", "user=bert")
        self.ok(line.ask('ID ("x-originating-ip" "no address")'))
        self.ok(line.ask(line.proxy("cora")))
        self.logged("event=login ", "client=127.0.0.1:", "user=cora", "by=webproxy")

    def test_the_address_that_others_name_is_nothing(self):
        line = self.line()
        self.ok(line.ask('ID ("x-originating-ip" "203.0.113.66")'))
        self.refused(line.ask("LOGIN dora wrong"), "NO")
        self.refused(line.ask(line.proxy("dora", "wrong")), "NO")
        self.ok(line.ask(f'LOGIN dora "{PASSWORD}"'))
        self.ok(line.ask('ID ("x-originating-ip" "203.0.113.66")'))
        self.ok(line.ask("LOGOUT"))
        self.logged("event=login-failed", "addr=127.0.0.1", "user=dora")
        self.logged("event=close", "client=127.0.0.1:", "user=dora")
        for text in self.instance.log().splitlines():
            if "203.0.113.66" in text:
                self.assertIn("event=client-id", text)

    def test_connlimits_count_whom_it_acts_for(self):
        first, second = self.line(), self.line()
        for line in (first, second):
            self.ok(line.ask('ID ("x-originating-ip" "198.51.100.5")'))
        self.ok(first.ask(first.proxy("anna")))
        self.refused(second.ask(second.proxy("bert")), "NO [UNAVAILABLE] Too many connections")
        self.refused(second.ask("SELECT INBOX"), "BAD")
        self.ok(first.ask("UNAUTHENTICATE"))
        self.ok(second.ask('ID ("x-originating-ip" "198.51.100.5")'))
        self.ok(second.ask(second.proxy("bert")))
        self.ok(second.ask("SELECT INBOX"))
        # Without a name the connection is the proxy's own, which is not limited.
        self.ok(first.ask(first.proxy("anna")))

    def counted(self, *users: str) -> dict[str, int]:
        said = subprocess.run([BINARIES / "scoreboard_probe", str(self.instance.master_pid()), *users], check=True,
                              capture_output=True, text=True).stdout
        return {user: int(number) for user, number in (line.split() for line in said.splitlines())}

    def test_the_count_of_a_user_follows_the_user(self):
        users = ("anna", "bert", "webproxy", "chief")
        # Other tests' connections end in their own time.
        deadline = time.monotonic() + 20
        while any(self.counted(*users).values()) and time.monotonic() < deadline:
            time.sleep(0.05)
        first, second = self.line(), self.line()
        self.ok(first.ask(first.proxy("anna")))
        self.ok(second.ask(second.proxy("anna")))
        self.assertEqual(self.counted(*users), {"anna": 2, "bert": 0, "webproxy": 0, "chief": 0})
        self.ok(first.ask("UNAUTHENTICATE"))
        self.assertEqual(self.counted(*users), {"anna": 1, "bert": 0, "webproxy": 0, "chief": 0})
        self.ok(first.ask(first.proxy("bert")))
        self.assertEqual(self.counted(*users), {"anna": 1, "bert": 1, "webproxy": 0, "chief": 0})
        self.ok(second.ask("PROXYAUTH bert"))
        self.assertEqual(self.counted(*users), {"anna": 0, "bert": 2, "webproxy": 0, "chief": 0})
        self.refused(second.ask("PROXYAUTH nobody-at-all"), "NO")
        self.assertEqual(self.counted(*users), {"anna": 0, "bert": 2, "webproxy": 0, "chief": 0})
        self.ok(first.ask("UNAUTHENTICATE"))
        self.ok(first.ask(f'LOGIN chief "{PASSWORD}"'))
        self.assertEqual(self.counted(*users), {"anna": 0, "bert": 1, "webproxy": 0, "chief": 1})
        self.ok(first.ask("PROXYAUTH anna"))
        self.assertEqual(self.counted(*users), {"anna": 1, "bert": 1, "webproxy": 0, "chief": 0})
        self.ok(second.ask("LOGOUT"))
        first.close()
        while any(self.counted(*users).values()):
            self.assertLess(time.monotonic(), deadline, self.counted(*users))
            time.sleep(0.05)

    def test_over_tls_the_connection_stays_encrypted(self):
        line = self.line()
        self.ok(line.ask("STARTTLS"))
        context = ssl.create_default_context(cafile=str(self.instance.certificate))
        line.file.close()
        line.socket = context.wrap_socket(line.socket, server_hostname="localhost")
        line.file = line.socket.makefile("rb")
        for user in ("anna", "bert"):
            self.ok(line.ask(line.proxy(user)))
            self.ok(line.ask("SELECT INBOX"))
            left = self.ok(line.ask("UNAUTHENTICATE"))
            self.assertNotIn("STARTTLS", left[-1])
            self.refused(line.ask("STARTTLS"), "BAD")


class SwitchedOff(unittest.TestCase):
    """imap.capability.unauthenticate: no"""

    def test_it_is_no_command_then(self):
        instance = Instance(BINARIES, Unauthenticate.OPTIONS | {"imap.capability.unauthenticate": "no"}, services=["imap"])
        self.addCleanup(instance.stop)
        instance.add_users([("anna", PASSWORD), ("webproxy", PROXY_PASSWORD)])
        instance.start()
        line = Line(instance.port("imap", False))
        self.addCleanup(line.close)
        self.assertTrue(line.ask(line.proxy("anna"))[-1].startswith("OK"))
        self.assertNotIn("UNAUTHENTICATE", line.ask("CAPABILITY")[0])
        self.assertTrue(line.ask("UNAUTHENTICATE")[-1].startswith("BAD"))
        self.assertTrue(line.ask("SELECT INBOX")[-1].startswith("OK"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
