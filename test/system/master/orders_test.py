# SPDX-License-Identifier: Apache-2.0
"""Orders and their limits: generations, changed addresses, live options, workers that cannot or will not."""

import os
import signal
import socket
import subprocess
import time
import unittest
from pathlib import Path

import support
from support import BIN, Family, alive, free_port, refused, wait_for


class Orders(unittest.TestCase):
    def test_at_most_two_old_generations_drain(self):
        family = Family(self).start()
        sessions = []
        for _ in range(4):
            sessions.append(family.connect())
            self.assertTrue(family.order("refresh", "pop")["ok"])
        wait_for(lambda: len(family.service()["generations"]) == 3, "two old generations and the current one")
        self.assertEqual([alive(s) for s, _ in sessions], [False, False, True, True])

    def test_restart_binds_changed_addresses_and_keeps_the_others(self):
        family = Family(self).start()
        old = family.port()
        session, _ = family.connect()
        family.options["pop.port"] = str(free_port())
        family.write()
        answer = family.order("refresh", "pop")
        self.assertIn("pop.port takes effect at restart-msg pop", " ".join(answer["messages"]))
        self.assertTrue(alive(session) and not refused(old))
        self.assertTrue(family.order("restart", "pop")["ok"])
        self.assertTrue(refused(old))
        self.assertFalse(alive(session), "restart ends the sessions of before")
        family.connect()

    def test_restart_from_all_addresses_to_one(self):
        family = Family(self, base__listenaddr="0.0.0.0").start()
        family.options["base.listenaddr"] = "127.0.0.1"
        family.write()
        self.assertTrue(family.order("restart", "pop")["ok"], family.log())
        family.connect()
        self.assertEqual([entry["address"] for entry in family.service()["listeners"]], ["127.0.0.1"])

    def test_ipv6_beside_ipv4(self):
        if not os.path.exists("/proc/net/if_inet6"):
            self.skipTest("SKIPPED: this host has no IPv6")
        family = Family(self, base__listenaddr="127.0.0.1 ::1").start()
        family.connect()
        family.connect(address="::1")

    def test_live_options_reach_running_workers(self):
        family = Family(self, pop__numprocesses="2").start()
        session, _ = family.connect()
        pids = [w["pid"] for w in family.service()["workers"]]
        family.options["pop.idletimeout"] = "77m"
        family.write()
        answer = family.order("refresh", "pop")
        self.assertTrue(answer["ok"], answer)
        self.assertEqual([w["pid"] for w in family.service()["workers"]], pids, "nobody was replaced")
        for pid in pids:
            self.assertIn("77m", (family.programs / "report" / f"{pid}.snapshot").read_text())
        family.mood("dislike")
        family.options["pop.idletimeout"] = "78m"
        family.write()
        answer = family.order("refresh", "pop")
        self.assertFalse(answer["ok"])
        self.assertIn("does not like", " ".join(answer["messages"]))
        self.assertTrue(alive(session))

    def test_a_new_generation_that_cannot_start_changes_nothing(self):
        family = Family(self).start()
        session, pid = family.connect()
        for mood, why in (("fail", "was told to fail"), ("die", "exit 3")):
            family.mood(mood)
            for command in ("refresh", "restart"):
                answer = family.order(command, "pop")
                self.assertFalse(answer["ok"])
                self.assertIn(why, " ".join(answer["messages"]))
                self.assertTrue(alive(session))
                self.assertEqual([w["pid"] for w in family.service()["workers"] if w["state"] == "running"], [pid])
        family.mood("")
        self.assertTrue(family.order("refresh", "pop")["ok"])

    def test_a_start_that_fails_says_why_and_is_tried_again(self):
        family = Family(self).start()
        family.order("stop", "pop")
        family.mood("fail")
        answer = family.order("start", "pop")
        self.assertFalse(answer["ok"])
        self.assertIn("was told to fail", " ".join(answer["messages"]))
        self.assertIn("was told to fail", family.service()["failure"])
        family.mood("")
        wait_for(lambda: [w["state"] for w in family.service()["workers"]] == ["running"], "the next try serves")
        wait_for(lambda: "failure" not in family.service(), "the failure is history")

    def test_a_worker_that_will_not_stop_is_killed(self):
        family = Family(self).start()
        family.mood("stubborn")
        _, pid = family.connect()
        begin = time.monotonic()
        self.assertTrue(family.order("stop", "pop")["ok"])
        self.assertLess(time.monotonic() - begin, 15)
        self.assertIn("worker-stop-forced", family.log())
        self.assertFalse(os.path.exists(f"/proc/{pid}"))

    def test_a_stop_ends_an_order_that_waits(self):
        family = Family(self).start()
        family.order("stop", "pop")
        family.mood("mute")
        with socket.socket(socket.AF_UNIX) as control:
            control.connect(str(family.directory / "data" / "run" / "master.sock"))
            control.sendall(b'{"command":"start","services":["pop"]}\n')
            wait_for(lambda: family.service()["workers"], "a worker that says nothing")
            self.assertTrue(family.order("stop", "pop", force=True)["ok"])
            control.settimeout(20)
            self.assertIn(b"stopped meanwhile", control.recv(10000))

    def test_a_held_up_master_blames_nobody(self):
        family = Family(self, base__watchdog="3s").start()
        pid = family.service()["workers"][0]["pid"]
        # All stand still, as in a suspended machine; the workers wake up a little later than master.
        os.kill(family.master.pid, signal.SIGSTOP)
        os.kill(pid, signal.SIGSTOP)
        time.sleep(4.5)
        os.kill(family.master.pid, signal.SIGCONT)
        wait_for(lambda: "master-late" in family.log(), "master notices")
        os.kill(pid, signal.SIGCONT)
        time.sleep(1)
        self.assertEqual(family.service()["workers"][0]["pid"], pid)
        self.assertNotIn("worker-hung", family.log())

    def test_strangers_are_refused_and_rubbish_is_answered(self):
        family = Family(self).start()
        self.assertFalse(family.ask(b"rubbish\n")["ok"])
        try:
            self.assertFalse(family.ask(b"x" * 70000)["ok"])
        except ConnectionError:
            pass  # whoever sends on may lose the answer
        self.assertTrue(family.order("status")["ok"])
        if os.getuid() != 0:
            self.skipTest("SKIPPED: only root can become somebody else")
        # A stranger may be answered before he has asked.
        code = ("import socket,sys\ns=socket.socket(socket.AF_UNIX)\ns.connect(sys.argv[1])\n"
                "try: s.sendall(b'{\"command\":\"status\"}\\n')\nexcept OSError: pass\nprint(s.recv(1000).decode())")
        socket_path = str(family.directory / "data" / "run" / "master.sock")
        (family.directory / "data").chmod(0o755)
        # The way to the socket must be open for the test to be about the socket's own judgement.
        for folder in Path(socket_path).parents:
            if str(folder).startswith("/tmp/") and folder != Path("/tmp"):
                folder.chmod(folder.stat().st_mode | 0o055)
        done = subprocess.run([support.INTERPRETER, "-c", code, socket_path], user="daemon", group="daemon",
                              extra_groups=[], capture_output=True, text=True, check=True, cwd="/", timeout=20)
        self.assertIn("permission denied", done.stdout)
        done = subprocess.run([support.INTERPRETER, "-c", code, socket_path], user="nobody", capture_output=True,
                              text=True, check=True, cwd="/", timeout=20)
        self.assertIn('"ok":true', done.stdout, "server.user may")

    def test_one_master_an_instance_and_a_stale_socket(self):
        family = Family(self).start()
        done = subprocess.run([str(BIN / "master"), "-c", str(family.file), "--foreground"], capture_output=True,
                              text=True, timeout=30)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(f"already running for this instance (pid {family.master.pid})", done.stderr)
        family.end(signal.SIGKILL)
        self.assertTrue((family.directory / "data" / "run" / "master.sock").exists())
        family.start()
        family.connect()

    def test_a_default_maxsessions_is_lowered_loudly_and_an_explicit_one_refused(self):
        if os.getuid() != 0:
            self.skipTest("SKIPPED: needs root to be without rights")
        limited = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--bounding-set=-all",
                   "prlimit", "--nofile=400:400")
        family = Family(self)
        for path in (family.directory, *family.directory.rglob("*")):
            os.chown(path, 65534, 65534)
        programs = family.directory / "bin"
        programs.mkdir(mode=0o755)
        os.link(BIN / "master", programs / "master") if os.stat(BIN).st_dev == os.stat(programs).st_dev else \
            subprocess.run(["cp", str(BIN / "master"), str(programs / "master")], check=True)
        reachable, support.BIN = support.BIN, programs
        self.addCleanup(setattr, support, "BIN", reachable)
        family.start(prefix=limited)
        self.assertTrue(any("maxsessions" in text for text in family.status()["warnings"]))
        self.assertIn("maxsessions-lowered", family.log())
        family.options["pop.maxsessions"] = "5000"
        family.write()
        answer = family.order("refresh", "pop")
        self.assertFalse(answer["ok"])
        self.assertIn("maxsessions", " ".join(answer["messages"]))


support.run_all()
