# SPDX-License-Identifier: Apache-2.0
"""refresh, restart-msg and drains: generations take over and no client is refused or reset."""

import os
import socket
import ssl
import threading
import time
import unittest

import support
from support import Session, family, refused, service, wait_for

CLIENTS = 8
ROUNDS = 4
GENERATIONS = 20


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

    def descriptors(self, instance) -> tuple[int, int]:
        """Of master and of its one worker, once no old generation is left and both stand still."""
        seen: list[tuple[int, int]] = []

        def settled() -> bool:
            workers = instance.workers("popd")
            if len(workers) != 1 or not support.serving(instance, "pop"):
                seen.clear()
                return False
            seen.append(tuple(len(os.listdir(f"/proc/{pid}/fd")) for pid in (instance.master_pid(), workers[0])))
            return len(seen) >= 3 and len(set(seen[-3:])) == 1

        wait_for(settled, "one generation that stands still")
        return seen[-1]

    def test_generations_leak_no_descriptor(self):
        instance = family({"pop.numprocesses": "1"})
        self.addCleanup(instance.stop)
        instance.refresh()
        before = self.descriptors(instance)
        for _ in range(GENERATIONS):
            instance.refresh()
        self.assertEqual(self.descriptors(instance), before, "of master and a worker")

    def test_live_settings_leak_no_descriptor(self):
        instance = family({"pop.numprocesses": "1"})
        self.addCleanup(instance.stop)
        (worker,) = instance.workers("popd")

        def push(minutes: int) -> None:
            instance.options["pop.idletimeout"] = f"{minutes}m"
            instance.write_config()
            instance.refresh()

        push(20)
        before = self.descriptors(instance)
        for turn in range(GENERATIONS):
            push(21 + turn)
        self.assertEqual(self.descriptors(instance), before, "of master and the worker")
        self.assertEqual(instance.workers("popd"), [worker], "it was the same all the time")

    def tls_session(self, instance, resume=None):
        """A TLS session by TLS 1.2, where the ticket comes with the handshake; what it gave, and whether it resumed."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(instance.certificate)
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        self.context = resume[0] if resume else context
        with socket.create_connection(("127.0.0.1", instance.port("pop", True)), timeout=30) as plain:
            with self.context.wrap_socket(plain, server_hostname="localhost",
                                          session=resume[1] if resume else None) as tls:
                self.assertTrue(tls.recv(1000).startswith(b"+OK"))
                return (self.context, tls.session), tls.session_reused

    def test_tickets_live_over_changes_of_their_keys_and_at_every_worker(self):
        instance = family({"pop.numprocesses": "2"})
        self.addCleanup(instance.stop)
        first, reused = self.tls_session(instance)
        self.assertFalse(reused)
        for turn in range(12):  # more than there are keys
            instance.refresh()
            _, reused = self.tls_session(instance, first)
            self.assertTrue(reused, f"the ticket of before refresh {turn + 1}")
        renewed, _ = self.tls_session(instance, first)
        self.assertTrue(self.tls_session(instance, renewed)[1])
        instance.run("restart-msg", "pop")
        self.assertTrue(self.tls_session(instance, first)[1], "after a restart of the service")

    def test_tickets_mean_nothing_to_another_master(self):
        instance = family()
        self.addCleanup(instance.stop)
        first, _ = self.tls_session(instance)
        other = family()
        self.addCleanup(other.stop)
        first[0].load_verify_locations(other.certificate)
        self.assertFalse(self.tls_session(other, first)[1])


support.run_all()
