# SPDX-License-Identifier: Apache-2.0
"""Uploads: kept in http.spooldir within quotas, found again only by their user. When they go: minutes_test.py."""

import os
import time
import unittest

from support import Browser, Line, family


class Uploads(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.instance = family(["anna", "bert"], {"http.spooldir": "elsewhere", "http.spoolquota": "3M",
                                                 "http.spoolsize": "5M", "http.maxmessagesize": "3M", "http.maxpostsize": "4M"})
        cls.spool = cls.instance.directory / "data" / "elsewhere" / "blobs"

    @classmethod
    def tearDownClass(cls):
        cls.instance.stop()

    def setUp(self):
        for file in self.files():
            file.unlink()
        self.anna = Browser(self.instance)
        self.assertEqual(self.anna.log_in("anna").status, 200)
        self.account = self.account_of(self.anna)

    def account_of(self, browser: Browser) -> str:
        session = browser.ask("GET", "/.well-known/jmap").json()
        return session["primaryAccounts"]["urn:ietf:params:jmap:mail"]

    def files(self):
        return [path for path in self.spool.rglob("*") if path.is_file()]

    def upload(self, content: bytes, kind: str = "text/plain"):
        return self.anna.ask("POST", f"/jmap/upload/{self.account}", content, {"Content-Type": kind})

    def test_an_upload_is_kept_and_named(self):
        content = os.urandom(700_000)
        answer = self.upload(content, "Image/PNG; x=y")
        self.assertEqual(answer.status, 201, answer)
        made = answer.json()
        self.assertEqual((made["accountId"], made["type"], made["size"]), (self.account, "image/png", 700_000))
        self.assertEqual([file.read_bytes() for file in self.files()], [content], "in http.spooldir")
        self.assertEqual(self.files()[0].stat().st_mode & 0o077, 0)

    def test_the_limit_is_told_and_holds(self):
        limits = self.anna.ask("GET", "/.well-known/jmap").json()["capabilities"]["urn:ietf:params:jmap:core"]
        most = limits["maxSizeUpload"]
        self.assertLess(most, 3 * 1024 * 1024 * 3 // 4, "http.maxmessagesize counts base64")
        self.assertGreater(most, 3 * 1024 * 1024 * 70 // 100)
        self.assertEqual(self.upload(b"x" * most).status, 201)
        refused = self.upload(b"x" * (most + 1))
        self.assertEqual((refused.status, refused.json()["limit"]), (413, "maxSizeUpload"))

    def test_the_oldest_give_way_to_a_users_quota(self):
        names = []
        for _ in range(4):
            names.append(self.upload(b"x" * 1_000_000).json()["blobId"])
            time.sleep(0.02)  # files are told apart by their times
        left = {file.name.split(".")[0] for file in self.files()}
        self.assertNotIn(names[0], left, "http.spoolquota")
        self.assertIn(names[3], left)

    def test_all_together_are_bounded(self):
        bert = Browser(self.instance)
        bert.log_in("bert")
        for _ in range(3):
            self.upload(b"x" * 1_000_000)
        statuses = [bert.ask("POST", f"/jmap/upload/{self.account_of(bert)}", b"y" * 1_200_000,
                             {"Content-Type": "text/plain"}).status for _ in range(2)]
        self.assertEqual(statuses, [201, 507], "http.spoolsize")

    def test_nobody_else_finds_it(self):
        blob = self.upload(b"anna's").json()["blobId"]
        bert = Browser(self.instance)
        bert.log_in("bert")
        for account in (self.account, self.account_of(bert)):
            self.assertIn(bert.ask("GET", f"/jmap/download/{account}/{blob}/x").status, (403, 404, 503))

    def test_an_unfinished_upload_leaves_nothing(self):
        with Line(self.instance) as line:
            line.send((f"POST /jmap/upload/{self.account} HTTP/1.1\r\nHost: a\r\nCookie: {self.anna.cookie}\r\n"
                       f"X-CSRF-Token: {self.anna.csrf}\r\nContent-Length: 1000000\r\n\r\n").encode() + b"x" * 600_000)
        self.assertEqual(self.files(), [])

    def test_uploads_outlive_a_restart(self):
        self.upload(b"stays")
        self.instance.run("restart-msg", "http")
        self.assertEqual([file.read_bytes() for file in self.files()], [b"stays"])

    def test_at_most_four_at_a_time(self):
        head = (f"POST /jmap/upload/{self.account} HTTP/1.1\r\nHost: a\r\nCookie: {self.anna.cookie}\r\n"
                f"X-CSRF-Token: {self.anna.csrf}\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n").encode()
        lines = [Line(self.instance) for _ in range(5)]
        try:
            for line in lines:
                line.send(head)
            self.assertEqual(sorted(line.head()[0] for line in lines), [100, 100, 100, 100, 400])
        finally:
            for line in lines:
                line.__exit__()


if __name__ == "__main__":
    unittest.main()
