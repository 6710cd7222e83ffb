# SPDX-License-Identifier: Apache-2.0
"""What a write leaves on disk: modes, owners, links, history; what two writers do to each other; configutil."""

import os
import re
import shutil
import stat
import subprocess
import unittest

from sandbox import PROGRAMS, Sandbox


def mode(path) -> int:
    return stat.S_IMODE(os.stat(path).st_mode)


class Files(Sandbox):
    def test_modes_and_owner_are_kept(self):
        self.file.chmod(0o640)
        if os.getuid() == 0:
            os.chown(self.file, 65534, 65534)
        self.msconfig("set", "base.proxyadminpass", "geheim")
        self.assertEqual(mode(self.file), 0o640)
        self.assertEqual(mode(self.history), 0o750)
        for kept in self.history.iterdir():
            self.assertEqual(mode(kept), 0o640)
            if os.getuid() == 0:
                self.assertEqual((kept.stat().st_uid, kept.stat().st_gid), (65534, 65534))
                self.assertEqual(self.file.stat().st_uid, 65534)
        self.assertEqual(sorted(os.listdir(self.folder)), ["posthorn.yaml", "posthorn.yaml.history"])

    def test_a_file_that_is_closed_closes_its_history(self):
        self.file.chmod(0o644)
        self.msconfig("set", "pop.port", "2110")
        self.assertEqual(mode(self.history), 0o755)
        self.file.chmod(0o600)
        self.msconfig("set", "pop.port", "2111")
        self.assertEqual(mode(self.history), 0o700)
        self.assertEqual(mode(self.history / "3"), 0o600)

    def test_a_link_stays_one_and_history_is_at_its_target(self):
        real = self.folder / "real"
        real.mkdir()
        self.file.rename(real / "conf.yaml")
        self.file.symlink_to("real/conf.yaml")
        self.msconfig("set", "pop.port", "2110")
        self.assertTrue(self.file.is_symlink())
        self.assertTrue((real / "conf.yaml.history" / "2").exists())
        self.assertIn("*   2", self.msconfig("history"))

    def test_history_is_bounded(self):
        for port in range(2000, 2060):
            self.msconfig("set", "pop.port", str(port))
        kept = sorted(int(name) for name in os.listdir(self.history))
        self.assertEqual(len(kept), 50)
        self.assertEqual(kept[-1], 61)
        self.msconfig("revert", "12")
        self.assertEqual(self.text(), "pop.port: 2010\n")
        self.msconfig("revert", "11", status=78)

    def test_history_that_cannot_be_written_refuses_the_change(self):
        self.history.write_text("in the way")
        self.assertIn("nothing was changed", self.msconfig("set", "pop.port", "2110", status=78))
        self.assertEqual(self.text(), "pop.port: 1110\n")

    def test_many_writers_lose_nothing(self):
        names = ["pop.port", "imap.port", "http.port", "pop.sslport", "imap.sslport", "http.sslport", "ens.port",
                 "lmtp.port"]
        writers = [subprocess.Popen([PROGRAMS / "msconfig", "set", name, str(2000 + i)], env=self.environment,
                                    stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for i, name in enumerate(names)]
        for writer in writers:
            error = writer.communicate(timeout=60)[1]
            self.assertEqual(writer.returncode, 0, error)
        for i, name in enumerate(names):
            self.assertEqual(self.msconfig("get", name), f"{2000 + i}\n")
        self.assertEqual(len(list(self.history.iterdir())), len(names) + 1)

    def test_a_power_cut_between_the_steps_leaves_a_whole_file(self):
        """The new text is on disk before it takes the name, and the name is on disk before success is told."""
        if shutil.which("strace") is None:
            print("SKIPPED: there is no strace")
            self.skipTest("no strace")
        trace = self.folder / "trace"
        done = subprocess.run(["strace", "-f", "-o", str(trace), "-e", "trace=openat,write,fsync,rename,renameat,"
                               "renameat2", str(PROGRAMS / "msconfig"), "set", "pop.port", "2110"],
                              env=dict(self.environment, ASAN_OPTIONS="detect_leaks=0"), capture_output=True,
                              timeout=60, check=False)
        if b"ptrace" in done.stderr.lower() or b"PTRACE" in done.stderr:
            print("SKIPPED: strace may not trace here:", done.stderr.decode())
            self.skipTest("no ptrace")
        self.assertEqual(done.returncode, 0, done.stderr)
        calls = [line.split(None, 1)[1] for line in trace.read_text().splitlines() if " = " in line]
        renames = [i for i, call in enumerate(calls) if call.startswith("rename")]
        self.assertEqual(len(renames), 3, "the version before, the file, the version now")
        said = next(i for i, call in enumerate(calls) if call.startswith("write(1,"))
        for at in renames:
            self.assertTrue(calls[at - 1].startswith("fsync("), calls[at - 1])
            self.assertTrue(any(call.startswith("fsync(") for call in calls[at + 1:at + 3]), calls[at:at + 3])
            self.assertLess(at, said)

    def test_who_may_not_write_is_told(self):
        if os.getuid() != 0:
            print("SKIPPED: needs root to become somebody else")
            self.skipTest("not root")
        self.folder.chmod(0o755)
        self.file.chmod(0o644)
        done = subprocess.run([PROGRAMS / "msconfig", "set", "pop.port", "2110"], env=self.environment, user=65534,
                              group=65534, extra_groups=[], capture_output=True, timeout=60, check=False)
        if done.returncode == 126 or b"Permission denied" in done.stderr and b"msconfig:" not in done.stderr:
            print("SKIPPED: nobody may not enter the build directory")
            self.skipTest("build directory")
        self.assertEqual(done.returncode, 77, done.stderr)
        self.assertEqual(self.text(), "pop.port: 1110\n")


class Configutil(Sandbox):
    def test_options_are_set_printed_and_taken_out(self):
        self.configutil("-o", "service.imap.port", "-v", "2143")
        self.assertEqual(self.configutil("-o", "service.imap.port"), "2143\n")
        self.assertEqual(self.configutil("-o", "imap.port"), "2143\n")
        self.assertEqual(self.msconfig("get", "imap.port"), "2143\n")
        self.configutil("-l", "-o", "service.imap.port", "-d")
        self.assertEqual(self.configutil("-o", "service.imap.port"), "143\n")
        self.configutil("-o", "service.pop.plaintextmincipher", "-v", "-1")
        self.assertEqual(self.configutil("-o", "service.pop.plaintextmincipher"), "-1\n")
        self.configutil("-o", "local.hostname", "-v", "")
        self.assertIn("there is no option", self.configutil("-o", "service.imap.prot", status=64))
        self.assertIn("restart: `restart-msg imap`", self.configutil("-o", "service.imap.port", "-v", "2143"))

    def test_numbers_have_no_units(self):
        self.assertEqual(self.configutil("-o", "service.imap.idletimeout"), "30\n")
        self.assertEqual(self.configutil("-o", "service.http.maxmessagesize"), "5242880\n")
        self.assertEqual(self.configutil("-o", "service.http.sessiontimeout"), "7200\n")

    def test_lists(self):
        everything = self.configutil()
        self.assertIn("service.pop.port = 1110\n", everything)
        self.assertIn("service.imap.port = 143\n", everything)
        self.assertEqual(self.configutil("-p", "service.pop.ssl"),
                         "service.pop.sslport = 995\nservice.pop.sslusessl = yes\n")
        said = self.configutil("-p", "service.pop.port", "-m")
        self.assertIn("new name: pop.port", said)
        self.assertIn("default 110", said)
        self.assertIn("restart:", said)
        self.msconfig("set", "base.proxyadminpass", "geheim")
        self.assertNotIn("geheim", self.configutil())
        self.assertIn("geheim", self.configutil("--passwords", "-p", "local.service.proxy"))

    def test_help_file_and_wrong_usage(self):
        self.assertIn("The port of connections", self.configutil("-H", "-o", "service.pop.port"))
        other = self.folder / "other.yaml"
        other.write_text("pop.port: 7\n")
        self.assertEqual(self.configutil("-f", str(other), "-o", "service.pop.port"), "7\n")
        for words in (("-d",), ("-v", "1"), ("-H",), ("x",), ("-o",), ("-o", "a", "-v", "1", "-d"), ("-x",),
                      ("-o", "service.pop.port", "x")):
            self.assertIn("usage:", self.configutil(*words, status=64))
        self.assertIn("other languages", self.configutil("-o", "service.pop.banner;lang-de", status=64))
        self.assertIn("other languages", self.configutil("-o", "service.pop.banner;lang-de", "-v", "x", status=64))
        self.assertIn("other languages", self.configutil("-p", "service.pop;lang-de", status=64))

    def test_a_file_of_settings(self):
        settings = self.folder / "settings"
        settings.write_text("service.pop.port = 2110\nservice.imap.port = 2143\n")
        self.configutil("-i", str(settings))
        self.assertEqual(self.configutil("-o", "service.pop.port"), "2110\n")
        settings.write_text("service.pop.port = 3110\nservice.imap.prot = 2143\n")
        self.assertIn("settings:2: there is no option", self.configutil("-i", str(settings), status=78))
        self.assertEqual(self.configutil("-o", "service.pop.port"), "2110\n")

    def test_every_old_name_is_understood(self):
        names = [line.split(" = ")[0] for line in self.configutil().splitlines()]
        for name in names:
            self.assertTrue(re.fullmatch(r"[a-z0-9_.]+", name), name)
        for name in names[::7]:
            value = self.configutil("-o", name).rstrip("\n")
            shown = self.msconfig("show", "-all", name)
            self.assertEqual(len(shown.splitlines()), 1, name)
            self.assertIsNotNone(value)


if __name__ == "__main__":
    unittest.main()
