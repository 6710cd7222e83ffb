# SPDX-License-Identifier: Apache-2.0
"""master under a service manager, played by this test: notifications, watchdog, passed sockets and the fd store.
What only a real systemd can show stays unproven here: the sandbox of the unit, systemctl's own timeouts, and that the
store is kept over `systemctl restart`."""

import array
import os
import signal
import socket
import sys
import threading
import time
import unittest
from pathlib import Path

import support
from support import Family, free_port, wait_for


class Manager:
    """The socket that NOTIFY_SOCKET names, and the fd store behind it."""

    def __init__(self, family: Family):
        self.path = str(family.directory / "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        os.chmod(self.path, 0o777)
        self.socket.setblocking(False)
        self.heard: list[str] = []
        self.store: dict[str, int] = {}
        self.closed = threading.Event()
        self.reader: threading.Thread | None = None

    def read(self) -> None:
        while True:
            try:
                data, ancillary, _flags, _address = self.socket.recvmsg(65536, socket.CMSG_SPACE(4 * 16))
            except BlockingIOError:
                return
            fds = array.array("i")
            for _level, _kind, payload in ancillary:
                fds.frombytes(payload[:len(payload) - len(payload) % fds.itemsize])
            text = data.decode()
            self.heard.append(text)
            words = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
            if words.get("FDSTORE") == "1":
                self.store[words["FDNAME"]] = fds[0]
            if words.get("FDSTOREREMOVE") == "1" and words["FDNAME"] in self.store:
                os.close(self.store.pop(words["FDNAME"]))

    def keep_reading(self) -> None:
        """As systemd does: who sends to a full socket waits."""
        def run() -> None:
            while not self.closed.wait(0.05):
                self.read()

        self.reader = threading.Thread(target=run)
        self.reader.start()

    def has(self, word: str) -> bool:
        self.read()
        return any(word in text for text in self.heard)

    def count(self, word: str) -> int:
        self.read()
        return sum(word in text for text in self.heard)

    def environment(self, **more: str) -> dict:
        return {"NOTIFY_SOCKET": self.path, **more}

    def close(self) -> None:
        self.closed.set()
        if self.reader is not None:
            self.reader.join()
        for fd in self.store.values():
            os.close(fd)
        self.socket.close()


def stat_letter(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]


def start_with_fds(family: Family, manager: Manager, fds: dict[str, int], wait: bool = True, between: tuple = ()) -> None:
    """As systemd passes sockets: at 3 and up, counted by LISTEN_FDS, for LISTEN_PID. `between`: a program that becomes
    master in turn."""
    script = ("import os,sys; n=int(sys.argv[1]); fds=list(map(int,sys.argv[2:2+n]));"
              "high=[os.dup(fd) for fd in fds]; high=[__import__('fcntl').fcntl(fd,0,50) for fd in high];"
              "[os.dup2(fd,3+i) for i,fd in enumerate(high)]; os.closerange(3+n,200);"
              "os.environ['LISTEN_PID']=str(os.getpid()); os.environ['LISTEN_FDS']=str(n);"
              "os.environ['LISTEN_FDNAMES']=sys.argv[2+n]; os.execv(sys.argv[3+n],sys.argv[3+n:])")
    prefix = (sys.executable, "-c", script, str(len(fds)), *map(str, fds.values()), ":".join(fds), *between)
    family.start(manager.environment(), prefix=prefix, pass_fds=tuple(fds.values()), wait=wait)


class Systemd(unittest.TestCase):
    def manager(self, family: Family) -> Manager:
        manager = Manager(family)
        self.addCleanup(manager.close)
        return manager

    def test_ready_reload_stop(self):
        family = Family(self)
        manager = self.manager(family)
        family.mood("mute")
        family.start(manager.environment(), wait=False)
        wait_for(lambda: family.status() and family.service()["workers"], "a worker that is not ready")
        self.assertFalse(manager.has("READY=1"), "not before workers serve")
        family.mood("")
        os.kill(family.service()["workers"][0]["pid"], signal.SIGKILL)
        wait_for(lambda: manager.has("READY=1"), "READY=1")
        wait_for(family.started, "the worker serves")
        before = manager.count("READY=1")
        family.master.send_signal(signal.SIGHUP)
        wait_for(lambda: manager.has("RELOADING=1"), "RELOADING=1")
        wait_for(lambda: manager.count("READY=1") > before, "READY=1 again")
        reload = next(text for text in manager.heard if "RELOADING=1" in text)
        self.assertIn("MONOTONIC_USEC=", reload)
        self.assertEqual(family.end(), 0)
        self.assertTrue(manager.has("STOPPING=1"))

    def test_a_whole_stop_is_left_to_systemctl(self):
        family = Family(self)
        family.start(self.manager(family).environment())
        answer = family.order("stop")
        self.assertFalse(answer["ok"])
        self.assertIn("systemctl stop", " ".join(answer["messages"]))
        self.assertTrue(family.order("stop", "pop")["ok"], "services by name may be stopped")
        self.assertEqual(family.end(), 0, "SIGTERM is systemd's own")

    def test_watchdog(self):
        family = Family(self)
        manager = self.manager(family)
        family.start(manager.environment(WATCHDOG_USEC="3000000"))
        before = manager.count("WATCHDOG=1")
        wait_for(lambda: manager.count("WATCHDOG=1") >= before + 3, "a sign of life every second or so", 4)
        os.kill(family.master.pid, signal.SIGSTOP)
        wait_for(lambda: stat_letter(family.master.pid) == "T", "master stands still")
        silent = manager.count("WATCHDOG=1")
        time.sleep(1.5)
        self.assertEqual(manager.count("WATCHDOG=1"), silent, "a hanging master says nothing")
        os.kill(family.master.pid, signal.SIGCONT)

    def test_a_passed_socket_is_taken_and_strange_ones_are_not(self):
        family = Family(self)
        manager = self.manager(family)
        ours = socket.create_server(("127.0.0.1", family.port()))
        port = free_port()
        other = socket.create_server(("127.0.0.1", port))
        early = socket.create_connection(("127.0.0.1", family.port()))
        family.mood("mute")
        start_with_fds(family, manager, {"ours": ours.fileno(), "other": other.fileno()}, wait=False)
        ours.close()
        other.close()
        # The worker of this mood accepts but is never ready: strange sockets do not wait for that.
        wait_for(lambda: family.status() and family.service()["workers"], "master at work")
        wait_for(lambda: support.refused(port), "a socket that nobody wants is closed", 10)
        self.assertFalse(manager.has("READY=1"))
        self.assertTrue(early.makefile("rb").readline().startswith(b"+OK"), "who came before master is served")
        early.close()

    def test_listeners_live_over_a_restart_of_master(self):
        family = Family(self)
        manager = self.manager(family)
        family.start(manager.environment())
        manager.read()
        self.assertEqual(len(manager.store), 1, manager.heard)
        self.assertEqual(family.end(), 0)
        manager.read()
        self.assertEqual(len(manager.store), 1, "kept for the next master")
        waiting = socket.create_connection(("127.0.0.1", family.port()), timeout=20)
        start_with_fds(family, manager, dict(manager.store))
        self.assertTrue(waiting.makefile("rb").readline().startswith(b"+OK"), "served by the next master")
        waiting.close()

    def test_the_store_forgets_what_is_closed_for_good(self):
        family = Family(self)
        manager = self.manager(family)
        family.start(manager.environment())
        manager.read()
        names = set(manager.store)
        family.options["pop.port"] = str(free_port())
        family.write()
        self.assertTrue(family.order("restart", "pop")["ok"])
        wait_for(lambda: manager.read() or (len(manager.store) == 1 and not names & set(manager.store)), "one, the new")
        self.assertTrue(family.order("stop", "pop")["ok"])
        wait_for(lambda: manager.read() or not manager.store, "nothing")


if __name__ == "__main__":
    support.run_all()
