# SPDX-License-Identifier: Apache-2.0
"""Who comes, and from where: one record of wrong passwords for all workers of imapd, popd and mshttpd, so that who spreads
guesses gains nothing by it; reverse proxies that name their clients; and whoever comes as nobody."""

import base64
import os
import signal
import socket
import threading
import time
import unittest
import urllib.parse

from support import PASSWORD, Browser, family

GUESSER = "127.0.0.9"
PROXY = "127.0.0.5"  # the one of base.trustedproxies


class Lines:
    """A line protocol's client."""

    def __init__(self, instance, service: str, source: str):
        self.socket = socket.create_connection(("127.0.0.1", instance.port(service, False)), timeout=60,
                                               source_address=(source, 0))
        self.file = self.socket.makefile("rb")
        self.file.readline()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.socket.close()

    def send(self, line: str) -> None:
        self.socket.sendall(line.encode() + b"\r\n")

    def until(self, *begins: bytes) -> bytes:
        """The first line that begins with one of these."""
        while line := self.file.readline():
            if line.startswith(begins):
                return line
        raise AssertionError("the connection has ended")


def imap(instance, password: str, source: str = GUESSER, authzid: str = "", user: str = "anna") -> bool:
    with Lines(instance, "imap", source) as client:
        shown = base64.b64encode(f"{authzid}\0{user}\0{password}".encode()).decode()
        client.send(f"a AUTHENTICATE PLAIN {shown}")
        return client.until(b"a ").startswith(b"a OK")


def pop(instance, password: str, source: str = GUESSER, authzid: str = "", user: str = "anna") -> bool:
    with Lines(instance, "pop", source) as client:
        shown = base64.b64encode(f"{authzid}\0{user}\0{password}".encode()).decode()
        client.send(f"AUTH PLAIN {shown}")
        return client.until(b"+OK", b"-ERR").startswith(b"+OK")


FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def forwarded(client: str, scheme: str = "https") -> dict[str, str]:
    """What a reverse proxy says of a client, whose own lies stand before it."""
    return {"Host": "mail.example.com", "X-Forwarded-For": f"127.0.0.11, {client}", "X-Forwarded-Proto": scheme}


def form(instance, password: str, source: str = GUESSER, authzid: str = "", user: str = "anna") -> bool:
    body = urllib.parse.urlencode({"user": user, "password": password, "proxyauth": authzid})
    answer = Browser(instance, source=PROXY).ask("POST", "/login", body, forwarded(source) | FORM)
    return answer.status == 303


def basic(instance, password: str, source: str = GUESSER) -> bool:
    shown = base64.b64encode(f"anna:{password}".encode()).decode()
    asked = Browser(instance, source=source).ask("GET", "/.well-known/jmap", headers={"Authorization": "Basic " + shown})
    return asked.status == 200


class Timed(threading.Thread):
    """One attempt in a thread of its own."""

    def __init__(self, way, instance, password: str):
        super().__init__(name=way.__name__)
        self.work = lambda: way(instance, password)
        self.passed = None
        self.took = 0.0
        self.start()

    def run(self):
        began = time.monotonic()
        self.passed = self.work()
        self.took = time.monotonic() - began


