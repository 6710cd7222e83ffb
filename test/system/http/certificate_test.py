# SPDX-License-Identifier: Apache-2.0
"""Logins by client certificate: the address in it must be that of exactly one user."""

import http.client
import json
import ssl
import subprocess
import unittest
from pathlib import Path

from support import Browser, family


def openssl(*words: str) -> None:
    subprocess.run(["openssl", *words], check=True, capture_output=True, stdin=subprocess.DEVNULL)


def authority(folder: Path, name: str) -> None:
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-keyout",
            f"{folder}/{name}.key", "-out", f"{folder}/{name}.crt", "-subj", f"/CN={name}")


def certificate(folder: Path, name: str, ca: str, *addresses: str) -> None:
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{folder}/{name}.key", "-out",
            f"{folder}/{name}.csr", "-subj", f"/CN={name}")
    extensions = folder / f"{name}.ext"
    names = "subjectAltName=" + ",".join(f"email:{address}" for address in addresses) if addresses else "basicConstraints=CA:FALSE"
    extensions.write_text(f"extendedKeyUsage=clientAuth\n{names}\n")
    openssl("x509", "-req", "-in", f"{folder}/{name}.csr", "-CA", f"{folder}/{ca}.crt", "-CAkey", f"{folder}/{ca}.key",
            "-CAcreateserial", "-days", "30", "-extfile", str(extensions), "-out", f"{folder}/{name}.crt")


class Certificates(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.instance = family(["anna", "bert"])
        for user in ("anna", "bert"):
            cls.instance.run("msuser", "set", user, f"mail={user}@test.example")
        cls.folder = cls.instance.directory / "tls"
        for name in ("ours", "theirs"):
            authority(cls.folder, name)
        certificate(cls.folder, "anna", "ours", "Anna@test.example")
        certificate(cls.folder, "nobody", "ours", "nobody@test.example")
        certificate(cls.folder, "both", "ours", "anna@test.example", "bert@test.example")
        certificate(cls.folder, "nameless", "ours")
        certificate(cls.folder, "forged", "theirs", "anna@test.example")
        cls.instance.options["http.sslclientca"] = str(cls.folder / "ours.crt")
        cls.instance.write_config()
        cls.instance.refresh()

    @classmethod
    def tearDownClass(cls):
        cls.instance.stop()

    def log_in(self, name: str | None):
        context = ssl.create_default_context(cafile=str(self.instance.certificate))
        if name:
            context.load_cert_chain(self.folder / f"{name}.crt", self.folder / f"{name}.key")
        line = http.client.HTTPSConnection("127.0.0.1", self.instance.port("http", True), timeout=60, context=context)
        try:
            line.request("POST", "/login", json.dumps({"certificate": True}), {"Content-Type": "application/json"})
            answer = line.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            line.close()

    def test_the_address_in_it_logs_in(self):
        status, said = self.log_in("anna")
        self.assertEqual((status, said.get("user")), (200, "anna"), said)

    def test_others_do_not(self):
        for name, code in ((None, "no-certificate"), ("nameless", "no-certificate"), ("both", "no-certificate"),
                           ("nobody", "auth-failed")):
            with self.subTest(certificate=name):
                status, said = self.log_in(name)
                self.assertEqual((status, said["code"]), (401, code))

    def test_another_authority_is_not_believed(self):
        with self.assertRaises((ssl.SSLError, ConnectionError, http.client.RemoteDisconnected)):
            self.log_in("forged")

    def test_in_clear_there_is_none(self):
        answer = Browser(self.instance).ask("POST", "/login", {"certificate": True})
        self.assertEqual((answer.status, answer.json()["code"]), (401, "no-certificate"))

    def test_passwords_go_on(self):
        self.assertEqual(Browser(self.instance, tls=True).log_in("anna").status, 200)


if __name__ == "__main__":
    unittest.main()
