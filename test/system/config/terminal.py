# SPDX-License-Identifier: Apache-2.0
"""A program behind a pseudo-terminal, as somebody who types sees it."""

import os
import pty
import re
import select
import signal
import subprocess
import termios
import time

PATIENCE = 30.0
PROMPT = re.compile(r"msconfig([>#]) $")
# What a terminal shows nobody: colours, cursor movements, carriage returns.
UNSEEN = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|\r|\x07")


class Terminal:
    """Types lines and waits for the prompt that must come back; ends the program when it is left."""

    def __init__(self, command: list[str], environment: dict[str, str]):
        master, slave = pty.openpty()
        self._fd = master
        self.process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, close_fds=True,
                                        start_new_session=True, env=dict(environment, TERM="dumb", LC_ALL="C.UTF-8"))
        os.close(slave)
        self.screen = ""  # since the last line was typed

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_exc) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._fd)

    def _read(self, deadline: float) -> bool:
        """Adds what comes to the screen; false at the end of the program."""
        ready, _, _ = select.select([self._fd], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            raise AssertionError(f"nothing came for {PATIENCE} s; the screen shows {self.screen!r}")
        try:
            piece = os.read(self._fd, 65536)
        except OSError:  # EIO: nobody has the other end any more
            return False
        self.screen = UNSEEN.sub("", self.screen + piece.decode(errors="replace"))
        return bool(piece)

    def _edits(self) -> bool:
        """Whether the program takes key by key: it shows its prompt a moment before, and a key that comes in between is
        the terminal's own, for which Tab and ^D mean something else."""
        return not termios.tcgetattr(self._fd)[3] & termios.ICANON

    def prompt(self) -> str:
        """Waits for a prompt at which keys can be typed; '>' or '#'."""
        deadline = time.monotonic() + PATIENCE
        while True:
            found = PROMPT.search(self.screen)
            if found and self._edits():
                return found.group(1)
            if found and time.monotonic() < deadline:
                time.sleep(0.002)  # no event tells of a terminal's mode
                continue
            if not self._read(deadline):
                raise AssertionError(f"the program ended; the screen shows {self.screen!r}")

    def type(self, text: str, enter: bool = True) -> None:
        self.screen = ""
        os.write(self._fd, text.encode() + (b"\n" if enter else b""))

    def run(self, line: str) -> str:
        """Types a line at a prompt; what the program says, without the echo and the next prompt."""
        self.prompt()
        self.type(line)
        self.prompt()
        said = PROMPT.sub("", self.screen)
        return said.split("\n", 1)[1] if "\n" in said else ""

    def wait_for(self, text: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while text not in self.screen:
            if not self._read(deadline):
                raise AssertionError(f"{text!r} did not come; the screen shows {self.screen!r}")

    def interrupt(self) -> None:
        """What ^C is for a program that lets the terminal make the signal. It interrupts a read and nothing else: one that
        comes between two reads is lost, and given again, as a person would."""
        self.screen = ""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            self.process.send_signal(signal.SIGINT)
            if select.select([self._fd], [], [], 1.0)[0]:
                return

    def end(self) -> int:
        """Waits for the end of the program; its status."""
        deadline = time.monotonic() + PATIENCE
        while self._read(deadline):
            pass
        return self.process.wait(timeout=PATIENCE)
