# SPDX-License-Identifier: Apache-2.0
"""Types the listings of transcripts/*.txt against real servers; transcripts/README.md says what their lines mean.
Usage: transcripts_test.py [NAME]..."""

import json
import os
import re
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(os.environ["POSTHORN_SOURCE"]) / "test" / "support"))

from instance import Instance  # noqa: E402
from ports import free_port  # noqa: E402

from terminal import Terminal  # noqa: E402

FOLDER = Path(__file__).parent / "transcripts"
CHOICE = re.compile(r"\[ (\S+) \| (\S+) \]")
PATIENCE = 20.0


class Failure(Exception):
    pass


class Transcript:
    def __init__(self, path: Path):
        self.name = path.stem
        self.services = ["pop", "imap", "http"]
        self.options: list[str] = []
        self.needs: list[int] = []
        self.lines: list[tuple[int, str]] = []
        head = True
        for number, line in enumerate(path.read_text().splitlines(), 1):
            word, _, rest = line.partition(":")
            if head and word == "services":
                self.services = rest.split()
            elif head and word == "set":
                self.options.append(rest.strip())
            elif head and word == "needs":
                self.needs = [int(port) for port in rest.split()]
            elif line and not (head and word == "title"):
                head = False
                self.lines.append((number, line))
        if not any(line.startswith("= ") or ": = " in line for _, line in self.lines):
            raise Failure("the listing shows no effect")

    def choices(self) -> list[str]:
        """The words of its first [ a | b ], in order; one empty word when there is none."""
        for _, line in self.lines:
            if found := CHOICE.search(line):
                return [found.group(1), found.group(2)]
        return [""]


