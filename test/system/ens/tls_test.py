# SPDX-License-Identifier: Apache-2.0
"""The event service over TLS: from the first byte, by STARTTLS, and not at all."""

import os
import socket
import ssl
import unittest

from support import STORE, Client, family, publish


class Tls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.instance = family()

    @classmethod
    def tearDownClass(cls):
        cls.instance.stop()

    def context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.instance.certificate))

    def listens(self, client: Client) -> None:
        self.addCleanup(client.close)
        client.subscribe(f"{STORE}?owner=anna")
        publish(self.instance, 3)
        self.assertEqual([client.event()["imapUid"] for _ in range(3)], [1, 2, 3])

    def test_from_the_first_byte(self):
        client = Client(self.instance, tls=self.context())
        self.assertFalse(client.hello["starttls"])
        self.listens(client)
        self.assertEqual(client.ask("STARTTLS"), {"ens": "error", "code": "invalid", "text": "TLS is there already"})

    def test_starttls(self):
        client = Client(self.instance)
        self.assertEqual(client.ask("STARTTLS"), {"ens": "ok", "command": "STARTTLS"})
        client.socket = self.context().wrap_socket(client.socket, server_hostname="localhost")
        self.listens(client)

    def test_nothing_may_follow_starttls_in_clear(self):
        client = Client(self.instance)
        self.addCleanup(client.close)
        client.socket.sendall(f"STARTTLS\r\nSUBSCRIBE {STORE}\r\n".encode())
        said = client.rest()
        self.assertEqual([(each["ens"], each.get("code")) for each in said], [("error", "denied")])

    def test_a_subscription_of_before_is_heard_after_starttls(self):
        client = Client(self.instance).subscribe(f"{STORE}?owner=anna")
        self.addCleanup(client.close)
        client.ask("STARTTLS")
        publish(self.instance, 2)
        client.socket = self.context().wrap_socket(client.socket, server_hostname="localhost")
        self.assertEqual([client.event()["imapUid"] for _ in range(2)], [1, 2])

    def test_a_clear_client_on_the_tls_port_gets_no_word_in_clear(self):
        with socket.create_connection(("127.0.0.1", self.instance.port("ens", True)), timeout=10) as connection:
            connection.sendall(b"PING x\r\n")
            self.assertNotIn(b"ens", connection.recv(1000))

    def test_without_tls(self):
        plain = family({"ens.sslusessl": "no", "ens.enablesslport": "no"})
        self.addCleanup(plain.stop)
        client = Client(plain)
        self.addCleanup(client.close)
        self.assertFalse(client.hello["starttls"])
        self.assertEqual(client.ask("STARTTLS")["code"], "unsupported")
        with self.assertRaises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", plain.port("ens", True)), timeout=10)


if __name__ == "__main__":
    os.environ.pop("ENS_ACCESS", None)
    unittest.main()
