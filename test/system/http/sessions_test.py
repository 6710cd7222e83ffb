# SPDX-License-Identifier: Apache-2.0
"""Web sessions: shared by workers, outliving them, bound to a network and a token. When they end: minutes_test.py."""

import time
import unittest

from support import Browser, Line, family


class Sessions(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.instance = family(["anna", "bert"], {"http.numprocesses": "2", "http.cookiename": "ours",
                                                 "base.listenaddr": "127.0.0.1", "http.maxwebsessions": "1000"})

    @classmethod
    def tearDownClass(cls):
        cls.instance.stop()

    def test_a_session_holds_in_every_worker_and_over_a_restart(self):
        self.assertEqual(len(self.instance.workers("mshttpd")), 2)
        browser = Browser(self.instance)
        self.assertEqual(browser.log_in("anna").status, 200)
        self.assertTrue(browser.cookie.startswith("ours="), "http.cookiename")
        # Both workers are busy with connections, so both answer some of many.
        held = [Line(self.instance) for _ in range(20)]
        try:
            for line in held:
                line.send(f"GET /session HTTP/1.1\r\nHost: a\r\nCookie: {browser.cookie}\r\n\r\n".encode())
            self.assertEqual({line.answer()[0] for line in held}, {200})
        finally:
            for line in held:
                line.__exit__()
        before = self.instance.workers("mshttpd")
        self.instance.run("restart-msg", "http")
        self.assertFalse(set(before) & set(self.instance.workers("mshttpd")))
        self.assertEqual(browser.ask("GET", "/session").json()["user"], "anna")

    def test_changes_need_the_token(self):
        browser = Browser(self.instance)
        browser.log_in("anna")
        for token in (None, "", "x" * 43):
            headers = {"Cookie": browser.cookie} | ({"X-CSRF-Token": token} if token is not None else {})
            bare = Browser(self.instance)
            self.assertEqual(bare.ask("POST", "/session/token", {}, headers).status, 403, token)
            self.assertEqual(bare.ask("POST", "/jmap/api", {}, headers).status, 403, token)
            self.assertEqual(bare.ask("POST", "/logout", {}, headers).status, 403, token)
        other = Browser(self.instance)
        other.log_in("anna")
        crossed = {"Cookie": browser.cookie, "X-CSRF-Token": other.csrf}
        self.assertEqual(browser.ask("POST", "/session/token", {}, crossed).status, 403, "of another session")
        self.assertEqual(browser.ask("POST", "/session/token", {}).status, 200)

    def test_logout(self):
        one, two = Browser(self.instance), Browser(self.instance)
        one.log_in("anna")
        two.log_in("anna")
        answer = one.ask("POST", "/logout", {})
        self.assertEqual(answer.status, 200)
        self.assertIn("Max-Age=0", answer.headers["Set-Cookie"])
        self.assertEqual(one.ask("GET", "/session").status, 401)
        self.assertEqual(two.ask("GET", "/session").status, 200)
        one.log_in("anna")
        self.assertEqual(two.ask("POST", "/logout", {"everywhere": True}).status, 200)
        self.assertEqual(one.ask("GET", "/session").status, 401)

    def test_a_session_belongs_to_a_network(self):
        browser = Browser(self.instance)
        browser.log_in("anna")
        browser.source = "127.0.0.77"
        self.assertEqual(browser.ask("GET", "/session").status, 200, "the same /24")
        browser.source = "127.0.1.1"
        self.assertEqual(browser.ask("GET", "/session").status, 401, "http.ipsecurity")

    def test_ids_cannot_be_made_up(self):
        for cookie in ("ours=" + "A" * 43, "ours=", "ours=x", "other=" + "A" * 43):
            self.assertEqual(Browser(self.instance).ask("GET", "/session", headers={"Cookie": cookie}).status, 401)
        browser = Browser(self.instance)
        browser.log_in("anna")
        stored = (self.instance.directory / "data" / "spool" / "http" / "web-sessions").read_bytes()
        self.assertNotIn(browser.cookie.split("=")[1].encode(), stored, "only a hash is kept")

    def test_the_oldest_of_a_user_gives_way(self):
        first = Browser(self.instance)
        first.log_in("anna")
        time.sleep(1.1)  # their times are told apart by seconds
        for _ in range(12):
            last = Browser(self.instance)
            self.assertEqual(last.log_in("anna").status, 200)
        self.assertEqual(first.ask("GET", "/session").status, 401, "a hundredth of http.maxwebsessions is his")
        self.assertEqual(last.ask("GET", "/session").status, 200)


if __name__ == "__main__":
    unittest.main()
