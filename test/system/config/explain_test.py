# SPDX-License-Identifier: Apache-2.0
"""msconfig explain NAME, and what it says of processes that run with something else."""

import os
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(os.environ["POSTHORN_SOURCE"]) / "test" / "support"))

from instance import Instance  # noqa: E402
from ports import free_port  # noqa: E402


class Explain(unittest.TestCase):
    def setUp(self):
        self.instance = Instance(Path(os.environ["POSTHORN_BIN"]), {"base.proxyadminpass": "geheim"}, ["pop", "imap"])
        self.addCleanup(self.instance.stop)

    def explain(self, *words: str) -> dict:
        """The labelled lines; the same label twice is joined."""
        done = self.instance.run("msconfig", "explain", *words, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        said = {"text": done.stdout.decode()}
        for line in said["text"].splitlines():
            label, colon, rest = line.strip().partition(": ")
            if colon and len(label) < 12:
                said[label] = (said[label] + "\n" if label in said else "") + rest.strip()
        return said

    def test_where_a_value_comes_from(self):
        self.instance.run("msconfig", "set", "-comment", "said Anna", "pop.maxsessions", "50")
        said = self.explain("service.pop.maxsessions")
        line = 1 + self.instance.config_file.read_text().splitlines().index("  maxsessions: 50  # said Anna")
        self.assertEqual(said["From"], f"{self.instance.config_file}:{line}  # said Anna")
        self.assertEqual(said["Value"], "50")
        self.assertEqual(said["Default"], "600")
        self.assertEqual(said["Takes"], "a number from 1 to 1000000")
        self.assertEqual(said["Old name"], "service.pop.maxsessions")
        self.assertEqual(said["Goes to"], "master and the workers of pop")
        self.assertIn("refresh: `refresh pop`", said["Change"])
        self.assertEqual(said["Running"], "nothing runs")
        self.assertIn("the file does not set it", self.explain("imap.maxsessions")["From"])
        self.assertIn("minutes", self.explain("imap.idletimeout")["Takes"])

    def test_groups_and_passwords(self):
        said = self.explain("proxy:store1.siroe.com.imapadminpass")
        self.assertEqual(said["Old name"], "local.service.proxy.adminpass.store1.siroe.com")
        said = self.explain("base.proxyadminpass")
        self.assertNotIn("geheim", said["text"])
        self.assertEqual(said["Value"], "********")

    def test_checks_that_concern_it(self):
        self.instance.run("msconfig", "set", "pop.plaintextmincipher", "-1")
        self.assertIn("nobody can log in", self.explain("pop.plaintextmincipher")["Check"])

    def test_unknown_names(self):
        done = self.instance.run("msconfig", "explain", "pop.prot", check=False)
        self.assertEqual(done.returncode, 64)
        self.assertIn(b"did you mean pop.port", done.stderr)

    def test_what_the_running_services_use(self):
        self.instance.start()
        self.assertEqual(self.explain("pop.maxsessions")["Running"], "pop uses 600")
        self.assertEqual(self.explain("base.loginseparator")["Running"], "imap uses @\npop uses @")
        self.instance.run("msconfig", "set", "pop.maxsessions", "50")
        running = self.explain("pop.maxsessions")["Running"]
        self.assertIn("pop uses 600; refresh: `refresh pop`", running)
        self.instance.run("refresh", "pop")
        self.assertEqual(self.explain("pop.maxsessions")["Running"], "pop uses 50")
        # A restart-only option: a refresh leaves it as it was.
        old = self.instance.options["imap.port"]
        self.instance.run("msconfig", "set", "imap.port", str(free_port()))
        self.instance.run("refresh", "imap")
        self.assertIn(f"imap uses {old}; restart: `restart-msg imap`", self.explain("imap.port")["Running"])
        self.assertEqual(self.explain("http.port")["Running"], "no service that is started is handed it")
        self.assertEqual(self.explain("base.autorestart")["Running"], "master uses yes")
        done = self.instance.run("msconfig", "diff", "-running").stdout.decode()
        self.assertIn(f"imap: imap.port: uses {old}, the file says ", done)
        self.assertNotIn("pop.maxsessions", done)
        self.assertEqual(self.instance.run("msconfig", "diff").stdout.decode(), done)
        # Passwords are not told over the socket at all.
        self.assertEqual(self.explain("base.proxyadminpass")["Running"], "is not told of passwords")
        self.instance.run("restart-msg", "imap")
        self.assertIn("no difference", self.instance.run("msconfig", "differences").stdout.decode())
        self.instance.run("stop-msg", "pop")
        self.assertEqual(self.explain("pop.maxsessions")["Running"], "no service that is started is handed it")


if __name__ == "__main__":
    unittest.main()
