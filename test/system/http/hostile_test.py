# SPDX-License-Identifier: Apache-2.0
"""Users and strangers who mean harm: what they cannot see, and what they cannot take from all others."""

import base64
import json
import socket
import sys
import time
import unittest

from support import PASSWORD, Browser, family

import jmap

LARGE = b"From: a@example.org\r\nSubject: large\r\n\r\n" + (b"x" * 76 + b"\r\n") * 45_000  # 3.5 MB


class Hostile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.instance = family(["anna", "bert", "carl", "dora", "emil", "fred"],
                              {"http.numprocesses": "1", "http.maxbackendconnections": "3"}, ("imap", "http"))
        cls.addClassCleanup(cls.instance.stop)

    def client(self, user: str) -> jmap.Client:
        return jmap.Client(self.instance.port("http", False), user, PASSWORD, way="basic")

    def silent(self, user: str, head: str, body: bytes = b"") -> socket.socket:
        """A connection that asks and reads nothing of the answer."""
        made = socket.socket()
        self.addCleanup(made.close)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        made.connect(("127.0.0.1", self.instance.port("http", False)))
        made.settimeout(30)
        pair = base64.b64encode(f"{user}:{PASSWORD}".encode()).decode()
        made.sendall(f"{head} HTTP/1.1\r\nHost: a\r\nAuthorization: Basic {pair}\r\nContent-Length: {len(body)}\r\n"
                     "Content-Type: application/json\r\n\r\n".encode() + body)
        return made

    def deliver(self, client: jmap.Client, content: bytes) -> dict:
        blob = client.upload(content, "message/rfc822")["blobId"]
        inbox = client.mailboxes()["inbox"]["id"]
        return client.call("Email/import", {"emails": {"e": {"blobId": blob, "mailboxIds": {inbox: True}}}})["created"]["e"]

    # ---- what a stranger may cost

    def test_a_login_is_no_place_for_megabytes(self):
        browser = Browser(self.instance)
        json_type = {"Content-Type": "application/json"}
        self.assertEqual(browser.ask("POST", "/login", b"[" * 70_000, json_type).status, 413)
        self.assertEqual(browser.ask("POST", "/login", b"a&" * 40_000, {"Content-Type": "application/x-www-form-urlencoded"}).status, 413)
        self.assertEqual(browser.ask("POST", "/login", b"[" * 60_000, json_type).status, 400)
        self.assertEqual(browser.ask("POST", "/login", b'{"user":' * 5_000, json_type).status, 400)
        self.assertEqual(browser.log_in("anna").status, 200)
        self.assertEqual(browser.ask("POST", "/session/token", b"[" * 70_000, json_type).status, 413)
        self.assertEqual(browser.ask("POST", "/logout", b"[" * 60_000, json_type).status, 200, "a body that says nothing")

    def test_other_sites_pages_change_nothing(self):
        browser = Browser(self.instance)
        pair = base64.b64encode(f"anna:{PASSWORD}".encode()).decode()
        for path, more in (("/jmap/upload/anna", {}), ("/session/token", {}), ("/jmap/api", {"Content-Type": "application/json"})):
            for elsewhere in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}):
                answer = browser.ask("POST", path, b"{}", {"Authorization": f"Basic {pair}", **more, **elsewhere})
                self.assertEqual((answer.status, answer.json()["code"]), (403, "csrf"), (path, elsewhere))
        answer = browser.ask("POST", "/session/token", b"{}", {"Authorization": f"Basic {pair}", "Sec-Fetch-Site": "same-origin"})
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.headers["X-DNS-Prefetch-Control"], "off")

    # ---- what a user may cost all others

    def test_references_do_not_multiply(self):
        anna = self.client("anna")
        text = "x" * 1_000_000
        again = {f"#a{i}": {"resultOf": "t", "name": "Core/echo", "path": ""} for i in range(9_000)}
        answers = anna.request([["Core/echo", {"text": text}, "t"], ["Core/echo", again, "u"],
                                ["Core/echo", {"#small": {"resultOf": "t", "name": "Core/echo", "path": "/text"}}, "v"]])
        self.assertEqual(answers[1][1]["type"], "invalidResultReference")
        doubled = [["Core/echo", {"text": text}, "0"]]
        for i in range(1, 16):
            doubled.append(["Core/echo", {f"#{name}": {"resultOf": str(i - 1), "name": "Core/echo", "path": ""} for name in "abc"}, str(i)])
        self.assertIn("error", [name for name, _, _ in anna.request(doubled)])

    def test_who_downloads_slowly_holds_nobody_up(self):
        anna, bert = self.client("anna"), self.client("bert")
        self.assertEqual(len(bert.mailboxes()), len(bert.mailboxes()))
        blob = self.deliver(anna, LARGE)["blobId"]
        held = [self.silent("anna", f"GET /jmap/download/{anna.own_account}/{blob}/large") for _ in range(6)]
        for one in held:
            self.assertIn(b" 200 ", one.recv(64))
        began = time.monotonic()
        self.assertIn("inbox", bert.mailboxes())
        self.assertLess(time.monotonic() - began, 8, "http.maxbackendconnections are for who needs them")
        whole = b""
        held[0].settimeout(30)
        while len(whole) < len(LARGE):
            got = held[0].recv(1 << 20)
            self.assertTrue(got)
            whole += got
        self.assertTrue(whole.endswith(LARGE[-1000:]), "and the download goes on")

    def test_one_request_about_many_accounts_takes_turns(self):
        owners = ("anna", "bert", "carl", "dora")
        for owner in owners:
            client = self.client(owner)
            inbox = client.mailboxes()["inbox"]["id"]
            client.call("Mailbox/set", {"update": {inbox: {"shareWith": {"emil": {"mayReadItems": True}}}}})
        emil = self.client("emil")  # not before: for a while it is remembered who shares with him
        self.assertEqual(len(emil.session()["accounts"]), 5)
        answers = emil.request([["Mailbox/get", {"accountId": account, "ids": None}, account]
                                for account in (emil.own_account, *owners)])
        self.assertEqual([name for name, _, _ in answers], ["Mailbox/get"] * 5, "three connections are enough for five accounts")

    def test_who_reads_no_replies_gets_no_more(self):
        carl = self.client("carl")
        text = "y" * 2_000_000
        body = json.dumps({"using": jmap.ALL, "methodCalls": [["Core/echo", {"text": text}, "t"]] + [
            ["Core/echo", {f"#{name}": {"resultOf": "t", "name": "Core/echo", "path": "/text"} for name in "ab"}, str(i)]
            for i in range(3)]}).encode()
        pair = base64.b64encode(f"carl:{PASSWORD}".encode()).decode()
        open_ones = []
        for i in range(5):  # 70 MB in all, and all of it is taken
            connection = Browser(self.instance, tls=i % 2 == 1).connect()
            self.addCleanup(connection.close)
            connection.request("POST", "/jmap/api", body, {"Authorization": f"Basic {pair}", "Content-Type": "application/json"})
            answer = connection.getresponse()
            self.assertEqual((answer.status, len(answer.read()) > 13_000_000), (200, True))
            open_ones.append(connection)
        held = []
        for _ in range(6):
            made = self.silent("carl", "POST /jmap/api", body)
            held.append(made.recv(64).split(b" ")[1])
        self.assertEqual(held[0], b"200")
        self.assertEqual(held[-1], b"503", "his replies wait to be read")
        self.assertIn("inbox", self.client("bert").mailboxes(), "others are served")

    # ---- what a user may see of others

    def test_ids_of_another_open_nothing(self):
        anna, bert = self.client("anna"), self.client("bert")
        made = self.deliver(anna, b"From: a@example.org\r\nSubject: secret\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
                                  b"--b\r\n\r\nthe secret text\r\n--b\r\n\r\nmore\r\n--b--\r\n")
        upload = anna.upload(b"a secret upload")["blobId"]
        email = made["id"]
        part = anna.call("Email/get", {"ids": [email], "properties": ["textBody"]})["list"][0]["textBody"][0]["blobId"]
        inbox = anna.mailboxes()["inbox"]["id"]
        for account in (bert.own_account, anna.own_account):
            for blob in (made["blobId"], part, upload, "N" + made["blobId"] + "_1", made["blobId"][1:]):
                with self.assertRaises(jmap.HttpError) as refused:
                    bert.download(blob, account=account)
                self.assertEqual(refused.exception.status, 404, blob)
        for method, arguments in {
                "Email/get": {"ids": [email]}, "Thread/get": {"ids": [made["threadId"]]}, "Mailbox/get": {"ids": [inbox]},
                "Email/query": {}, "Email/changes": {"sinceState": "1"}, "Mailbox/changes": {"sinceState": "1"}, "Quota/get": {"ids": None},
                "Email/set": {"destroy": [email]}, "Mailbox/set": {"destroy": [inbox], "onDestroyRemoveEmails": True},
                "Email/import": {"emails": {}}, "Email/parse": {"blobIds": [made["blobId"]]}, "Blob/get": {"ids": [upload]},
                "Blob/lookup": {"ids": [made["blobId"]], "typeNames": ["Email"]}, "Identity/get": {"ids": None},
                "EmailSubmission/get": {"ids": None}, "EmailSubmission/query": {}, "SearchSnippet/get": {"emailIds": [email]},
                "Blob/copy": {"fromAccountId": bert.own_account, "blobIds": [upload]},
                "Email/copy": {"fromAccountId": bert.own_account, "create": {}}}.items():
            with self.assertRaises(jmap.MethodError, msg=method) as refused:
                bert.call(method, {"accountId": anna.own_account, **arguments})
            self.assertEqual(refused.exception.type, "accountNotFound", method)
        self.assertEqual(bert.call("Email/get", {"ids": [email]})["notFound"], [email])
        self.assertEqual(bert.call("Thread/get", {"ids": [made["threadId"]]})["notFound"], [made["threadId"]])
        self.assertEqual(bert.call("Blob/get", {"ids": [upload, made["blobId"], part]})["list"], [])
        self.assertEqual(bert.call("Email/parse", {"blobIds": [made["blobId"], upload]})["parsed"], None)
        own = bert.mailboxes()["inbox"]["id"]
        refused = bert.call("Email/import", {"emails": {"e": {"blobId": upload, "mailboxIds": {own: True}}}})
        self.assertIsNone(refused["created"])
        refused = bert.call("Email/set", {"update": {email: {"keywords/$seen": True}}, "destroy": [email]})
        self.assertEqual((refused["updated"], refused["destroyed"]), (None, None))
        refused = bert.call("Email/set", {"create": {"e": {"mailboxIds": {inbox: True}, "subject": "in anna's"}}})
        self.assertIsNone(refused["created"])
        for method in ("Blob/copy", "Email/copy"):
            with self.assertRaises(jmap.MethodError) as refused:
                bert.call(method, {"fromAccountId": anna.own_account, "blobIds": [upload], "create": {}})
            self.assertEqual(refused.exception.type, "fromAccountNotFound", method)

    def test_half_a_right_is_half_a_right(self):
        dora, fred = self.client("dora"), self.client("fred")
        made = self.deliver(dora, b"From: a@example.org\r\nSubject: of dora\r\n\r\nthe hidden word\r\n")
        inbox = dora.mailboxes()["inbox"]["id"]
        there = dora.own_account

        def grant(rights: dict | None):
            done = dora.call("Mailbox/set", {"update": {inbox: {"shareWith/fred": rights}}})
            self.assertIsNone(done.get("notUpdated"), done)

        def sees() -> bool:
            seen = {bool(fred.call("Email/get", {"accountId": there, "ids": [made["id"]]})["list"]),
                    bool(fred.call("Email/query", {"accountId": there, "filter": {"text": "hidden"}})["ids"]),
                    bool(fred.call("Thread/get", {"accountId": there, "ids": [made["threadId"]]})["list"]),
                    bool(fred.call("Blob/get", {"accountId": there, "ids": [made["blobId"]]})["list"]),
                    bool(fred.call("Email/parse", {"accountId": there, "blobIds": [made["blobId"]]})["parsed"])}
            try:
                fred.download(made["blobId"], account=there)
                seen.add(True)
            except jmap.HttpError as refused:
                self.assertEqual(refused.status, 404)
                seen.add(False)
            self.assertEqual(len(seen), 1, "every way says the same")
            return seen.pop()

        def change(what: dict) -> bool:
            return bool(fred.call("Email/set", {"accountId": there, "update": {made["id"]: what}})["updated"])

        grant({"mayAddItems": True})
        self.assertIn(there, fred.session()["accounts"])
        with self.subTest("who may only add sees nothing"):
            self.assertFalse(sees())
            self.assertFalse(change({"keywords/$seen": True}))
        grant({"mayReadItems": True})
        with self.subTest("who may only read changes nothing"):
            self.assertTrue(sees())
            for what in ({"keywords/$flagged": True}, {"keywords/word": True}, {"keywords/$seen": True}, {"keywords/$draft": True},
                         {"mailboxIds": {}}, {f"mailboxIds/{inbox}": None}):
                self.assertFalse(change(what), what)
            self.assertIsNone(fred.call("Email/set", {"accountId": there, "destroy": [made["id"]]})["destroyed"])
            refused = fred.call("Mailbox/set", {"accountId": there, "update": {inbox: {"shareWith/fred": {"mayAdmin": True}}}})
            self.assertIsNone(refused["updated"])
            self.assertIsNone(fred.call("Email/set", {"accountId": there, "create": {
                "e": {"mailboxIds": {inbox: True}, "subject": "x"}}})["created"])
        state = fred.call("Email/get", {"accountId": there, "ids": []})["state"]
        grant(None)
        with self.subTest("what is taken away is gone at once"):
            try:
                self.assertFalse(sees())
                self.assertFalse(change({"keywords/$seen": True}))
                fred.call("Email/changes", {"accountId": there, "sinceState": state})
                self.fail("changes are told without a right")
            except jmap.MethodError as refused:
                self.assertIn(refused.type, ("accountNotFound", "cannotCalculateChanges"))

    def test_words_never_become_commands(self):
        anna = self.client("anna")
        inbox = anna.mailboxes()["inbox"]["id"]
        evil = ['a")\r\nx9 DELETE INBOX\r\n', "a\r\nx9 UNAUTHENTICATE", "a {3}\r\nabc", "a {3+}\r\nabc", 'a" OWNER "bert', "a) (b", "\\", '"',
                "\\Deleted", "a\u0000b", "NIL", "{5}", "a{5}", "a\rb", "a\nb", "%", "*", "(", "]"]
        for word in evil:
            calls = [["Email/query", {"filter": {"hasKeyword": word}}], ["Email/query", {"filter": {"text": word}}],
                     ["Email/query", {"filter": {"header": [word, word]}}], ["Email/query", {"filter": {"inMailbox": word}}],
                     ["Email/query", {"anchor": word}], ["Email/query", {"sort": [{"property": "hasKeyword", "keyword": word}]}],
                     ["Email/get", {"ids": [word], "properties": [f"header:{word}"]}], ["Thread/get", {"ids": [word]}],
                     ["Email/set", {"update": {word: {f"keywords/{word}": True, f"mailboxIds/{word}": True}}, "destroy": [word]}],
                     ["Email/set", {"create": {"e": {"mailboxIds": {word: True}, "keywords": {word: True}}}}],
                     ["Mailbox/set", {"create": {"m": {"name": "x" + word, "parentId": None}}, "update": {word: {"name": word}}}],
                     ["Mailbox/set", {"update": {inbox: {f"shareWith/{word}": {"mayReadItems": True}}}}],
                     ["Principal/query", {"filter": {"text": word}}], ["Principal/get", {"ids": [word]}],
                     ["Blob/get", {"ids": [word, "M" + word, "P" + word + "_1"]}], ["Email/changes", {"sinceState": word}]]
            answers = anna.request([[name, {"accountId": anna.own_account, **arguments}, "c"] for name, arguments in calls])
            for (name, _), (said, answer, _) in zip(calls, answers):
                self.assertNotIn(answer.get("type"), ("serverFail", "serverUnavailable"), (word, name, answer))
        self.assertIn("inbox", anna.mailboxes())
        self.assertEqual(self.client("bert").call("Core/echo", {"a": 1})["a"], 1)
        self.assertNotIn("x9 ", self.instance.log())


if __name__ == "__main__":
    unittest.main()
