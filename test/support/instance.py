# SPDX-License-Identifier: Apache-2.0
"""A whole instance in a temporary directory, for tests: configuration, certificate, users, master and workers."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from ports import free_port

SERVICES = ("pop", "imap", "http")  # what an instance has unless it is told otherwise
ALL_SERVICES = (*SERVICES, "lmtp")
HOSTNAME = "mail.test.example"
START_TIMEOUT = 30.0


def make_certificate(folder: Path, name: str, host: str) -> None:
    """folder/name.crt and name.key: ECDSA P-256, self-signed, for `host`, localhost and 127.0.0.1."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
         "-keyout", str(folder / f"{name}.key"), "-out", str(folder / f"{name}.crt"), "-subj", f"/CN={host}",
         "-addext", f"subjectAltName=DNS:{host},DNS:localhost,IP:127.0.0.1"],
        check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _owner() -> str:
    """Root's workers run as somebody else; others run as themselves."""
    if os.getuid() != 0:
        return pwd.getpwuid(os.getuid()).pw_name
    return "nobody"


class Instance:
    """`options` are rows of the configuration (name: value); only `services` are enabled."""

    def __init__(self, binaries: Path, options: dict[str, str] | None = None, services: list[str] | None = None):
        self.binaries = Path(binaries)
        self.hostname = HOSTNAME
        self.directory = Path(tempfile.mkdtemp(prefix="posthorn-", dir=os.environ.get("TMPDIR")))
        self.directory.chmod(0o755)
        self.config_file = self.directory / "posthorn.yaml"
        self._programs = self._reachable_programs()
        self._services = services or list(SERVICES)
        self._master: subprocess.Popen | None = None
        self.expects_crashes = False  # a test that sends workers SIGSEGV makes sanitizers speak
        self._log = self.directory / "master.log"
        (self.directory / "tls").mkdir()
        make_certificate(self.directory / "tls", "main", HOSTNAME)
        self._data = self.directory / "data"
        self._data.mkdir(mode=0o700)
        if os.getuid() == 0:
            shutil.chown(self._data, _owner())
        self.options = self._defaults() | dict(options or {})
        self.write_config()

    def _reachable_programs(self) -> Path:
        """Root's workers run as another user, who may not enter the tree: then they run from a copy."""
        if os.getuid() != 0:
            return self.binaries
        programs = self.directory / "bin"
        programs.mkdir()
        for program in self.binaries.iterdir():
            if program.is_file() and os.access(program, os.X_OK) and not program.name.startswith(("unit_", "fuzz_")):
                target = programs / program.name
                try:
                    os.link(program.resolve(), target)
                except OSError:
                    shutil.copy2(program.resolve(), target)
        return programs

    def serve_web_client(self, folder: Path) -> None:
        """The built client, from a copy: see above."""
        shutil.copytree(folder, self.directory / "web")
        self.options["http.webdir"] = str(self.directory / "web")
        self.write_config()

    def _defaults(self) -> dict[str, str]:
        made = {
            "server.directory": str(self._data),
            "server.user": _owner(),
            "server.programdir": str(self._programs),
            "base.hostname": HOSTNAME,
            "base.listenaddr": "127.0.0.1",
            "base.defaultdomain": "test.example",
            "base.stoptimeout": "5s",
            # Weak on purpose: tests make hundreds of users.
            "auth.passwordscheme": "sha256crypt",
            "auth.passwordcost": "1000",
            "tls:main.cert": str(self.directory / "tls" / "main.crt"),
            "tls:main.key": str(self.directory / "tls" / "main.key"),
        }
        for service in ALL_SERVICES:
            made[f"{service}.enable"] = "yes" if service in self._services else "no"
            made[f"{service}.port"] = str(free_port())
            made[f"{service}.sslport"] = str(free_port())
            made[f"{service}.enablesslport"] = "yes"
        made["ens.enable"] = "yes" if "ens" in self._services else "no"
        if "ens" in self._services:
            made |= {"ens.port": str(free_port()), "ens.sslport": str(free_port()), "ens.enablesslport": "yes"}
        return made

    def write_config(self) -> None:
        """What `options` says now; a running family takes it at refresh()."""
        for service in ALL_SERVICES:
            if self.options.get(f"{service}.sslusessl") in ("no", "0"):
                self.options[f"{service}.enablesslport"] = "no"
        lines = []
        for name, value in self.options.items():
            quoted = value.replace('"', '\\"')
            lines.append(f'"{name}": "{quoted}"\n')
        self.config_file.write_text("".join(lines))
        self.config_file.chmod(0o600)

    # ---- programs

    def environment(self) -> dict[str, str]:
        return dict(os.environ, POSTHORN_CONFIG=str(self.config_file))

    def run(self, program: str, *arguments: str, stdin: bytes = b"", check: bool = True) -> subprocess.CompletedProcess:
        """One of the product's programs; its output is in the error when it fails."""
        done = subprocess.run([str(self._programs / program), *arguments], input=stdin, capture_output=True,
                              env=self.environment(), timeout=120, check=False)
        if check and done.returncode != 0:
            raise RuntimeError(f"{program} {' '.join(arguments)}: status {done.returncode}: "
                               f"{(done.stdout + done.stderr).decode(errors='replace')}")
        return done

    def add_users(self, users: list[tuple[str, str]]) -> None:
        lines = "".join(f"{user}:{password}\n" for user, password in users)
        self.run("msuser", "import", "-", stdin=lines.encode())

    def deliver(self, user: str, message: bytes) -> None:
        self.run("deliver", user, stdin=message)

    # ---- the family

    def start(self) -> None:
        with open(self._log, "ab") as log:
            self._master = subprocess.Popen(
                [str(self._programs / "master"), "-c", str(self.config_file), "--foreground"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.environment(), start_new_session=True)
        deadline = time.monotonic() + START_TIMEOUT
        for service in self._services:
            while not self._answers(service):
                if self._master.poll() is not None or time.monotonic() > deadline:
                    log_text = self.log()
                    self.stop()
                    raise RuntimeError(f"{service} does not answer; master said:\n{log_text}")
                time.sleep(0.02)

    def _answers(self, service: str) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port(service, False)), timeout=5):
                return True
        except OSError:
            return False

    def stop(self) -> None:
        """Ends what was started, by its pid, and removes the directory. A master that does not end as asked, or a
        sanitizer's word in the log of any process, is a failure of the test."""
        wrong = None
        if self._master is not None:
            if self._master.poll() is None:
                self._master.send_signal(signal.SIGTERM)
                try:
                    status = self._master.wait(timeout=30)
                    wrong = f"master ended with status {status}" if status != 0 else None
                except subprocess.TimeoutExpired:
                    self._master.kill()
                    self._master.wait()
                    wrong = "master did not end within 30 s"
            self._master = None
        log = "" if self.expects_crashes else self.log()
        for word in ("Sanitizer", "runtime error:", "assertion failed"):
            if word in log:
                wrong = f"the log has {word!r}"
        if wrong:
            print(self.log()[-20000:], file=sys.stderr)
        if not os.environ.get("POSTHORN_KEEP"):
            shutil.rmtree(self.directory, ignore_errors=True)
        if wrong:
            raise AssertionError(wrong)

    def refresh(self) -> None:
        self.run("refresh")

    def log(self) -> str:
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    # ---- facts

    def port(self, service: str, tls: bool) -> int:
        return int(self.options[f"{service}.sslport" if tls else f"{service}.port"])

    def offers_tls(self, service: str) -> bool:
        return self.options[f"{service}.enablesslport"] == "yes"

    @property
    def certificate(self) -> Path:
        return self.directory / "tls" / "main.crt"

    def master_pid(self) -> int:
        assert self._master is not None
        return self._master.pid

    def workers(self, program: str) -> list[int]:
        """The pids of master's children that run `program`. By every process's own word: the kernel's list of
        children may leave some out while others come and go."""
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                name, rest = (entry / "stat").read_text().split("(", 1)[1].rsplit(")", 1)
            except (OSError, IndexError):
                continue
            if name == program and int(rest.split()[1]) == self.master_pid() and rest.split()[0] != "Z":
                found.append(int(entry.name))
        return sorted(found)
