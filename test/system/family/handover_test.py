# SPDX-License-Identifier: Apache-2.0
"""refresh, restart-msg and drains: generations take over and no client is refused or reset."""

import os
import threading
import time
import unittest

import support
from support import Session, family, refused, service, wait_for

CLIENTS = 8
ROUNDS = 4


class Hammer:
    """Clients that log in, ask and quit, one connection after the other, until stopped."""

    def __init__(self, instance):
        self._instance = instance
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self.sessions = 0
        self.failures: list[str] = []
        self._threads = [threading.Thread(target=self._run) for _ in range(CLIENTS)]

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
                with Session(self._instance) as session:
                    session.command("STAT")
                    session.command("QUIT")
                failure = None
            except (OSError, ConnectionError) as error:
                failure = repr(error)
            with self._lock:
                self.sessions += 1
                if failure:
                    self.failures.append(failure)


class Handover(unittest.TestCase):
    def test_no_connection_is_refused_or_reset_by_refresh_or_restart(self):
        instance = family()
        self.addCleanup(instance.stop)
        with Hammer(instance) as hammer:
            for _ in range(ROUNDS):
                instance.run("refresh", "pop")
                time.sleep(0.3)
                instance.run("restart-msg", "pop")
                time.sleep(0.3)
        print(f"{hammer.sessions} sessions over {ROUNDS} refreshes and {ROUNDS} restarts, "
              f"{len(hammer.failures)} failures")
        self.assertEqual(hammer.failures, [])
        self.assertGreater(hammer.sessions, 50)

    def test_more_and_fewer_processes_at_refresh_drop_no_session(self):
        instance = family({"pop.numprocesses": "1"})
        self.addCleanup(instance.stop)
        sessions = [Session(instance) for _ in range(10)]
        for count in ("3", "1"):
            instance.options["pop.numprocesses"] = count
            instance.write_config()
            instance.refresh()
            current = [w for w in service(instance)["workers"] if w["generation"] == service(instance)["generation"]]
            self.assertEqual(len(current), int(count))
            self.assertTrue(all(session.alive() for session in sessions))
            sessions.append(Session(instance))
        for session in sessions:
            session.command("QUIT")
            session.close()
        wait_for(lambda: len(instance.workers("popd")) == 1, "drained generations ended")

    def test_a_bad_file_at_refresh_changes_nothing(self):
        instance = family()
        self.addCleanup(instance.stop)
        workers = instance.workers("popd")
        good = instance.config_file.read_text()
        instance.config_file.write_text(good + '"pop.maxsesions": "5"\n"pop.port": "no number"\n')
        done = instance.run("refresh", "--rundir", instance.options["server.directory"] + "/run", check=False)
        said = (done.stdout + done.stderr).decode()
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("pop.maxsessions", said, "the nearest name is told")
        self.assertEqual(instance.workers("popd"), workers)
        with Session(instance) as session:
            self.assertTrue(session.alive())
        instance.config_file.write_text(good)

    def test_a_drained_service_lets_sessions_end_by_themselves(self):
        instance = family()
        self.addCleanup(instance.stop)
        session = Session(instance)
        stopping = threading.Thread(target=lambda: instance.run("stop-msg", "--drain", "pop"))
        stopping.start()
        wait_for(lambda: refused(instance.port("pop", False)), "no new connections")
        time.sleep(1.5)
        self.assertTrue(session.alive(), "the session lives on")
        self.assertTrue(stopping.is_alive(), "stop-msg --drain waits for it")
        session.command("QUIT")
        session.close()
        stopping.join(timeout=20)
        self.assertFalse(stopping.is_alive())
        self.assertEqual(instance.workers("popd"), [])

    def test_refreshes_leak_no_descriptor(self):
        instance = family({"pop.numprocesses": "1"})
        self.addCleanup(instance.stop)

        def descriptors() -> int:
            wait_for(lambda: len(instance.workers("popd")) == 1, "one generation")
            return len(os.listdir(f"/proc/{instance.master_pid()}/fd"))

        instance.refresh()
        before = descriptors()
        for _ in range(10):
            instance.refresh()
        # Fewer are no leak: the first look may have met a generation that was still leaving.
        wait_for(lambda: descriptors() <= before, f"{before} descriptors again")


support.run_all()