class OneRecord(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.instance = family(["anna", "root"],
                              {"auth.failuredelay": "1s", "auth.failuredelaymax": "4s", "store.admins": "root",
                               "http.allowadminproxy": "yes", "base.trustedproxies": PROXY,
                               "http.allowanonymouslogin": "yes"}, services=("imap", "pop", "http"))

    @classmethod
    def tearDownClass(cls):
        cls.instance.stop()

    def refusals(self, address: str) -> int:
        return sum("event=login-failed" in line and f"addr={address} " in line
                   for line in self.instance.log().splitlines())

    def await_refusals(self, address: str, number: int) -> None:
        while self.refusals(address) < number:
            time.sleep(0.01)

    def finish(self, attempt: Timed, passes: bool, least: float) -> None:
        attempt.join()
        self.assertIs(attempt.passed, passes, attempt.name)
        self.assertGreater(attempt.took, least, attempt.name)

    def test_guesses_count_over_all_services_and_the_death_of_a_worker(self):
        self.finish(Timed(imap, self.instance, "one"), False, 0.95)
        self.finish(Timed(pop, self.instance, "two"), False, 1.9)  # a first one would wait for 1 s
        worker = self.instance.workers("imapd")[0]
        os.kill(worker, signal.SIGKILL)
        while worker in self.instance.workers("imapd") or not self.instance.workers("imapd"):
            time.sleep(0.02)
        guesses = [Timed(way, self.instance, f"guess by {way.__name__}") for way in (imap, form, basic)]
        self.await_refusals(GUESSER, 3)  # one of them was judged, and the others wait for its time
        # The address serves its time at every service, also with a right password; others do not.
        rightly = [Timed(way, self.instance, PASSWORD) for way in (imap, pop, form, basic)]
        self.assertTrue(imap(self.instance, PASSWORD, source="127.0.0.11"))
        self.assertEqual([attempt.name for attempt in guesses + rightly if not attempt.is_alive()], [])
        for way in (pop, form, basic):
            self.assertTrue(way(self.instance, PASSWORD, source="127.0.0.11"), way.__name__)
        for attempt in guesses:
            self.finish(attempt, False, 3.9)
        for attempt in rightly:
            self.finish(attempt, True, 1)


    def test_proxy_users_ask_for_whom_they_like_but_not_with_any_password(self):
        source = "127.0.0.12"
        for way in (imap, pop, form):
            for user in ("nobody", "nobody-else"):
                self.assertFalse(way(self.instance, PASSWORD, source=source, authzid=user, user="root"), way.__name__)
            self.assertTrue(way(self.instance, PASSWORD, source=source, authzid="anna", user="root"), way.__name__)
        began = time.monotonic()
        self.assertFalse(imap(self.instance, "wrong", source=source, authzid="anna", user="root"))
        took = time.monotonic() - began
        self.assertGreater(took, 0.95)
        self.assertLess(took, 3.5, "users who are not there are no guesses: six of them would wait for 4 s")
        began = time.monotonic()
        self.assertFalse(form(self.instance, "wrong, too", source=source, authzid="anna", user="root"))
        self.assertGreater(time.monotonic() - began, 1.9)

    def test_a_proxy_names_the_client_and_others_do_not(self):
        said = forwarded("192.0.2.7") | {"Content-Type": "application/json"}
        wish = {"user": "anna", "password": PASSWORD}
        proxied = Browser(self.instance, source=PROXY)
        answer = proxied.ask("POST", "/login", wish, said)
        self.assertIn("; Secure", answer.headers["Set-Cookie"])
        cookie = {"Cookie": answer.headers["Set-Cookie"].split(";")[0]}
        session = proxied.ask("GET", "/.well-known/jmap", headers=said | cookie).json()
        for name in ("apiUrl", "downloadUrl", "uploadUrl", "eventSourceUrl"):
            self.assertTrue(session[name].startswith("https://mail.example.com/"), session[name])
        self.assertTrue(any("event=login " in line and "client=192.0.2.7:" in line and "user=anna" in line
                            for line in self.instance.log().splitlines()))
        # The session belongs to the client's network, not to the proxy's.
        self.assertEqual(proxied.ask("GET", "/session", headers=forwarded("192.0.2.99") | cookie).status, 200)
        self.assertEqual(proxied.ask("GET", "/session", headers=forwarded("198.51.100.7") | cookie).status, 401)
        plain = proxied.ask("GET", "/.well-known/jmap", headers=forwarded("192.0.2.7", "http") | cookie).json()
        self.assertTrue(plain["apiUrl"].startswith("http://"), plain["apiUrl"])
        # A form of our page behind the proxy is ours.
        sent = proxied.ask("POST", "/login", urllib.parse.urlencode(wish), forwarded("192.0.2.7") | FORM |
                           {"Origin": "https://mail.example.com"})
        self.assertEqual(sent.status, 303)
        stranger = Browser(self.instance, source="127.0.0.11")
        answer = stranger.ask("POST", "/login", wish, forwarded("192.0.2.8") | {"Content-Type": "application/json"})
        self.assertNotIn("Secure", answer.headers["Set-Cookie"])
        cookie = {"Cookie": answer.headers["Set-Cookie"].split(";")[0]}
        session = stranger.ask("GET", "/.well-known/jmap", headers=forwarded("192.0.2.8") | cookie).json()
        self.assertTrue(session["apiUrl"].startswith("http://"), session["apiUrl"])
        self.assertNotIn("192.0.2.8", self.instance.log())

    def test_nobody_reads_what_is_shared_with_anyone(self):
        with Lines(self.instance, "imap", "127.0.0.11") as owner:
            for number, line in enumerate((f'LOGIN anna "{PASSWORD}"', "CREATE Archive", "CREATE Domain", "CREATE Own",
                                           "SETACL Archive anyone lrswite", "SETACL Domain anyone@test.example lrs")):
                owner.send(f"{number} {line}")
                self.assertIn(b" OK", owner.until(f"{number} ".encode()))
            owner.send("a APPEND Archive {24+}\r\nSubject: for everybody\r\n")
            self.assertIn(b"a OK", owner.until(b"a "))
        browser = Browser(self.instance, source="127.0.0.13")
        self.assertEqual(browser.log_in("anonymous", "reader@example.org").status, 200)
        session = browser.ask("GET", "/.well-known/jmap").json()
        self.assertTrue(all(account["isReadOnly"] for account in session["accounts"].values()), session)
        (shared,) = [key for key, account in session["accounts"].items() if not account["isPersonal"]]

        def call(method: str, **arguments):
            used = ["urn:ietf:params:jmap:core", "urn:ietf:params:jmap:mail", "urn:ietf:params:jmap:principals"]
            answer = browser.ask("POST", "/jmap/api", {"using": used, "methodCalls": [
                [method, {"accountId": shared, **arguments}, "c"]]})
            return answer.json()["methodResponses"][0][:2]

        _, got = call("Mailbox/get", ids=None, properties=["name"])
        self.assertEqual([mailbox["name"] for mailbox in got["list"]], ["Archive"], "nor what a domain has, nor the rest")
        _, got = call("Email/query")
        _, got = call("Email/get", ids=got["ids"], properties=["subject"])
        self.assertEqual([email["subject"] for email in got["list"]], ["for everybody"])
        changed = {got["list"][0]["id"]: {"keywords/$flagged": True}}
        self.assertEqual(call("Email/set", update=changed), ["error", {"type": "accountReadOnly", "description":
                         "Log in with a name and a password to change something."}])
        self.assertEqual(call("Principal/query")[1]["type"], "forbidden")


if __name__ == "__main__":
    unittest.main()
