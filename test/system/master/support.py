# SPDX-License-Identifier: Apache-2.0
"""A master with script workers in a directory of its own."""

import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(os.environ["POSTHORN_SOURCE"]) / "test" / "support"))

from ports import free_port  # noqa: E402,F401  (found by the line above)

HERE = Path(__file__).resolve().parent
BIN = Path(os.environ["POSTHORN_BIN"])
INTERPRETER = "/usr/bin/python3"


def need_interpreter() -> None:
    if not os.access(INTERPRETER, os.X_OK):
        print(f"SKIPPED: {INTERPRETER} is not there for the workers")
        sys.exit(77)


def wait_for(condition, what: str, seconds: float = 20):
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.01)


class Family:
    def __init__(self, test: unittest.TestCase, services=("pop",), **options: str):
        self.directory = Path(tempfile.mkdtemp(prefix="master-test-"))
        self.directory.chmod(0o755)
        test.addCleanup(self.clean)
        self.programs = self.directory / "libexec"
        (self.programs / "report").mkdir(parents=True)
        (self.programs / "report").chmod(0o777)
        for program in ("popd", "imapd", "mshttpd"):
            shutil.copy(HERE / "worker.py", self.programs / program)
            (self.programs / program).chmod(0o755)
        self.user = "nobody" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
        self.options = {"server.directory": str(self.directory / "data"), "server.user": self.user,
                        "base.listenaddr": "127.0.0.1", "base.stoptimeout": "1s", "base.hostname": "test.example",
                        "ens.enable": "0"}
        for service in ("pop", "imap", "http"):
            self.options[f"{service}.enable"] = "1" if service in services else "0"
            self.options[f"{service}.port"] = str(free_port())
        self.options |= {name.replace("__", "."): value for name, value in options.items()}
        self.file = self.directory / "posthorn.yaml"
        self.write()
        self.master = None
        self.log_path = self.directory / "master.log"

    def write(self) -> None:
        self.file.write_text("".join(f'"{name}": "{value}"\n' for name, value in self.options.items()))

    def mood(self, word: str) -> None:
        (self.programs / "mood").write_text(word)

    def start(self, environment: dict | None = None, prefix: tuple = (), wait: bool = True, **more):
        with open(self.log_path, "ab") as log:
            self.master = subprocess.Popen(
                [*prefix, str(BIN / "master"), "-c", str(self.file), "--foreground", "--libexec", str(self.programs)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={**os.environ, **(environment or {})},
                start_new_session=True, **more)
        if wait:
            wait_for(lambda: self.master.poll() is not None or self.started(), "master serves")
            if self.master.poll() is not None:
                raise AssertionError(f"master ended: {self.log()}")
        return self

    def started(self) -> bool:
        state = self.status()
        return state is not None and all(
            len(s["workers"]) > 0 and all(w["state"] == "running" for w in s["workers"])
            for s in state["services"] if s["enabled"])

    def ask(self, request: dict | bytes, timeout: float = 60) -> dict | None:
        with socket.socket(socket.AF_UNIX) as control:
            control.settimeout(timeout)
            try:
                control.connect(str(self.directory / "data" / "run" / "master.sock"))
            except OSError:
                return None
            control.sendall(request if isinstance(request, bytes) else json.dumps(request).encode() + b"\n")
            answer = b""
            while chunk := control.recv(65536):
                answer += chunk
        return json.loads(answer) if answer else None

    def order(self, command: str, *services: str, **more) -> dict:
        answer = self.ask({"command": command, "services": list(services), **more})
        assert answer is not None, self.log()
        return answer

    def status(self) -> dict | None:
        answer = self.ask({"command": "status"})
        return answer["status"] if answer else None

    def service(self, name: str = "pop") -> dict:
        return next(s for s in self.status()["services"] if s["name"] == name)

    def reports(self) -> list[dict]:
        return [json.loads(path.read_text()) for path in sorted((self.programs / "report").glob("*.json"))]

    def port(self, service: str = "pop") -> int:
        return int(self.options[f"{service}.port"])

    def connect(self, service: str = "pop", address: str = "127.0.0.1"):
        session = socket.create_connection((address, self.port(service)), timeout=20)
        greeting = session.makefile("rb").readline()
        assert greeting.startswith(b"+OK"), greeting
        return session, int(greeting.split()[1])

    def log(self) -> str:
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def end(self, number: int = signal.SIGTERM) -> int:
        if self.master.poll() is None:
            self.master.send_signal(number)
        return self.master.wait(timeout=30)

    def clean(self) -> None:
        if self.master is not None and self.master.poll() is None:
            self.master.send_signal(signal.SIGTERM)
            try:
                self.master.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.master.kill()
                self.master.wait()
        log = self.log()
        for word in ("Sanitizer", "runtime error:"):
            if word in log:
                raise AssertionError(log[-10000:])
        shutil.rmtree(self.directory, ignore_errors=True)


def serving(family: Family, name: str = "pop") -> bool:
    """Whether the current generation serves, whatever older ones do."""
    state = family.service(name)
    current = [w for w in state["workers"] if w["generation"] == state["generation"]]
    return len(current) > 0 and all(w["state"] == "running" for w in current)


def alive(session: socket.socket) -> bool:
    try:
        session.sendall(b"x")
        return session.recv(1) == b"x"
    except OSError:
        return False


def refused(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
        return False
    except TimeoutError:
        return False  # its backlog is full
    except ConnectionRefusedError:
        return True


def run_all() -> None:
    need_interpreter()
    # Sessions are left to the end of their test on purpose.
    warnings.simplefilter("ignore", ResourceWarning)
    unittest.main(module="__main__", verbosity=2, warnings="ignore")
