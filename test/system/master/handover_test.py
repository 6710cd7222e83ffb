# SPDX-License-Identifier: Apache-2.0
"""What a worker is handed, and with which rights it begins."""

import os
import pwd
import unittest

import support
from support import Family

SEALS = 0x1 | 0x2 | 0x4 | 0x8  # seal, shrink, grow, write


def field(report: dict, name: str) -> str:
    return next(line.split(":", 1)[1].strip() for line in report["status"].splitlines() if line.startswith(name + ":"))


class Handover(unittest.TestCase):
    def setUp(self) -> None:
        self.family = Family(self, services=("pop", "http"), base__proxyadmin="proxy",
                             base__proxyadminpass="hush-hush", pop__numprocesses="2").start()
        self.workers = [r for r in self.family.reports() if r["launch"]["service"] == "pop"]

    def test_exactly_the_planned_descriptors(self):
        self.assertEqual(len(self.workers), 2)
        for report in self.workers:
            # 0-2, control, config, TLS, scoreboard, event area, table of failures, one listener, an eventfd for each
            # event slot; os.listdir's own is gone when it is looked at.
            self.assertEqual(report["fds"], [*range(10 + 64)])
            self.assertEqual(report["launch"]["eventwakes"], 64)
            self.assertNotIn("eventslot", report["launch"], "pop has nobody who waits for changes")
            self.assertEqual(len(report["launch"]["listeners"]), 1)
        self.assertEqual({r["launch"]["index"] for r in self.workers}, {0, 1})
        self.assertEqual(len({r["launch"]["slot"] for r in self.workers}), 2)

    def test_configuration_and_keys_are_sealed(self):
        for report in self.workers:
            self.assertEqual(report["config_seals"] & SEALS, SEALS)
            self.assertEqual(report["tls_seals"] & SEALS, SEALS)
            self.assertEqual(report["board_seals"] & 0x7, 0x7, "nobody may shrink the scoreboard under the others")
            self.assertEqual(report["failures_seals"] & 0x7, 0x7, "nor the table of failures")

    def test_a_service_sees_its_own_part_only(self):
        web = [r for r in self.family.reports() if r["launch"]["service"] == "http"]
        self.assertIn("hush-hush", web[0]["config"])
        for report in self.workers:
            self.assertNotIn("hush-hush", report["config"])
            self.assertNotIn("http.port", report["config"])
            self.assertIn("pop.popminpoll", report["config"], "defaults are written out")

    def test_no_rights_are_left(self):
        for report in self.workers:
            for name in ("CapInh", "CapPrm", "CapEff", "CapAmb") + (("CapBnd",) if os.getuid() == 0 else ()):
                self.assertEqual(int(field(report, name), 16), 0, name)
            self.assertEqual(field(report, "NoNewPrivs"), "1")
            user = pwd.getpwnam(self.family.user)
            self.assertEqual(field(report, "Uid").split(), [str(user.pw_uid)] * 4)
            self.assertEqual(field(report, "Gid").split(), [str(user.pw_gid)] * 4)
            self.assertNotIn(0, report["groups"])

    def test_the_rest_of_the_process(self):
        for report in self.workers:
            self.assertEqual(report["umask"], 0o077)
            self.assertEqual(report["cwd"], "/")
            self.assertTrue(report["session"], "a terminal's Ctrl-C is master's alone")
            core = next(line for line in report["limits"].splitlines() if line.startswith("Max core file size"))
            self.assertEqual(core.split()[4], "0")
            self.assertNotIn("POSTHORN_BIN", report["environment"])
            self.assertIn("generation 1", report["argv"][2])


support.run_all()
