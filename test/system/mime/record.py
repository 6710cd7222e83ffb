#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Asks a Dovecot of its own for everything and writes test/data/mime/dovecot.jsonl. Run as root on a Debian with
dovecot-imapd; starts it on a free port of 127.0.0.1 and ends it by its pid."""

import hashlib
import imaplib
import json
import os
import pwd
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, os.path.dirname(__file__))

from cases import CASES  # noqa: E402
from imap_text import Reader, parse, part_paths  # noqa: E402

DATA = Path(__file__).resolve().parents[2] / "data" / "mime" / "dovecot.jsonl"
MAX_PATHS = 40
SHORT = 300

CONFIG = """base_dir = {base}/run
state_dir = {base}/state
log_path = {base}/log
protocols = imap
listen = 127.0.0.1
disable_plaintext_auth = no
ssl = no
default_internal_user = dovecot
default_login_user = dovenull
mail_location = sdbox:{base}/mail/%u
first_valid_uid = 1
imap_max_line_length = 256k
passdb {{
  driver = static
  args = password=pw
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={base}/mail/%u
}}
namespace inbox {{
  inbox = yes
}}
service imap-login {{
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Dovecot:
    def __init__(self, base: Path):
        self.port = free_port()
        user = pwd.getpwnam("nobody")
        (base / "mail").mkdir()
        os.chown(base / "mail", user.pw_uid, user.pw_gid)
        base.chmod(0o755)
        config = base / "dovecot.conf"
        config.write_text(CONFIG.format(base=base, uid=user.pw_uid, gid=user.pw_gid, port=self.port))
        self.process = subprocess.Popen(["/usr/sbin/dovecot", "-F", "-c", str(config)])

    def connect(self) -> imaplib.IMAP4:
        for _ in range(100):
            try:
                client = imaplib.IMAP4("127.0.0.1", self.port)
                break
            except OSError:
                time.sleep(0.1)
        else:
            raise SystemExit("Dovecot does not answer")
        client.login("case", "pw")
        return client

    def stop(self):
        self.process.terminate()
        self.process.wait(20)


class Raw:
    """FETCH with the answer's octets as they come: imaplib makes lines of them."""

    def __init__(self, client: imaplib.IMAP4):
        self.client, self.number = client, 0

    def fetch(self, items: list[str]) -> dict[str, bytes]:
        self.number += 1
        tag = f"R{self.number}".encode()
        self.client.send(tag + b" FETCH 1 (" + " ".join(items).encode() + b")\r\n")
        data = bytearray()
        while True:
            line = self.client.file.readline()
            if line.startswith(tag + b" "):
                break
            data += line
            while line.endswith(b"}\r\n") and line.rstrip(b"}\r\n").rpartition(b"{")[2].isdigit():
                size = int(line.rstrip(b"}\r\n").rpartition(b"{")[2])
                data += self.client.file.read(size)
                line = self.client.file.readline()
                data += line
        if b" OK " not in line:
            raise SystemExit(f"{items}: {line!r}")
        reader = Reader(bytes(data))
        reader.at = reader.data.index(b"FETCH (") + 7
        answers = {}
        while reader.data[reader.at:reader.at + 1] != b")":
            if reader.data[reader.at:reader.at + 1] == b" ":
                reader.at += 1
                continue
            name = reader.string()
            reader.at += 1
            start = reader.at
            reader.value()
            answers[name.upper()] = reader.data[start:reader.at]
        return answers


def sections(structure) -> list[str]:
    names = ["", "HEADER", "TEXT", "MIME", "HEADER.FIELDS (SUBJECT X-NONE FROM)", "HEADER.FIELDS.NOT (SUBJECT)", "99", "1.1.1", "1.HEADER", "1.TEXT"]
    for path, message in part_paths(structure, MAX_PATHS):
        names += [path, f"{path}.MIME"]
        if message:
            names += [f"{path}.HEADER", f"{path}.TEXT", f"{path}.HEADER.FIELDS (SUBJECT)", f"{path}.HEADER.FIELDS.NOT (FROM)"]
    return [name for name in dict.fromkeys(names) if name != "MIME"]


def short(value):
    """What is kept of a section: itself, or its size and hash."""
    if value is None or len(value) <= SHORT:
        return None if value is None else value.decode("latin-1")
    return {"size": len(value), "sha256": hashlib.sha256(value).hexdigest()}


def record(client: imaplib.IMAP4, name: str, message: bytes) -> dict:
    raw = Raw(client)
    # imaplib would make CRLF lines of everything.
    client.send(b"A APPEND INBOX {%d}\r\n" % len(message))
    while not client.file.readline().startswith(b"+"):
        continue
    client.send(message + b"\r\n")
    while not (line := client.file.readline()).startswith(b"A "):
        continue
    if not line.startswith(b"A OK"):
        return {"name": name, "refused": line.decode().strip()}
    client.send(b"B NOOP\r\n")
    while not client.file.readline().startswith(b"B "):
        continue
    answers = {item: raw.fetch([item])[item] for item in ("ENVELOPE", "BODY", "BODYSTRUCTURE")}
    entry = {"name": name, **{item: octets.decode("latin-1") for item, octets in answers.items()}, "sections": {}}
    for section in sections(parse(answers["BODYSTRUCTURE"])):
        answer = raw.fetch([f"BODY.PEEK[{section}]"])
        entry["sections"][section] = short(next((Reader(octets).value() for octets in answer.values()), None))
    client.send(b"C STORE 1 +FLAGS.SILENT (\\Deleted)\r\nD EXPUNGE\r\n")
    while not client.file.readline().startswith(b"D "):
        continue
    return entry


def main():
    with tempfile.TemporaryDirectory(prefix="mime-dovecot-") as folder:
        server = Dovecot(Path(folder))
        try:
            client = server.connect()
            client.send(b"S SELECT INBOX\r\n")
            while not client.file.readline().startswith(b"S "):
                continue
            lines = []
            for name, message in CASES.items():
                try:
                    entry = record(client, name, message)
                except Exception as problem:
                    raise SystemExit(f"{name}: {problem!r}\n" + (Path(folder) / "log").read_text()[-1000:])
                lines.append(json.dumps(entry, sort_keys=True))
            version = subprocess.run(["/usr/sbin/dovecot", "--version"], capture_output=True, text=True, check=True).stdout.strip()
            DATA.write_text("\n".join([json.dumps({"version": version}), *lines]) + "\n")
            print(f"{len(lines)} messages, {sum(len(json.loads(l).get('sections', {})) for l in lines)} sections, Dovecot {version}")
        finally:
            server.stop()


if __name__ == "__main__":
    main()
