# SPDX-License-Identifier: Apache-2.0
"""Limits as clients meet them: a full service, strangers that stay, PROXY headers, lines and octets."""

import socket
import struct
import time
import unittest

from support import Pop, family, main

PROXY_V2 = b"\r\n\r\n\0\r\nQUIT\n"


def proxy_v2(source: str, port: int) -> bytes:
    body = socket.inet_aton(source) + socket.inet_aton("127.0.0.1") + struct.pack(">HH", port, 110)
    return PROXY_V2 + bytes([0x21, 0x11]) + struct.pack(">H", len(body)) + body


class Limits(unittest.TestCase):
    def start(self, **options: str):
        instance = family(["user"], {name.replace("__", "."): value for name, value in options.items()})
        self.addCleanup(instance.stop)
        return instance

    def pop(self, instance, **arguments) -> Pop:
        client = Pop(instance.port("pop", False), **arguments)
        self.addCleanup(client.close)
        return client

    def test_a_full_service_says_so_and_closes(self):
        instance = self.start(pop__maxsessions="3", pop__numprocesses="1")
        clients = [self.pop(instance).login("user") for _ in range(3)]
        refused = self.pop(instance)
        self.assertTrue(refused.greeting.startswith(b"-ERR [SYS/TEMP]"), refused.greeting)
        self.assertEqual(refused.file.readline(), b"")
        refused.close()
        clients[0].ok("QUIT")
        clients[0].close()
        deadline = time.monotonic() + 10
        while not (client := self.pop(instance)).greeting.startswith(b"+OK"):
            client.close()
            self.assertLess(time.monotonic(), deadline, "no room came back")
            time.sleep(0.05)

    def test_too_many_of_one_address(self):
        instance = self.start(pop__connlimits="127.0.0.9|255.255.255.255:2")
        kept = [self.pop(instance, source="127.0.0.9") for _ in range(2)]
        self.assertTrue(all(c.greeting.startswith(b"+OK") for c in kept))
        self.assertTrue(self.pop(instance, source="127.0.0.9").greeting.startswith(b"-ERR [SYS/TEMP]"))
        self.assertTrue(self.pop(instance).greeting.startswith(b"+OK"))

    def test_strangers_are_sent_away_silently(self):
        instance = self.start(base__unauthtimeout="1s")
        client = self.pop(instance)
        self.assertEqual(client.file.readline(), b"")

    def test_proxy_headers_of_trusted_hosts(self):
        instance = self.start(pop__proxyprotocol="yes", base__trustedproxies="127.0.0.1",
                              pop__connlimits="192.0.2.7|255.255.255.255:1")
        first = self.pop(instance, before=b"PROXY TCP4 192.0.2.7 127.0.0.1 4000 110\r\n")
        self.assertTrue(first.greeting.startswith(b"+OK"))
        first.login("user")
        self.assertIn("192.0.2.7", instance.log())
        second = self.pop(instance, before=proxy_v2("192.0.2.7", 4001))
        self.assertTrue(second.greeting.startswith(b"-ERR [SYS/TEMP]"), second.greeting)
        other = self.pop(instance, before=proxy_v2("192.0.2.8", 4002))
        self.assertTrue(other.greeting.startswith(b"+OK"))
        raw = socket.create_connection(("127.0.0.1", instance.port("pop", False)), timeout=10)
        self.addCleanup(raw.close)
        raw.sendall(b"USER user\r\n")
        try:
            self.assertEqual(raw.recv(100), b"", "no header: nothing is said")
        except ConnectionResetError:
            pass

    def test_proxy_headers_of_others_are_not_believed(self):
        instance = self.start(pop__proxyprotocol="yes", base__trustedproxies="192.0.2.0/24")
        client = self.pop(instance, before=b"PROXY TCP4 192.0.2.7 127.0.0.1 4000 110\r\n")
        self.assertTrue(client.file.readline().startswith(b"-ERR"))
        client.close()
        self.assertNotIn("192.0.2.7", instance.log())

    def test_without_proxyprotocol_a_header_is_a_bad_command(self):
        instance = self.start()
        client = self.pop(instance, before=b"PROXY TCP4 192.0.2.7 127.0.0.1 4000 110\r\n")
        self.assertTrue(client.greeting.startswith(b"+OK"))
        self.assertTrue(client.file.readline().startswith(b"-ERR"))
        self.assertNotIn("192.0.2.7", instance.log())

    def test_failed_logins_wait_and_hold_no_thread(self):
        instance = self.start(auth__failuredelay="1s")
        client = self.pop(instance)
        client.ok("USER user")
        client.socket.sendall(b"PASS wrong\r\n")
        # Meanwhile others are served.
        other = Pop(instance.port("pop", False))
        self.addCleanup(other.close)
        self.assertTrue(other.ok("CAPA"))
        client.socket.settimeout(0.5)
        with self.assertRaises(TimeoutError):
            client.socket.recv(1)
        client.socket.settimeout(10)
        self.assertTrue(client.socket.recv(200).startswith(b"-ERR [AUTH]"))


if __name__ == "__main__":
    main()
