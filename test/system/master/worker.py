#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A worker that speaks the worker link and little else. Before it serves it writes what it was handed to
<directory of this file>/report/<pid>.json; the file `mood` beside it says how it is to behave."""

import array
import fcntl
import json
import os
import selectors
import signal
import socket
import struct
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
CONTROL, CONFIG, TLS, BOARD, FAILURES, FIRST = 3, 4, 5, 6, 8, 9
HEADER_BYTES = 4096
F_GET_SEALS = 1034


def mood() -> str:
    path = HERE / "mood"
    return path.read_text().strip() if path.exists() else ""


def read_all(fd: int) -> bytes:
    return os.pread(fd, os.fstat(fd).st_size, 0)


def report(launch: dict) -> None:
    facts = {
        "argv": sys.argv,
        "launch": launch,
        "fds": sorted(fd for fd in map(int, os.listdir("/proc/self/fd")) if Path(f"/proc/self/fd/{fd}").exists()),
        "config_seals": fcntl.fcntl(CONFIG, F_GET_SEALS),
        "tls_seals": fcntl.fcntl(TLS, F_GET_SEALS),
        "board_seals": fcntl.fcntl(BOARD, F_GET_SEALS),
        "failures_seals": fcntl.fcntl(FAILURES, F_GET_SEALS),
        "config": read_all(CONFIG).decode(),
        "tls_bytes": len(read_all(TLS)),
        "status": Path("/proc/self/status").read_text(),
        "limits": Path("/proc/self/limits").read_text(),
        "environment": dict(os.environ),
        "umask": os.umask(0o077),
        "cwd": os.getcwd(),
        "groups": os.getgroups(),
        "session": os.getsid(0) == os.getpid(),
    }
    (HERE / "report" / f"{os.getpid()}.json").write_text(json.dumps(facts))


class Worker:
    def __init__(self) -> None:
        self.link = socket.socket(fileno=CONTROL)
        self.link.setblocking(True)
        self.launch = json.loads(self.link.recv(65536))
        report(self.launch)
        self.listeners = [socket.socket(fileno=FIRST + i) for i in range(len(self.launch["listeners"]))]
        self.selector = selectors.DefaultSelector()
        self.sessions: set[socket.socket] = set()
        self.draining = False

    def say(self, kind: str, **more) -> None:
        self.link.send(json.dumps({"protocol": 1, "kind": kind, **more}).encode())

    def run(self) -> int:
        if mood() == "fail":
            self.say("failed", text="this worker was told to fail")
            return 70
        if mood() == "die":
            return 3
        for listener in self.listeners:
            listener.setblocking(False)
            self.selector.register(listener, selectors.EVENT_READ, self.accept)
        self.selector.register(self.link, selectors.EVENT_READ, self.on_link)
        self.beat_at = HEADER_BYTES
        self.board = self.find_heartbeat()
        if mood() != "mute":
            self.say("ready")
        while not (self.draining and not self.sessions):
            self.beat()
            for key, _ in self.selector.select(0.2):
                key.data(key.fileobj)
        return 0

    def find_heartbeat(self) -> int:
        """The offset of heartbeatMs: all slots have one size, and a slot begins with state, pid, generation, index,
        tallyFull, startedMs, heartbeatMs."""
        slot_bytes = struct.unpack_from("<Q", os.pread(BOARD, 24, 0), 16)[0]
        return HEADER_BYTES + self.launch["slot"] * slot_bytes + 32

    def beat(self) -> None:
        os.pwrite(BOARD, struct.pack("<Q", int(time.monotonic() * 1000)), self.board)
        os.pwrite(BOARD, struct.pack("<I", 2 if not self.draining else 3), self.board - 32)

    def accept(self, listener: socket.socket) -> None:
        try:
            session, _ = listener.accept()
        except OSError:
            return
        session.sendall(f"+OK {os.getpid()} {self.launch['generation']} {self.launch['service']}\r\n".encode())
        self.sessions.add(session)
        self.selector.register(session, selectors.EVENT_READ, self.serve)

    def serve(self, session: socket.socket) -> None:
        try:
            data = session.recv(1000)
        except OSError:
            data = b""
        if data:
            session.sendall(data)
            return
        self.selector.unregister(session)
        self.sessions.discard(session)
        session.close()

    def close_listeners(self) -> None:
        for listener in self.listeners:
            self.selector.unregister(listener)
            listener.close()
        self.listeners = []
        self.draining = True

    def on_link(self, _link) -> None:
        data, ancillary, _flags, _address = self.link.recvmsg(65536, socket.CMSG_SPACE(16))
        fds = array.array("i")
        for level, kind, payload in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                fds.frombytes(payload[:len(payload) - len(payload) % fds.itemsize])
        if not data:
            self.selector.unregister(self.link)
            self.close_listeners()
            return
        message = json.loads(data)
        if message["kind"] == "snapshot" and mood() != "deaf":
            text = "this worker does not like it" if mood() == "dislike" else ""
            (HERE / "report" / f"{os.getpid()}.snapshot").write_text(read_all(fds[0]).decode())
            self.say("applied", number=message["number"], text=text)
        if message["kind"] == "drain":
            self.close_listeners()
            self.say("closed")
        if message["kind"] == "stop" and mood() != "stubborn":
            self.close_listeners()
            for session in list(self.sessions):
                session.shutdown(socket.SHUT_WR)
                self.serve_goodbye(session)
        for fd in fds:
            os.close(fd)

    def serve_goodbye(self, session: socket.socket) -> None:
        self.selector.unregister(session)
        self.sessions.discard(session)
        session.close()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.exit(Worker().run())
