# SPDX-License-Identifier: Apache-2.0
"""One instance made by tools/quickstart, seen from outside."""

import os
import re
import shutil
import socket
import subprocess

SOURCE = os.environ.get("POSTHORN_SOURCE") or os.path.abspath(os.path.join(os.path.dirname(__file__), "../../.."))
PORTS = (1110, 1995, 1143, 1993, 8990, 8991, 1024, 7997)
_next_offset = [20000 + os.getpid() % 8000]


def free_offset():
    """A port offset at which all its ports are free now."""
    while True:
        _next_offset[0] += 17
        try:
            for port in PORTS:
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port + _next_offset[0]))
            return _next_offset[0]
        except OSError:
            continue


class Instance:
    """`user` runs the script as somebody else (root only); `tree` is the clone whose script is run."""

    def __init__(self, directory, offset, tree=SOURCE, user=None):
        self.directory, self.offset, self.user = directory, offset, user
        self.environment, self.umask = {}, -1
        self.script = os.path.join(tree, "tools", "quickstart")

    def command(self, *arguments):
        prefix = ["setpriv", f"--reuid={self.user}", f"--regid={self.user}", "--clear-groups"] if self.user else []
        return prefix + [self.script, "--dir", self.directory, *arguments]

    def run(self, *arguments, timeout=1400):
        return subprocess.run(self.command(*arguments), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=timeout, check=False, umask=self.umask,
                              env={**os.environ, **self.environment})

    def start(self, *arguments):
        return self.run("--port-offset", str(self.offset), "--detach", *arguments)

    def facts(self):
        """quickstart.env as a shell reads it."""
        got = subprocess.run(["env", "-i", "sh", "-c", 'set -e; set -a; . "$1"; exec /usr/bin/env -0', "sh",
                              os.path.join(self.directory, "quickstart.env")], capture_output=True, text=True, check=True)
        return {name: value for name, _, value in (line.partition("=") for line in got.stdout.split("\0"))
                if name.startswith("POSTHORN_")}

    def processes(self):
        """Everything that runs from this instance's programs."""
        programs = os.path.realpath(os.path.join(self.directory, "programs")) + "/"
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                if os.readlink(f"/proc/{pid}/exe").startswith(programs):
                    found.append(int(pid))
            except OSError:
                continue
        return found

    def curl(self, *arguments):
        return subprocess.run(["curl", "-sS", "--max-time", "30", *arguments], stdin=subprocess.DEVNULL,
                              capture_output=True, check=False)

    def messages(self, number=1):
        """The user's messages over POP3 by curl."""
        facts = self.facts()
        who = f"{facts[f'POSTHORN_USER{number}']}:{facts[f'POSTHORN_PASSWORD{number}']}"
        base = f"pop3://127.0.0.1:{facts['POSTHORN_POP_PORT']}/"
        listing = self.curl("-u", who, base).stdout.split(b"\r\n")
        count = sum(bool(re.match(rb"\d+ \d+$", line)) for line in listing)
        return [self.curl("-u", who, base + str(index + 1)).stdout for index in range(count)]


def copy_scripts(target):
    """A small tree with what quickstart reads when it builds nothing."""
    for path in ("tools/quickstart", "tools/lib.sh", "tools/packages"):
        os.makedirs(os.path.join(target, os.path.dirname(path)), exist_ok=True)
        shutil.copy(os.path.join(SOURCE, path), os.path.join(target, path))
    shutil.copytree(os.path.join(SOURCE, "test/data/samples"), os.path.join(target, "test/data/samples"))


def watch_programs(top, programs, instance):
    """Puts watched.sh in the place of every program that quickstart may call for `instance`, those of `programs`
    included: a copy is made. Returns (the copy, the file that all arguments are written to)."""
    log, copy, stand_ins = (os.path.join(top, name) for name in ("log", "programs", "stand-ins"))
    watcher = os.path.join(SOURCE, "test/system/quickstart/watched.sh")
    os.mkdir(stand_ins)
    shutil.copytree(programs, copy, symlinks=True)
    os.mkdir(os.path.join(copy, "real"))
    for folder in ("bin", "sbin"):
        for name in os.listdir(os.path.join(copy, folder)):
            if name != "master":  # it must run from its own file, by which quickstart knows it
                os.rename(os.path.join(copy, folder, name), os.path.join(copy, "real", name))
                shutil.copy(watcher, os.path.join(copy, folder, name))
    # What master starts is not called by quickstart.
    workers = os.path.join(copy, "libexec", "posthorn")
    for name in os.listdir(workers):
        if os.path.islink(os.path.join(workers, name)):
            os.unlink(os.path.join(workers, name))
            os.symlink(os.path.join("..", "..", "real", name), os.path.join(workers, name))
    places = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"]
    for name in {name for place in places for name in os.listdir(place)}:
        os.symlink(watcher, os.path.join(stand_ins, name))
    real = os.path.join(instance.directory, "programs", "real")
    instance.environment = {"PATH": stand_ins, "WATCH_LOG": log, "WATCH_PLACES": ":".join([real, *places])}
    return copy, log
