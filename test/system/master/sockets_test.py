# SPDX-License-Identifier: Apache-2.0
"""Restarts onto other addresses and ports: no client is refused or reset where the kernel lets it be so."""

import os
import socket
import subprocess
import threading
import unittest

import support
from support import BIN, Family, free_port, refused, wait_for
from systemd_test import Manager, start_with_fds

CLIENTS = 4
TURNS = 4


class Hammer:
    """Clients that connect and read a greeting, one after the other, until stopped."""

    def __init__(self, port: int, word: str = ""):
        self._port, self._word = port, word
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run) for _ in range(CLIENTS)]
        self.served = 0
        self.failures: list[str] = []

    def __enter__(self) -> "Hammer":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_exc) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                with socket.create_connection(("127.0.0.1", self._port), timeout=20) as session:
                    line = session.makefile("rb").readline().decode()
                    failure = "" if line.startswith("+OK") and self._word in line else f"answer {line!r}"
            except OSError as error:
                failure = repr(error)
            self.served += 1
            if failure:
                self.failures.append(failure)


class Sockets(unittest.TestCase):
    def listeners(self, family: Family, service: str = "pop") -> list[str]:
        return sorted(entry["address"] for entry in family.service(service)["listeners"])

    def test_from_one_address_to_all_and_back_nobody_is_refused(self):
        family = Family(self, pop__numprocesses="2").start()
        with Hammer(family.port()) as hammer:
            for turn in range(TURNS):
                family.options["base.listenaddr"] = ("0.0.0.0", "127.0.0.1")[turn % 2]
                family.write()
                answer = family.order("restart", "pop")
                self.assertTrue(answer["ok"], answer)
        print(f"{hammer.served} connections over {TURNS} restarts, {len(hammer.failures)} failures")
        self.assertEqual(hammer.failures, [])
        self.assertGreater(hammer.served, 20)
        self.assertEqual(self.listeners(family), ["127.0.0.1"])
        with self.assertRaises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.2", family.port()), timeout=5)

    def test_all_addresses_are_open_after_the_change(self):
        family = Family(self).start()
        family.options["base.listenaddr"] = "0.0.0.0"
        family.write()
        self.assertTrue(family.order("restart", "pop")["ok"])
        family.connect(address="127.0.0.2")
        family.connect(address="127.0.0.1")
        # Nobody shares a port with us by mistake, now or later.
        for address in ("0.0.0.0", "127.0.0.3"):
            with socket.socket() as stranger, self.assertRaises(OSError):
                stranger.bind((address, family.port()))
        self.assertTrue(family.order("stop", "pop")["ok"])
        self.assertTrue(refused(family.port()))

    def test_a_socket_of_another_user_is_replaced_with_a_gap(self):
        if os.getuid() != 0:
            self.skipTest("SKIPPED: needs root to have sockets of two users")
        family = Family(self)
        manager = Manager(family)
        self.addCleanup(manager.close)
        manager.keep_reading()
        for path in (family.directory, *family.directory.rglob("*")):
            os.chown(path, 65534, 65534)
        programs = family.directory / "bin"
        programs.mkdir(mode=0o755)
        subprocess.run(["cp", str(BIN / "master"), str(programs / "master")], check=True)
        reachable, support.BIN = support.BIN, programs
        self.addCleanup(setattr, support, "BIN", reachable)
        ours = socket.create_server(("127.0.0.1", family.port()))
        start_with_fds(family, manager, {"ours": ours.fileno()},
                       between=("/usr/bin/setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"))
        ours.close()
        family.options["base.listenaddr"] = "0.0.0.0"
        family.write()
        answer = family.order("restart", "pop")
        self.assertTrue(answer["ok"], answer)
        self.assertEqual(self.listeners(family), ["0.0.0.0"])
        family.connect(address="127.0.0.2")

    def test_two_services_swap_their_ports(self):
        family = Family(self, services=("pop", "imap")).start()
        for _ in range(2):
            before = {family.port("pop"): "imap", family.port("imap"): "pop"}
            one, two = family.options["pop.port"], family.options["imap.port"]
            family.options["pop.port"], family.options["imap.port"] = two, one
            family.write()
            with Hammer(int(one)) as hammer:
                answer = family.order("restart")
            self.assertTrue(answer["ok"], answer)
            self.assertEqual(hammer.failures, [], "clients wait meanwhile")
            for port, service in before.items():
                self.assertEqual(self.who(port), service)

    def who(self, port: int) -> str:
        with socket.create_connection(("127.0.0.1", port), timeout=20) as session:
            return session.makefile("rb").readline().decode().split()[3]

    def test_a_port_goes_to_another_service_and_its_owner_to_a_new_one(self):
        family = Family(self, services=("pop", "imap")).start()
        wanted = family.port("pop")
        family.options["imap.port"] = str(wanted)
        family.options["pop.port"] = str(free_port())
        family.write()
        answer = family.order("restart")
        self.assertTrue(answer["ok"], answer)
        self.assertEqual((self.who(wanted), self.who(family.port("pop"))), ("imap", "pop"))

    def test_a_new_service_gets_the_port_that_another_leaves(self):
        family = Family(self, services=("pop",)).start()
        family.options |= {"imap.enable": "1", "imap.port": family.options["pop.port"], "pop.port": str(free_port())}
        family.write()
        answer = family.order("restart")
        self.assertTrue(answer["ok"], answer)
        self.assertEqual((self.who(family.port("imap")), self.who(family.port("pop"))), ("imap", "pop"))

    def test_a_port_that_its_owner_keeps_is_not_taken(self):
        family = Family(self, services=("pop", "imap")).start()
        taken = family.port("imap")
        family.options["pop.port"] = str(taken)
        family.options["imap.port"] = str(free_port())
        family.write()
        answer = family.order("restart", "pop")  # imap is not named and keeps what it has
        self.assertFalse(answer["ok"])
        self.assertIn(str(taken), " ".join(answer["messages"]))
        self.assertEqual(self.who(taken), "imap")
        wait_for(family.started, "both go on")


if __name__ == "__main__":
    support.run_all()
