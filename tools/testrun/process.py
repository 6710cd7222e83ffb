# SPDX-License-Identifier: Apache-2.0
"""Runs commands as their own process group and notices what they leave behind."""

import ctypes
import os
import signal
import subprocess
import time

PR_SET_CHILD_SUBREAPER = 36


def adopt_orphans():
    """Makes this process the parent of whatever a test leaves behind, so that it can be seen and ended."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def run(command, log_path, environment=None, cwd=None):
    """Runs the command with its output in log_path. Returns (status, seconds)."""
    start = time.monotonic()
    os.makedirs(os.path.dirname(log_path), exist_ok=True)
    with open(log_path, "wb") as log:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                                 cwd=cwd, env={**os.environ, **(environment or {})}, start_new_session=True)
        try:
            status = wait_for(child)
        except BaseException:
            os.killpg(child.pid, signal.SIGTERM)
            child.wait()
            end_orphans(find_orphans())
            raise
    return status, time.monotonic() - start


def wait_for(child):
    """The child's status. Reaps what was adopted meanwhile: to its tests a zombie looks like a living process."""
    while True:
        pid, status = os.waitpid(-1, 0)
        if pid == child.pid:
            child.returncode = os.waitstatus_to_exitcode(status)
            return child.returncode


def tail(path, lines=60, limit=16000):
    with open(path, "rb") as log:
        log.seek(0, os.SEEK_END)
        log.seek(max(0, log.tell() - limit))
        return "\n".join(log.read().decode("utf-8", "replace").splitlines()[-lines:])


def find_orphans():
    """{pid: command line} of processes that were adopted and still run. Zombies are reaped on the way."""
    time.sleep(0.2)  # a process that was just ended is given the time to go
    reap()
    found = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat", "rb") as stat:
                fields = stat.read().rpartition(b")")[2].split()
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                line = file.read().replace(b"\0", b" ").decode("utf-8", "replace").strip()
        except OSError:
            continue
        if int(fields[1]) == os.getpid() and fields[0] != b"Z":
            found[int(pid)] = line
    return found


def end_orphans(orphans):
    for pid in orphans:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    reap()


def reap():
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass
