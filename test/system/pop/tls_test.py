# SPDX-License-Identifier: Apache-2.0
"""TLS as clients meet it: injection behind STLS, names, new certificates at refresh, password rules."""

import hashlib
import socket
import ssl
import unittest

from support import Pop, family, main, make_certificate


def fingerprint(path) -> str:
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(path.read_text())).hexdigest()


class Tls(unittest.TestCase):
    def start(self, **options: str):
        instance = family(["user"], {name.replace("__", "."): value for name, value in options.items()})
        self.addCleanup(instance.stop)
        return instance

    def shown(self, instance, name: str) -> str:
        """The certificate that a client of `name` sees."""
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        client = Pop(instance.port("pop", True), context, name)
        self.addCleanup(client.close)
        self.assertTrue(client.greeting.startswith(b"+OK"))
        return hashlib.sha256(client.socket.getpeercert(binary_form=True)).hexdigest()

    def test_injected_commands_never_run(self):
        instance = self.start()
        raw = socket.create_connection(("127.0.0.1", instance.port("pop", False)), timeout=10)
        self.addCleanup(raw.close)
        raw.recv(500)
        raw.sendall(b"STLS\r\nUSER user\r\nPASS a secret\r\nSTAT\r\n")
        said = b""
        while part := raw.recv(1000):
            said += part
        self.assertTrue(said.startswith(b"-ERR"), said)
        self.assertEqual(said.count(b"\r\n"), 1)
        self.assertNotIn("event=login ", instance.log())

    def test_names_choose_certificates_and_refresh_brings_new_ones(self):
        instance = self.start()
        folder = instance.directory / "tls"
        make_certificate(folder, "other", "other.test.example")
        instance.options |= {"tls:other.cert": str(folder / "other.crt"), "tls:other.key": str(folder / "other.key")}
        instance.write_config()
        instance.refresh()
        self.assertEqual(self.shown(instance, "mail.test.example"), fingerprint(folder / "main.crt"))
        self.assertEqual(self.shown(instance, "other.test.example"), fingerprint(folder / "other.crt"))
        self.assertEqual(self.shown(instance, "unknown.test.example"), fingerprint(folder / "main.crt"))
        old = fingerprint(folder / "other.crt")
        kept = Pop(instance.port("pop", False)).login("user")
        self.addCleanup(kept.close)
        make_certificate(folder, "other", "other.test.example")
        instance.refresh()
        self.assertNotEqual(fingerprint(folder / "other.crt"), old)
        self.assertEqual(self.shown(instance, "other.test.example"), fingerprint(folder / "other.crt"))
        kept.ok("STAT")

    def test_old_protocols_are_refused(self):
        instance = self.start()
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
        with self.assertRaises((ssl.SSLError, ConnectionError)):
            Pop(instance.port("pop", True), context)

    def test_a_foreign_alpn_is_refused(self):
        instance = self.start()
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.set_alpn_protocols(["http/1.1"])
        with self.assertRaises((ssl.SSLError, ConnectionError)):
            Pop(instance.port("pop", True), context)
        context.set_alpn_protocols(["pop3"])
        client = Pop(instance.port("pop", True), context)
        self.addCleanup(client.close)
        self.assertEqual(client.socket.selected_alpn_protocol(), "pop3")

    def test_passwords_need_strong_tls(self):
        instance = self.start(pop__plaintextmincipher="128")
        client = Pop(instance.port("pop", False))
        self.addCleanup(client.close)
        self.assertTrue(client.command("USER user").startswith(b"-ERR"))
        self.assertTrue(client.command("AUTH PLAIN").startswith(b"-ERR"))
        context = ssl.create_default_context(cafile=str(instance.certificate))
        over_tls = Pop(instance.port("pop", True), context)
        self.addCleanup(over_tls.close)
        over_tls.login("user")

    def test_no_tls_at_all(self):
        instance = self.start(pop__sslusessl="no")
        client = Pop(instance.port("pop", False))
        self.addCleanup(client.close)
        self.assertNotIn(b"STLS\r\n", client.lines("CAPA"))
        self.assertTrue(client.command("STLS").startswith(b"-ERR"))
        with self.assertRaises(OSError):
            socket.create_connection(("127.0.0.1", instance.port("pop", True)), timeout=5)


if __name__ == "__main__":
    main()
