# SPDX-License-Identifier: Apache-2.0
"""Who may log in, by what, and what those are told who may not."""

import base64
import time
import unittest
import urllib.parse

from support import PASSWORD, Browser, family


def basic(user: str, password: str = PASSWORD) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


class Logins(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.instance = family(["anna", "bert", "root"], {"store.admins": "root", "http.allowadminproxy": "yes",
                                                         "http.allowanonymouslogin": "yes"})

    @classmethod
    def tearDownClass(cls):
        cls.instance.stop()

    def test_a_login_gives_a_cookie_and_a_token(self):
        browser = Browser(self.instance)
        answer = browser.log_in("anna")
        self.assertEqual(answer.status, 200, answer)
        self.assertTrue(answer.json()["ok"])
        cookie = answer.headers["Set-Cookie"]
        self.assertRegex(cookie, r"^webmailsid-[0-9a-f]{8}=[\w-]{43}; Path=/; HttpOnly; SameSite=Strict$")
        session = browser.ask("GET", "/session").json()
        self.assertEqual((session["user"], session["csrf"]), ("anna", browser.csrf))

    def test_over_tls_the_cookie_is_secure(self):
        self.assertIn("; Secure", Browser(self.instance, tls=True).log_in("anna").headers["Set-Cookie"])

    def test_refusals_do_not_say_why(self):
        wrong = Browser(self.instance).log_in("anna", "wrong")
        nobody = Browser(self.instance).log_in("nobody", "wrong")
        self.assertEqual(wrong.status, 401)
        self.assertEqual((wrong.status, wrong.body), (nobody.status, nobody.body))
        self.assertEqual(wrong.json()["code"], "auth-failed")
        self.assertNotIn("Set-Cookie", wrong.headers)

    def test_what_is_no_login(self):
        browser = Browser(self.instance)
        self.assertEqual(browser.ask("POST", "/login", "x", {"Content-Type": "text/plain"}).status, 415)
        self.assertEqual(browser.ask("POST", "/login", "[", {"Content-Type": "application/json"}).status, 400)
        self.assertEqual(browser.log_in("anna", "").status, 401)

    def test_basic_for_mail_clients(self):
        browser = Browser(self.instance)
        self.assertEqual(browser.ask("GET", "/session", headers=basic("anna")).json()["user"], "anna")
        self.assertEqual(browser.ask("GET", "/session", headers=basic("anna", "wrong")).status, 401)
        refused = browser.ask("GET", "/session")
        self.assertEqual(refused.status, 401)
        self.assertTrue(any("Basic" in way for way in refused.headers.get_all("WWW-Authenticate")))
        of_browser = browser.ask("GET", "/session", headers={"Sec-Fetch-Mode": "cors"})
        self.assertFalse(any("Basic" in way for way in of_browser.headers.get_all("WWW-Authenticate")))

    def test_bearer_tokens(self):
        browser = Browser(self.instance)
        made = browser.ask("POST", "/session/token", {}, basic("anna"))
        bearer = {"Authorization": "Bearer " + made.json()["token"]}
        self.assertEqual(browser.ask("GET", "/session", headers=bearer).json()["user"], "anna")
        self.assertEqual(browser.ask("POST", "/logout", {}, bearer).status, 200, "no CSRF token without a cookie")
        self.assertEqual(browser.ask("GET", "/session", headers=bearer).status, 401)

    def test_administrators_log_in_for_others(self):
        browser = Browser(self.instance)
        self.assertEqual(browser.log_in("root", proxyauth="anna").status, 200)
        self.assertEqual(browser.ask("GET", "/session").json()["user"], "anna")
        self.assertEqual(Browser(self.instance).log_in("bert", proxyauth="anna").status, 403)

    def test_anonymous(self):
        browser = Browser(self.instance)
        self.assertEqual(browser.log_in("anonymous", "me").status, 401)
        self.assertEqual(browser.log_in("anonymous", "me@example.org").status, 200)
        session = browser.ask("GET", "/session").json()
        self.assertEqual((session["user"], session["name"]), ("anonymous@anonymous.invalid", "anonymous"))
        upload = browser.ask("POST", "/jmap/upload/x", b"kept for nobody", {"Content-Type": "text/plain"})
        self.assertEqual(upload.status, 403)

    def form(self, fields: dict[str, str], headers: dict[str, str]):
        return Browser(self.instance).ask("POST", "/login", urllib.parse.urlencode(fields),
                                          {"Content-Type": "application/x-www-form-urlencoded", **headers})

    def test_the_form_of_the_plain_page(self):
        good = self.form({"user": "anna", "password": PASSWORD}, {"Sec-Fetch-Site": "same-origin"})
        self.assertEqual((good.status, good.headers["Location"]), (303, "/plain/"))
        bad = self.form({"user": "anna", "password": "<wrong>"}, {})
        self.assertEqual(bad.status, 401)
        self.assertIn(b'role="alert"', bad.body)
        for foreign in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://evil.example"}):
            self.assertEqual(self.form({"user": "anna", "password": PASSWORD}, foreign).status, 403)


class Rules(unittest.TestCase):
    def test_passwords_need_tls_when_the_option_says_so(self):
        instance = family(["anna"], {"http.plaintextmincipher": "128"})
        try:
            self.assertEqual(Browser(instance).log_in("anna").json()["code"], "tls-required")
            self.assertEqual(Browser(instance).ask("GET", "/session", headers=basic("anna")).status, 403)
            self.assertEqual(Browser(instance, tls=True).log_in("anna").status, 200)
        finally:
            instance.stop()

    def test_without_the_options_nobody_acts_for_others_or_for_nobody(self):
        instance = family(["anna", "root"], {"store.admins": "root"})
        try:
            self.assertEqual(Browser(instance).log_in("root", proxyauth="anna").status, 403)
            self.assertEqual(Browser(instance).log_in("anonymous", "me@example.org").status, 401)
        finally:
            instance.stop()

    def test_missing_credentials_of_the_back_end_are_told(self):
        instance = family(["anna"], {"base.proxyadmin": "", "base.proxyadminpass": ""})
        try:
            answer = Browser(instance).log_in("anna")
            self.assertEqual(answer.status, 503)
            self.assertEqual(answer.json()["error"],
                             "Mail server unavailable. Administrator, check server log for details")
            self.assertIn("base.proxyadmin", instance.log())
            check = instance.run("msconfig", "check", check=False)
            said = (check.stdout + check.stderr).decode()
            self.assertIn("base.proxyadmin and base.proxyadminpass are not set: mshttpd refuses every login", said)
            self.assertIn("http is enabled, imap is not, and no other IMAP server is configured", said)
        finally:
            instance.stop()

    def test_guesses_are_slowed_down(self):
        instance = family(["anna"], {"auth.failuredelay": "2s"})
        try:
            began = time.monotonic()
            self.assertEqual(Browser(instance).log_in("anna", "wrong").status, 401)
            self.assertGreater(time.monotonic() - began, 1.5)
            began = time.monotonic()
            self.assertEqual(Browser(instance).ask("GET", "/session", headers=basic("anna", "wrong, too")).status, 401)
            self.assertGreater(time.monotonic() - began, 1.5, "Basic is throttled alike")
        finally:
            instance.stop()


if __name__ == "__main__":
    unittest.main()