def is_free(port: int) -> str:
    """Why a port cannot be bound; empty when it can."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            return f"127.0.0.1:{port} cannot be bound: {error.strerror}"
    return ""


class Run:
    """One transcript against one instance."""

    def __init__(self, transcript: Transcript, instance: Instance, ports: dict[str, str]):
        self.transcript = transcript
        self.instance = instance
        self.ports = ports
        self.shell: Terminal | None = None
        self.said = ""

    def run(self) -> None:
        for word in self.transcript.choices():
            for number, line in self.transcript.lines:
                try:
                    self.line(line, word)
                except Exception as error:  # whatever it is, its place helps
                    raise Failure(f"line {number} ({word or 'only run'}): {line}\n    {error}\n"
                                  f"    it said: {self.said!r}") from error
        if self.shell:
            raise Failure("the listing ends inside of msconfig")

    def line(self, line: str, word: str) -> None:
        prefix = re.match(r"(\w+): (.*)", line)
        if word and prefix:
            if prefix.group(1) != word:
                return
            line = prefix.group(2)
        line = CHOICE.sub(lambda found: word, line)
        line = re.sub(r"@\d+", lambda found: self.ports[found.group()], line)
        if line.startswith("= "):
            self.effect(*line[2:].split(None, 1))
        elif line == "$ msconfig":
            self.shell = Terminal([str(self.instance._programs / "msconfig")], self.instance.environment())
        elif line.startswith("msconfig"):
            self.typed(line[8], line[10:])
        elif line.startswith("$! "):
            self.command(line[3:], False)
        elif line.startswith("$ "):
            self.command(line[2:], True)
        else:
            raise Failure("not a line of a transcript")

    def command(self, command: str, good: bool) -> None:
        environment = self.instance.environment()
        environment["PATH"] = f"{self.instance._programs}:{environment['PATH']}"
        done = subprocess.run(["/bin/sh", "-c", command], env=environment, capture_output=True, timeout=120, check=False)
        self.said = (done.stdout + done.stderr).decode(errors="replace")
        if "Sanitizer" in self.said or (done.returncode == 0) != good:
            raise Failure(f"status {done.returncode}")

    def typed(self, prompt: str, line: str) -> None:
        if self.shell is None:
            raise Failure("msconfig does not run")
        if self.shell.prompt() != prompt:
            raise Failure(f"the prompt is not msconfig{prompt}")
        if line == "exit":
            self.shell.type(line)
            status = self.shell.end()
            self.shell.__exit__()
            self.shell = None
            if status != 0:
                raise Failure(f"msconfig ended with {status}")
            return
        self.said = self.shell.run(line)

    # ---- effects

    def port(self, word: str) -> int:
        """Of a service in clear, as it was when master started; or a number."""
        return int(word) if word.isdigit() else self.instance.port(word, False)

    def connect(self, port: int) -> socket.socket:
        return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)

    def effect(self, kind: str, rest: str) -> None:
        getattr(self, "sees_" + kind)(*rest.split(None, 1))

    def sees_open(self, port: str) -> None:
        self.connect(self.port(port)).close()

    def sees_closed(self, port: str) -> None:
        try:
            self.connect(self.port(port)).close()
        except ConnectionRefusedError:
            return
        raise Failure("somebody listens there")

    def sees_tls(self, port: str) -> None:
        context = ssl.create_default_context(cafile=str(self.instance.certificate))
        with context.wrap_socket(self.connect(self.port(port)), server_hostname="localhost") as stream:
            if port in ("995", "993"):
                greeting = stream.recv(200)
                if not greeting.startswith(b"+OK" if port == "995" else b"* OK"):
                    raise Failure(f"the greeting is {greeting!r}")
                return
            stream.sendall(b"GET / HTTP/1.0\r\n\r\n")
            if not stream.recv(20).startswith(b"HTTP/1."):
                raise Failure("no answer of HTTP")

    def sees_greets(self, port: str, text: str) -> None:
        with self.connect(self.port(port)) as stream:
            greeting = stream.recv(500).decode()
        if text not in greeting:
            raise Failure(f"the greeting is {greeting!r}")

    def sees_says(self, first: str, rest: str = "") -> None:
        text = f"{first} {rest}".strip()
        if text not in self.said:
            raise Failure("it did not say so")

    def state(self, service: str) -> dict:
        status = json.loads(self.instance.run("msgstat", "--json").stdout)
        return next((one for one in status["services"] if one["name"] == service), {"started": False, "workers": []})

    def sees_runs(self, service: str, workers: str = "1") -> None:
        deadline = time.monotonic() + PATIENCE
        while sum(worker["state"] == "running" for worker in self.state(service)["workers"]) != int(workers):
            if time.monotonic() > deadline:
                raise Failure(f"not {workers} workers serve: {self.state(service)}")
            time.sleep(0.05)

    def sees_stopped(self, service: str) -> None:
        state = self.state(service)
        if state["started"] or any("pid" in worker for worker in state["workers"]):
            raise Failure(f"it runs: {state}")

    def sees_config(self, name: str, value: str) -> None:
        found = self.instance.run("msconfig", "get", name).stdout.decode().strip()
        if found != value:
            raise Failure(f"the file says {found}")


def carry_out(path: Path) -> str:
    """"passed", "skipped" or the failure."""
    transcript = Transcript(path)
    for port in transcript.needs:
        if why := is_free(port):
            print(f"SKIPPED: {transcript.name}: {why}")
            return "skipped"
    ports = {f"@{i}": str(free_port()) for i in range(1, 4)}
    options = {"auth.failuredelay": "0"}
    for option in transcript.options:
        name, _, value = option.partition("=")
        options[name] = ports.get(value, value)
    instance = Instance(Path(os.environ["POSTHORN_BIN"]), options, transcript.services)
    run = Run(transcript, instance, ports)
    try:
        instance.start()
        run.run()
    except (Failure, RuntimeError) as error:
        print(instance.log()[-4000:], file=sys.stderr)
        return str(error)
    finally:
        if run.shell:
            run.shell.__exit__()
        instance.stop()
    return "passed"


def main(names: list[str]) -> int:
    paths = sorted(path for path in FOLDER.glob("*.txt") if not names or path.stem in names)
    if not paths:
        print("there is no such transcript")
        return 1
    failed = 0
    passed = 0
    for path in paths:
        start = time.monotonic()
        outcome = carry_out(path)
        print(f"{path.stem}: {outcome} ({time.monotonic() - start:.1f} s)", flush=True)
        passed += outcome == "passed"
        failed += outcome not in ("passed", "skipped")
    if failed == 0 and passed == 0:
        print("SKIPPED: no transcript could run")
        return 77
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
