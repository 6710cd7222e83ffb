#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Who has an account open hears of each change by whoever makes it: deliver, mboxutil, popd, a sibling. A stand-in
for imapd (events_worker) has "sessions" in the accounts and notes what it hears."""

import os
import shutil
import signal
import socket
import statistics
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(os.environ["POSTHORN_SOURCE"]) / "test" / "support"))

from instance import Instance  # noqa: E402  (found by the line above)

BIN = Path(os.environ["POSTHORN_BIN"])
MESSAGE = b"Subject: hint\n\nhint\n"
SANITIZED = "asan" in BIN.parent.name or "tsan" in BIN.parent.name


def wait_for(condition, what: str, seconds: float = 30):
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.005)
    return value


class Heard:
    """The report of one worker."""

    def __init__(self, path: Path):
        self.path = path
        self.pid = int(path.name)

    def lines(self) -> list[list[str]]:
        text = self.path.read_text()
        return [line.split() for line in text[:text.rfind("\n") + 1].splitlines()]

    def ready(self) -> bool:
        return any(line in (["hears"], ["deaf"]) for line in self.lines())

    def modseq(self, account: str) -> int:
        return max((int(line[3]) for line in self.lines() if len(line) == 4 and line[2] == account), default=-1)

    def calls(self) -> list[tuple[int, int, str]]:
        """After the opening."""
        lines = self.lines()
        start = next(i for i, line in enumerate(lines) if len(line) == 1)
        return [(int(called), int(read), account) for called, read, account, _ in lines[start + 1:]]


class EventsTest(unittest.TestCase):
    accounts = ["anna", "bert"]
    processes = 2

    def setUp(self) -> None:
        self.instance = Instance(BIN, {"imap.numprocesses": str(self.processes), "pop.numprocesses": "1",
                                       "auth.failuredelay": "0"}, ["pop", "imap"])
        self.addCleanup(self.instance.stop)
        self.place = self.instance.directory / "libexec"
        (self.place / "report").mkdir(parents=True)
        (self.place / "report").chmod(0o777)
        for name in ("popd", "mshttpd"):
            shutil.copy2(BIN / name, self.place / name)
        shutil.copy2(BIN / "events_worker", self.place / "imapd")
        (self.place / "accounts").write_text("".join(f"{name}\n" for name in self.accounts))
        self.instance.options["server.programdir"] = str(self.place)
        self.instance.write_config()
        self.instance.add_users([("anna", "secret"), ("bert", "secret")])
        self.commit("create", len(self.accounts), *self.accounts)
        self.instance.start()
        self.opened(self.processes)

    def commit(self, what: str, count: int, *accounts: str) -> list[list[str]]:
        out = self.instance.run("events_commit", what, str(count), *accounts).stdout.decode()
        return [line.split() for line in out.splitlines()]

    def listening(self) -> list[Heard]:
        alive = set(self.instance.workers("imapd"))
        return [heard for path in sorted((self.place / "report").iterdir())
                if (heard := Heard(path)).pid in alive and heard.ready()]

    def opened(self, count: int) -> list[Heard]:
        return wait_for(lambda: len(found := self.listening()) == count and found, f"{count} workers have opened")

    def expect_all_hear(self, change, account: str = "anna") -> None:
        workers = self.listening()
        before = {worker.pid: worker.modseq(account) for worker in workers}
        change()
        for worker in workers:
            wait_for(lambda w=worker: w.modseq(account) > before[w.pid], f"{worker.pid} hears of {account}")

    def pop_deletes(self) -> None:
        with socket.create_connection(("127.0.0.1", self.instance.port("pop", False)), timeout=30) as pop:
            lines = pop.makefile("rb")
            lines.readline()
            for command in ("USER anna", "PASS secret", "DELE 1", "QUIT"):
                pop.sendall(command.encode() + b"\r\n")
                answer = lines.readline()
                self.assertTrue(answer.startswith(b"+OK"), answer)


class Changes(EventsTest):
    def test_whoever_changes_an_account_is_heard(self):
        self.expect_all_hear(lambda: self.instance.deliver("anna", MESSAGE))
        self.expect_all_hear(lambda: self.instance.deliver("bert", MESSAGE), "bert")
        self.expect_all_hear(lambda: self.instance.run("mboxutil", "-c", "user/anna/Work"))
        self.expect_all_hear(self.pop_deletes)

    def test_workers_that_come_later_hear_and_draining_ones_go_on_hearing(self):
        (self.place / "linger").touch()
        first = {worker.pid for worker in self.listening()}
        self.instance.refresh()
        workers = self.opened(2 * self.processes)
        self.assertTrue(first < {worker.pid for worker in workers})
        self.expect_all_hear(lambda: self.instance.deliver("anna", MESSAGE))
        self.expect_all_hear(self.pop_deletes)

    def test_a_killed_worker_is_replaced_by_one_that_hears(self):
        for _ in range(3):
            victim = self.listening()[0].pid
            os.kill(victim, signal.SIGKILL)
            wait_for(lambda v=victim: v not in self.instance.workers("imapd"), "the victim is gone")
            self.opened(self.processes)
            self.expect_all_hear(lambda: self.instance.deliver("anna", MESSAGE))

    def test_master_announces_what_a_killed_worker_had_in_hand(self):
        (self.place / "inflight").write_text("bert\n")
        first, sibling = self.listening()
        os.kill(first.pid, signal.SIGKILL)
        wait_for(lambda: first.pid not in self.instance.workers("imapd"), "the first is gone")
        victim = next(worker.pid for worker in self.opened(2) if worker.pid != sibling.pid)
        before = len(sibling.calls())
        os.kill(victim, signal.SIGKILL)
        wait_for(lambda: len(sibling.calls()) > before, "the sibling looks at the account")
        self.assertEqual(sibling.calls()[-1][2], "bert")

    def test_a_stuck_master_delays_no_delivery(self):
        self.instance.deliver("anna", MESSAGE)
        start = time.monotonic()
        self.instance.deliver("anna", MESSAGE)
        usual = time.monotonic() - start
        os.kill(self.instance.master_pid(), signal.SIGSTOP)
        try:
            start = time.monotonic()
            self.instance.deliver("anna", MESSAGE)
            took = time.monotonic() - start
            # Connected workers do not need master at all.
            self.expect_all_hear(self.pop_deletes)
        finally:
            os.kill(self.instance.master_pid(), signal.SIGCONT)
        print(f"deliver: {usual * 1000:.0f} ms, with a stuck master {took * 1000:.0f} ms")
        self.assertLess(took, usual + 2)
        self.expect_all_hear(lambda: self.instance.deliver("anna", MESSAGE))

    def test_delivery_without_master(self):
        os.kill(self.instance.master_pid(), signal.SIGTERM)
        wait_for(lambda: not self.instance.workers("imapd"), "the family has ended")
        self.instance.deliver("anna", MESSAGE)

    def test_an_idle_worker_wakes_once_a_second(self):
        def switches(pid: int) -> int:
            return sum(int(line.split()[1])
                       for task in Path(f"/proc/{pid}/task").iterdir()
                       for line in (task / "status").read_text().splitlines()
                       if line.startswith("voluntary_ctxt_switches"))

        pids = {"popd": self.instance.workers("popd")[0], "stand-in": self.listening()[0].pid}
        time.sleep(1.5)  # what the start has left to do
        before = {name: switches(pid) for name, pid in pids.items()}
        seconds = 6
        time.sleep(seconds)
        for name, pid in pids.items():
            wakes = switches(pid) - before[name]
            print(f"{name} at 0 sessions: {wakes} wake-ups in {seconds} s")
            # A sanitizer has a thread of its own that wakes now and then.
            if not SANITIZED:
                self.assertLessEqual(wakes, seconds + 2)


class Latency(EventsTest):
    accounts = ["anna", "bert"] + [f"user{i}" for i in range(498)]

    def report(self, what: str, nanoseconds: list[int]) -> None:
        ordered = sorted(nanoseconds)
        p99 = ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)]
        print(f"{what}: median {statistics.median(ordered) / 1000:.0f} us, p99 {p99 / 1000:.0f} us, "
              f"worst {ordered[-1] / 1000:.0f} us of {len(ordered)}")

    def waited(self, changes: list[list[str]], position: int) -> list[int]:
        """From each change to its first callback (position 0) or reading (1), in every worker."""
        found = []
        for worker in self.listening():
            calls: dict[str, list[tuple[int, int]]] = {}
            for called, read, account in worker.calls():
                calls.setdefault(account, []).append((called, read))
            for before, _, account, _ in changes:
                later = [call for call in calls.get(account, []) if call[0] >= int(before)]
                self.assertTrue(later, f"{worker.pid} never heard of {account}")
                found.append(min(later)[position] - int(before))
        return found

    def heard_last(self, changes: list[list[str]]) -> bool:
        before, _, account, _ = changes[-1]
        return all(any(call[0] >= int(before) and call[2] == account for call in worker.calls())
                   for worker in self.listening())

    def test_500_accounts(self):
        for what, count, text in (("hint", 1000, "announcement to callback"),
                                  ("append", 500, "append (begin) to MODSEQ read elsewhere")):
            changes = self.commit(what, count, *self.accounts)
            wait_for(lambda c=changes: self.heard_last(c), "the last change is heard")
            self.report(text, self.waited(changes, 0 if what == "hint" else 1))
            if what == "append":
                self.report("append (end) to MODSEQ read elsewhere",
                            [w - (int(c[1]) - int(c[0])) for w, c in
                             zip(self.waited(changes, 1), changes * self.processes)])
        times = []
        for i in range(20):
            account = ("anna", "bert")[i % 2]
            start = time.monotonic_ns()
            self.expect_all_hear(lambda a=account: self.instance.deliver(a, MESSAGE), account)
            times.append(max(min(call[1] for call in worker.calls() if call[2] == account and call[0] > start)
                             for worker in self.listening()) - start)
        self.report("deliver (start of the program) to MODSEQ read in all workers", times)


if __name__ == "__main__":
    unittest.main(verbosity=2)
