# SPDX-License-Identifier: Apache-2.0
"""Workers that are killed, crash or hang are replaced while others keep their sessions; so it is with master."""

import fcntl
import os
import signal
import statistics
import threading
import time
import unittest
from pathlib import Path

import support
from support import Session, family, kill, service, wait_for

SESSIONS = 200


def sanitized() -> bool:
    cache = (Path(os.environ["POSTHORN_BUILD"]) / "CMakeCache.txt").read_text()
    return any(line.startswith("POSTHORN_SANITIZE:") and line.split("=", 1)[1] for line in cache.splitlines())


def serving(instance, count: int) -> list[int]:
    """The pids of the workers that master calls running."""
    return [w["pid"] for w in service(instance)["workers"] if w["state"] == "running"][:count]


class Deaths(unittest.TestCase):
    def replaced_after(self, instance, victim: int) -> float:
        """From the worker's death until another one serves in its place."""
        start = time.monotonic()
        wait_for(lambda: victim not in instance.workers("popd") and len(serving(instance, 9)) == 2, "a replacement")
        return time.monotonic() - start

    def test_killed_and_crashed_workers_are_replaced_and_others_go_on(self):
        instance = family({"pop.maxsessions": "600"})
        instance.expects_crashes = True
        self.addCleanup(instance.stop)
        for number in (signal.SIGKILL, signal.SIGSEGV):
            if number != signal.SIGKILL:
                # Workers that live for a while are in no crash loop: the throttle forgets.
                time.sleep(10.5)
            sessions = [Session(instance) for _ in range(SESSIONS)]
            times = []
            before = support.sessions_of(instance, SESSIONS)
            victim = min(before, key=before.get)
            kill(victim, number)
            times.append(self.replaced_after(instance, victim))
            living = sum(session.alive() for session in sessions)
            print(f"{number.name}: {living} of {SESSIONS} sessions live on, {before[victim]} were the victim's")
            self.assertEqual(living, SESSIONS - before[victim])
            for session in sessions:
                session.close()
            for _ in range(2):
                time.sleep(0.1)
                victim = instance.workers("popd")[-1]
                kill(victim, number)
                times.append(self.replaced_after(instance, victim))
            print(f"{number.name}: replaced in {statistics.median(times) * 1000:.0f} ms (median of {len(times)})")
            self.assertLess(statistics.median(times), 3 if sanitized() else 1)

    def test_a_hanging_worker_is_killed_and_replaced(self):
        instance = family({"base.watchdog": "2s"})
        instance.expects_crashes = True
        self.addCleanup(instance.stop)
        with Session(instance), Session(instance):
            victim = instance.workers("popd")[0]
            kill(victim, signal.SIGSTOP)
            took = wait_for(lambda: victim not in instance.workers("popd") and len(serving(instance, 9)) == 2,
                            "the stopped worker replaced", 30)
        print(f"SIGSTOP: replaced after {took:.1f} s with a watchdog of 2 s")
        self.assertGreater(took, 1.5)
        self.assertIn("event=worker-hung", instance.log())

    def test_a_crash_loop_is_throttled_and_its_sister_serves(self):
        instance = family()
        self.addCleanup(instance.stop)
        sister = instance.workers("popd")[0]
        deadline = time.monotonic() + 30
        while not any(w.get("throttled") for w in service(instance)["workers"]):
            self.assertLess(time.monotonic(), deadline, "never throttled")
            for pid in instance.workers("popd"):
                if pid != sister:
                    kill(pid)
            time.sleep(0.05)
        with Session(instance) as session:
            self.assertTrue(session.alive())
        self.assertIn(sister, instance.workers("popd"))
        wait_for(lambda: len(serving(instance, 9)) == 2, "the throttled worker comes back", 30)

    def test_an_account_at_work_in_three_crashes_is_quarantined(self):
        instance = family({"pop.numprocesses": "1"})
        instance.expects_crashes = True
        self.addCleanup(instance.stop)
        instance.add_users([("carol", "secret of carol")])
        instance.deliver("carol", b"Subject: poison\n\nx\n")
        folder = next(Path(instance.options["server.directory"]).rglob("*carol*"))
        for _ in range(3):
            # Who holds the account's exclusive lock keeps the opening job at work.
            lock = os.open(folder, os.O_RDONLY)
            worker = instance.workers("popd")[0]
            self.addCleanup(lambda fd=lock: None)
            wait_for(lambda fd=lock: self.try_lock(fd), "the account's lock", 90)
            threading.Thread(target=self.log_in, args=(instance, "carol"), daemon=True).start()
            wait_for(lambda w=worker: self.has_open(w, folder), "the job that opens the account")
            kill(worker, signal.SIGSEGV)  # SIGKILL would say nothing of the account: it is the operator's
            wait_for(lambda: worker not in instance.workers("popd") and instance.workers("popd"), "replaced", 90)
            os.close(lock)
            wait_for(lambda: serving(instance, 1), "serving", 90)
        listed = support.status(instance)["quarantine"]
        self.assertEqual([entry["account"] for entry in listed], ["carol"], listed)
        answer = self.log_in(instance, "carol")
        self.assertTrue(answer.startswith(b"-ERR"), answer)
        with Session(instance) as other:
            self.assertTrue(other.alive(), "others are let in")
        instance.refresh()
        self.assertTrue(self.log_in(instance, "carol").startswith(b"+OK"), "refresh lets it in again")

    @staticmethod
    def has_open(pid: int, folder: Path) -> bool:
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            try:
                if os.readlink(entry) == str(folder):
                    return True
            except FileNotFoundError:
                continue
        return False

    @staticmethod
    def serves_anew(instance) -> bool:
        try:
            return support.serving(instance, "pop")
        except RuntimeError:
            return False

    @staticmethod
    def try_lock(fd: int) -> bool:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            return False

    @staticmethod
    def log_in(instance, user: str) -> bytes:
        try:
            with Session(instance, login=False) as session:
                session.command(f"USER {user}")
                session.socket.sendall(f"PASS secret of {user}\r\n".encode())
                return session.file.readline()
        except (OSError, ConnectionError):
            return b""

    def test_without_master_workers_drain_and_a_new_master_can_bind_at_once(self):
        instance = family()
        session = Session(instance)
        workers = instance.workers("popd")
        os.kill(instance.master_pid(), signal.SIGKILL)
        instance._master.wait()
        start = time.monotonic()
        instance.start()
        self.addCleanup(instance.stop)
        # The first answer may still have been an orphan's, whose listener closes a moment later.
        wait_for(lambda: self.serves_anew(instance), "the new master's workers")
        took = time.monotonic() - start
        print(f"a new master serves {took:.2f} s after the old one's death")
        self.assertTrue(session.alive(), "the old worker keeps its session")
        with Session(instance) as fresh:
            self.assertTrue(fresh.alive())
        self.assertFalse(set(workers) & set(instance.workers("popd")), "the new master has workers of its own")
        session.command("QUIT")
        session.close()
        wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers), "the orphans ended")


support.run_all()
