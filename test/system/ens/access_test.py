# SPDX-License-Identifier: Apache-2.0
"""Who may connect to the event service: the rules of ens.access and ENS_ACCESS, judged by real addresses."""

import os
import socket
import subprocess
import unittest

from support import BINARIES, Client, Instance, family


def let_in(instance: Instance, source: str) -> bool:
    client = Client(instance, source)
    try:
        if client.hello["ens"] == "hello":
            return client.ask("PING")["ens"] == "pong"
        assert client.hello == {"ens": "error", "code": "denied",
                                "text": "your address is not let in by ens.access"}, client.hello
        rest = client.rest()
        assert [each["ens"] for each in rest] == ["bye"] and rest[0]["again"] is False, rest
        return False
    finally:
        client.close()


class Access(unittest.TestCase):
    def instance(self, environment: str | None = None, **options: str) -> Instance:
        before = os.environ.pop("ENS_ACCESS", None)
        if environment is not None:
            os.environ["ENS_ACCESS"] = environment
        try:
            instance = family({name.replace("__", "."): value for name, value in options.items()})
        finally:
            os.environ.pop("ENS_ACCESS", None)
            if before is not None:
                os.environ["ENS_ACCESS"] = before
        self.addCleanup(instance.stop)
        return instance

    def test_this_host_by_default(self):
        instance = self.instance()
        for source in ("127.0.0.1", "127.0.0.2", "127.255.255.254"):
            self.assertTrue(let_in(instance, source), source)
        listening = subprocess.run(["msconfig", "get", "ens.listenaddr"], executable=str(BINARIES / "msconfig"),
                                   env=instance.environment(), capture_output=True, text=True, check=True)
        self.assertEqual(listening.stdout.split()[-1], "127.0.0.1")

    def test_the_last_rule_that_matches_decides(self):
        instance = self.instance(
            ens__access="+127.0.0.1|255.255.255.0;-127.0.0.17|255.255.255.255;"
                        "-127.0.1.0|255.255.255.0;+127.0.1.9|255.255.255.255")
        for source, allowed in (("127.0.0.1", True), ("127.0.0.16", True), ("127.0.0.17", False),
                                ("127.0.0.18", True), ("127.0.1.1", False), ("127.0.1.9", True),
                                ("127.1.0.1", False)):
            self.assertEqual(let_in(instance, source), allowed, source)
        self.assertIn("ens-denied", instance.log())

    def test_the_environment_counts_where_the_option_is_not_set(self):
        instance = self.instance(environment="+127.0.0.7|255.255.255.255")
        self.assertTrue(let_in(instance, "127.0.0.7"))
        self.assertFalse(let_in(instance, "127.0.0.8"))
        # A new generation has it, too.
        instance.refresh()
        self.assertTrue(let_in(instance, "127.0.0.7"))
        self.assertFalse(let_in(instance, "127.0.0.8"))

    def test_the_option_wins_over_the_environment(self):
        instance = self.instance(environment="+127.0.0.7|255.255.255.255",
                                 ens__access="+127.0.0.8|255.255.255.255")
        # The start of the tests' own connections comes from 127.0.0.1: nobody but .8 is let in.
        self.assertTrue(let_in(instance, "127.0.0.8"))
        self.assertFalse(let_in(instance, "127.0.0.7"))
        self.assertIn("environment-ignored", instance.log())

    def test_an_empty_option_lets_nobody_in(self):
        instance = self.instance(ens__access="")
        self.assertFalse(let_in(instance, "127.0.0.1"))

    def test_a_typo_in_the_environment_is_told_at_the_start(self):
        instance = Instance(BINARIES, services=["ens"])
        self.addCleanup(instance.stop)
        done = subprocess.run(
            [str(BINARIES / "master"), "-c", str(instance.config_file), "--foreground"], capture_output=True,
            text=True, timeout=60, check=False,
            env=instance.environment() | {"ENS_ACCESS": "+127.0.0.1|255.255.255.255;-192.168.0.17;255.255.255.255"})
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("ENS_ACCESS: rule 2 ('-192.168.0.17') has no mask: for this one host write "
                      "'-192.168.0.17|255.255.255.255'", done.stdout + done.stderr)

    def test_a_typo_in_the_option_is_found_by_check_with_its_line(self):
        instance = Instance(BINARIES, {"ens.access": "+192.168.0.1|255.255.255.0;255.255.255.255"}, services=["ens"])
        self.addCleanup(instance.stop)
        done = instance.run("msconfig", "check", check=False)
        self.assertEqual(done.returncode, 78)
        said = (done.stdout + done.stderr).decode()
        line = 1 + next(number for number, text in enumerate(instance.config_file.read_text().splitlines())
                        if "ens.access" in text)
        self.assertIn(f"{instance.config_file}:{line}: ", said)
        self.assertIn("rule 2 ('255.255.255.255') has no + or - in front", said)
        self.assertIn("write '|' and not ';'", said)

    def test_refresh_brings_other_rules(self):
        instance = self.instance(ens__access="+127.0.0.0|255.0.0.0")
        self.assertTrue(let_in(instance, "127.0.0.3"))
        instance.options["ens.access"] = "+127.0.0.0|255.0.0.0;-127.0.0.3|255.255.255.255"
        instance.write_config()
        instance.refresh()
        self.assertFalse(let_in(instance, "127.0.0.3"))
        self.assertTrue(let_in(instance, "127.0.0.4"))

    def test_a_stranger_gets_no_handshake(self):
        instance = self.instance(ens__access="+127.0.0.4|255.255.255.255")
        with socket.create_connection(("127.0.0.1", instance.port("ens", True)), timeout=10,
                                      source_address=("127.0.0.5", 0)) as connection:
            try:
                self.assertEqual(connection.recv(10), b"")
            except ConnectionResetError:
                pass

    def test_ipv6(self):
        try:
            with socket.socket(socket.AF_INET6) as probe:
                probe.bind(("::1", 0))
        except OSError:
            self.skipTest("SKIPPED: this host has no ::1")
        instance = self.instance(ens__listenaddr="127.0.0.1 ::1", ens__access="+127.0.0.0|255.0.0.0;+::1/128")
        with socket.create_connection(("::1", instance.port("ens", False)), timeout=10) as connection:
            self.assertIn(b'"ens":"hello"', connection.recv(1000))
        instance.options["ens.access"] = "+127.0.0.0|255.0.0.0;+::/0;-::1/128"
        instance.write_config()
        instance.refresh()
        with socket.create_connection(("::1", instance.port("ens", False)), timeout=10) as connection:
            self.assertIn(b'"code":"denied"', connection.recv(1000))


if __name__ == "__main__":
    unittest.main()
