# SPDX-License-Identifier: Apache-2.0
"""What an order takes from the configuration, when, and what it leaves as it is."""

import os
import signal
import socket
import subprocess
import time
import unittest

import support
from support import BIN, Family, alive, free_port, wait_for


class Settings(unittest.TestCase):
    def test_a_switched_symbolic_link_is_another_configuration(self):
        family = Family(self)
        first = family.directory / "first.yaml"
        second = family.directory / "second.yaml"
        family.file.rename(first)
        family.file.symlink_to("first.yaml")
        family.start()
        second.write_text(first.read_text() + '"pop.idletimeout": "77m"\n')
        fresh = family.directory / "fresh"
        fresh.symlink_to("second.yaml")
        fresh.rename(family.file)
        answer = family.order("refresh", "pop")
        self.assertTrue(answer["ok"], answer)
        pid = family.service()["workers"][0]["pid"]
        self.assertIn("77m", (family.programs / "report" / f"{pid}.snapshot").read_text())

    def test_an_order_that_cannot_be_prepared_changes_nothing_of_master_either(self):
        family = Family(self, services=("pop", "imap")).start()
        (family.directory / "rubbish.pem").write_text("this is no certificate\n")
        good = dict(family.options)
        family.options |= {"base.autorestart": "0", "imap.enable": "0", "tls:main.cert": str(family.directory / "rubbish.pem"),
                           "tls:main.key": str(family.directory / "rubbish.pem")}
        family.write()
        for command in ("refresh", "restart", "start"):
            answer = family.order(command, *(("imap", "pop") if command == "refresh" else ()))
            if command == "start":
                self.assertTrue(answer["ok"], "all that is enabled runs: there is nothing to prepare")
                break
            self.assertFalse(answer["ok"], answer)
            said = " ".join(answer["messages"])
            self.assertIn("pop: certificate main: no PEM", said)
            self.assertIn("nothing was changed", said)
            self.assertTrue(family.service("imap")["enabled"])
            victim = family.service()["workers"][0]["pid"]
            os.kill(victim, signal.SIGKILL)
            wait_for(lambda v=victim: [w for w in family.service()["workers"] if w.get("pid", v) != v
                                       and w["state"] == "running"],
                     "replaced: base.autorestart is what it was")
        family.options = good

    def test_a_worker_that_does_not_answer_blocks_no_later_order(self):
        family = Family(self, base__watchdog="0", pop__numprocesses="2").start()
        pids = sorted(w["pid"] for w in family.service()["workers"])
        os.kill(pids[0], signal.SIGSTOP)
        self.addCleanup(self.go_on, pids[0])
        family.options["pop.idletimeout"] = "77m"
        family.write()
        begin = time.monotonic()
        answer = family.order("refresh", "pop")
        took = time.monotonic() - begin
        self.assertFalse(answer["ok"])
        said = " ".join(answer["messages"])
        self.assertIn(f"pid {pids[0]} does not answer", said)
        self.assertNotIn(str(pids[1]), said)
        self.assertLess(took, 30)
        os.kill(pids[0], signal.SIGCONT)
        wait_for(lambda: (family.programs / "report" / f"{pids[0]}.snapshot").exists(), "the late worker has it")
        family.options["pop.idletimeout"] = "78m"
        family.write()
        answer = family.order("refresh", "pop")
        self.assertTrue(answer["ok"], answer)
        self.assertIn("78m", (family.programs / "report" / f"{pids[0]}.snapshot").read_text())

    @staticmethod
    def go_on(pid: int) -> None:
        try:
            os.kill(pid, signal.SIGCONT)
        except ProcessLookupError:
            pass

    def test_a_service_by_its_name_alone(self):
        family = Family(self, services=("pop", "imap"))
        start = (str(BIN / "start-msg"), "-c", str(family.file))
        family.options["server.programdir"] = str(family.programs)
        family.write()
        self.addCleanup(subprocess.run, [str(BIN / "stop-msg"), "-c", str(family.file)], check=False, timeout=60,
                        capture_output=True)
        done = subprocess.run([*start, "popd", "store"], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("pop: started", done.stdout)
        self.assertIn("store: no process of its own", done.stderr)
        self.assertEqual([s["name"] for s in family.status()["services"] if s["started"]], ["pop"])
        subprocess.run([*start], check=True, timeout=60, capture_output=True)
        self.assertEqual(sorted(s["name"] for s in family.status()["services"] if s["started"]), ["imap", "pop"])
        subprocess.run([str(BIN / "stop-msg"), "-c", str(family.file)], check=True, timeout=60, capture_output=True)
        for names, why in ((("http",), "http.enable 1"), (("nonsense",), "no service"), (("pop", "nonsense"), "no service"),
                           (("store",), "no process of its own")):
            done = subprocess.run([*start, *names], capture_output=True, text=True, timeout=60)
            self.assertNotEqual(done.returncode, 0, names)
            self.assertIn(why, done.stdout + done.stderr)
            wait_for(lambda: family.status() is None, "no master is left with nothing to do")

    def test_a_detached_master_opens_its_log_anew(self):
        family = Family(self)
        family.options["server.programdir"] = str(family.programs)
        family.write()
        stop = [str(BIN / "stop-msg"), "-c", str(family.file)]
        self.addCleanup(subprocess.run, stop, check=False, timeout=60, capture_output=True)
        subprocess.run([str(BIN / "start-msg"), "-c", str(family.file)], check=True, timeout=60, capture_output=True)
        log = family.directory / "data" / "log" / "posthorn.log"
        self.assertIn("master-started", log.read_text())
        old = log.rename(log.with_name("posthorn.log.1"))
        self.assertTrue(family.order("refresh")["ok"])
        session, _ = family.connect()
        self.assertTrue(alive(session))
        self.assertIn("generation", log.read_text())
        length = old.stat().st_size
        subprocess.run(stop, check=True, timeout=60, capture_output=True)
        self.assertIn("master-ended", log.read_text())
        self.assertEqual(old.stat().st_size, length, "nothing more goes to the old file")

    def test_a_taken_port_is_said_by_start_msg(self):
        family = Family(self)
        family.options["server.programdir"] = str(family.programs)
        family.options["pop.port"] = str(free_port())
        family.write()
        with socket.create_server(("127.0.0.1", family.port())):
            done = subprocess.run([str(BIN / "start-msg"), "-c", str(family.file), "pop"], capture_output=True,
                                  text=True, timeout=60)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(family.options["pop.port"], done.stderr)


support.run_all()
