#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How often a worker wakes when nothing happens: wakeups.py [SESSIONS] [SECONDS]. Returns of the waiting system calls
of all its threads, as strace counts them, without sessions and with idle ones."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time

import bench

USERS = 50
WAITS = "epoll_wait,epoll_pwait,epoll_pwait2,poll,ppoll,select,pselect6,nanosleep,clock_nanosleep,futex"


def need_strace() -> None:
    if shutil.which("strace") is None:
        print("SKIPPED: strace is not installed (tools/packages)")
        sys.exit(77)


def wakeups(worker: bench.Worker, seconds: float, folder) -> float:
    """A second."""
    written = folder / "strace"
    tracer = subprocess.Popen(["strace", "-f", "-qq", "-e", f"trace={WAITS}", "-o", str(written), "-p",
                               str(worker.pid)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    bench.until(lambda: _traced(worker) or tracer.poll() is not None, 30, "strace attaches")
    if tracer.poll() is not None:
        print(f"SKIPPED: strace may not look at a worker: {tracer.stderr.read().decode()}")
        sys.exit(77)
    start = time.monotonic()
    time.sleep(seconds)  # the interval that is measured
    took = time.monotonic() - start
    tracer.send_signal(signal.SIGINT)
    tracer.wait(timeout=30)
    returned = [line for line in written.read_text().splitlines() if re.search(r"\) += -?\d+", line)]
    return len(returned) / took


def _traced(worker: bench.Worker) -> bool:
    return all(_tracer(worker.pid, int(task)) for task in os.listdir(f"/proc/{worker.pid}/task"))


def _tracer(pid: int, task: int) -> bool:
    with open(f"/proc/{pid}/task/{task}/status", encoding="ascii") as status:
        return any(line.startswith("TracerPid:") and line.split()[1] != "0" for line in status)


def measure(report: bench.Report, sessions: int = 2000, seconds: int = 10) -> None:
    need_strace()
    limit = 1 + 2.5 / seconds  # one a second, and one at each edge of the interval
    names = [f"idler{number}" for number in range(USERS)]
    with bench.family(names) as instance:
        (worker,) = bench.workers(instance)
        worker.quiet()
        report.add("wake-ups of a worker without sessions, a second",
                   wakeups(worker, seconds, instance.directory), "", limit)
        clients = []
        for number in range(sessions):
            client = bench.connect(instance).login(names[number % USERS])
            client.command("SELECT INBOX")
            client.idle()
            clients.append(client)
        worker.quiet()
        report.add(f"wake-ups of a worker with {sessions} idle sessions, a second",
                   wakeups(worker, seconds, instance.directory), "", limit)
        for client in clients:
            client.close()


if __name__ == "__main__":
    bench.skip_when_sanitized()
    figures = bench.Report()
    measure(figures, *map(int, sys.argv[1:3]))
    sys.exit(figures.end())
