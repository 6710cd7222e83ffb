# SPDX-License-Identifier: Apache-2.0
"""Files of the browser client and plain pages: found, compressed, kept or not kept by browsers, shut in by policies."""

import gzip
import tempfile
import unittest
from pathlib import Path

from support import Browser, family

PAGE = b"<!DOCTYPE html><title>client</title>" + b"<p>text</p>" * 300
SCRIPT = b"let words = 'many words, ';" * 500


class Files(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        web = Path(cls.folder.name)
        web.chmod(0o755)
        (web / "assets").mkdir()
        (web / "index.html").write_bytes(PAGE)
        (web / "assets" / "main-1234.js").write_bytes(SCRIPT)
        (web / "assets" / "main-1234.js.gz").write_bytes(gzip.compress(SCRIPT))
        (web / "assets" / "main-1234.js.br").write_bytes(b"not really brotli")
        (web / ".hidden").write_bytes(b"secret")
        (web / "link").symlink_to("/etc/passwd")
        cls.instance = family(["anna"], {"http.webdir": str(web)})

    @classmethod
    def tearDownClass(cls):
        cls.instance.stop()
        cls.folder.cleanup()

    def get(self, path: str, **headers: str):
        return Browser(self.instance).ask("GET", path, headers={k.replace("_", "-"): v for k, v in headers.items()})

    def test_the_shell(self):
        for path in ("/", "/index.html"):
            page = self.get(path)
            self.assertEqual((page.status, page.body), (200, PAGE))
            self.assertEqual(page.headers["Cache-Control"], "no-cache")
            policy = page.headers["Content-Security-Policy"]
            for part in ("default-src 'none'", "script-src 'self'", "base-uri 'none'", "frame-ancestors 'none'",
                         "require-trusted-types-for 'script'"):
                self.assertIn(part, policy)
            self.assertNotIn("unsafe", policy)
            self.assertEqual(page.headers["Cross-Origin-Opener-Policy"], "same-origin")

    def test_known_files_are_not_sent_again(self):
        tag = self.get("/").headers["ETag"]
        again = self.get("/", If_None_Match=tag)
        self.assertEqual((again.status, again.body), (304, b""))
        self.assertEqual(self.get("/", If_None_Match='"other"').status, 200)

    def test_assets_are_kept_for_a_year_and_come_compressed(self):
        plain = self.get("/assets/main-1234.js")
        self.assertEqual(plain.body, SCRIPT)
        self.assertEqual(plain.headers["Cache-Control"], "public, max-age=31536000, immutable")
        self.assertIn("javascript", plain.headers["Content-Type"])
        small = self.get("/assets/main-1234.js", Accept_Encoding="gzip")
        self.assertEqual(small.headers["Content-Encoding"], "gzip")
        self.assertEqual(gzip.decompress(small.body), SCRIPT)
        smallest = self.get("/assets/main-1234.js", Accept_Encoding="gzip, br")
        self.assertEqual((smallest.headers["Content-Encoding"], smallest.body), ("br", b"not really brotli"))
        self.assertEqual(self.get("/assets/main-1234.js", Accept_Encoding="gzip;q=0").body, SCRIPT)

    def test_nothing_else_is_served(self):
        for path in ("/.hidden", "/link", "/assets/", "/assets", "/../etc/passwd", "/%2e%2e/etc/passwd",
                     "/assets/..%2f.hidden", "/assets/main-1234.js%00", "//etc/passwd"):
            answer = self.get(path)
            self.assertIn(answer.status, (400, 404), path)
            self.assertNotIn(b"root:", answer.body)
        self.assertEqual(Browser(self.instance).ask("POST", "/index.html", b"").status, 405)

    def test_the_plain_pages_stay(self):
        self.assertEqual(self.get("/plain/login").status, 200)


class Plain(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.instance = family(["anna"], {"http.gzip.dynamic": "no"})

    @classmethod
    def tearDownClass(cls):
        cls.instance.stop()

    def test_without_the_client_people_see_the_plain_pages(self):
        browser = Browser(self.instance)
        self.assertEqual(browser.ask("GET", "/").headers["Location"], "/plain/")
        self.assertEqual(browser.ask("GET", "/plain/").headers["Location"], "/plain/login")
        page = browser.ask("GET", "/plain/login")
        self.assertIn(b'type="password"', page.body)
        self.assertNotIn(b"<script", page.body)
        self.assertNotIn("script-src", page.headers["Content-Security-Policy"])
        self.assertEqual(browser.ask("GET", "/plain/style.css").headers["Content-Type"], "text/css; charset=utf-8")

    def test_a_mail_server_that_does_not_answer_is_told(self):
        browser = Browser(self.instance)
        browser.log_in("anna")
        page = browser.ask("GET", "/plain/")
        self.assertEqual(page.status, 503)
        self.assertIn(b"does not answer", page.body)


class Compression(unittest.TestCase):
    def stylesheet(self, options: dict[str, str]):
        instance = family([], options)
        try:
            return Browser(instance).ask("GET", "/plain/style.css", headers={"Accept-Encoding": "gzip"})
        finally:
            instance.stop()

    def test_http_gzip_dynamic(self):
        on = self.stylesheet({})
        self.assertEqual(on.headers["Content-Encoding"], "gzip")
        self.assertIn(b"font", gzip.decompress(on.body))
        self.assertIsNone(self.stylesheet({"http.gzip.dynamic": "no"}).headers["Content-Encoding"])

    def test_http_gzip_static(self):
        with tempfile.TemporaryDirectory() as folder:
            Path(folder).chmod(0o755)
            (Path(folder) / "index.html").write_bytes(PAGE)
            (Path(folder) / "index.html.gz").write_bytes(gzip.compress(PAGE))
            instance = family([], {"http.webdir": folder, "http.gzip.static": "no"})
            try:
                self.assertEqual(Browser(instance).ask("GET", "/", headers={"Accept-Encoding": "gzip"}).body, PAGE)
            finally:
                instance.stop()


if __name__ == "__main__":
    unittest.main()
