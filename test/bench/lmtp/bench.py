#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Deliveries a second over LMTP, here and by Debian's Dovecot (dovecot-lmtpd), for 1, 10 and 50 connections, and what
several recipients of one message cost:

    bench.py --bin build/release/bin [--messages N] [--octets N] [--users N] [--dovecot]

Messages go to the users in turn, one recipient each. Both stores lie in one temporary directory on one disk. Here a
message is on disk (fdatasync of the log) when it is acknowledged; Dovecot's maildir fsyncs file and folder (its
default, mail_fsync = optimized). The client is one Python process: at high rates it is measured, too."""

import argparse
import contextlib
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
os.environ.setdefault("POSTHORN_SOURCE", str(ROOT))
sys.path[:0] = [str(ROOT / "test" / "support"), str(ROOT / "test" / "system" / "lmtp")]

from ports import free_port  # noqa: E402
from support import DOMAIN, Lmtp, message  # noqa: E402

CONNECTIONS = (1, 10, 50)


def text_of(number: int, octets: int) -> bytes:
    line = b"The quick brown fox jumps over the lazy dog, and so on.\r\n"
    return message(f"m{number}", line * (octets // len(line)))


def deliver(client: Lmtp, recipients: list[str], text: bytes) -> None:
    client.envelope([f"{user}@{DOMAIN}" for user in recipients])
    client.text(text)
    for _ in recipients:
        answer = client.reply()[-1]
        assert answer.startswith("250"), answer


def rate(port: int, connections: int, messages: int, users: list[str], octets: int) -> float:
    """Messages a second, each to one user."""
    clients = [Lmtp(port) for _ in range(connections)]

    def run(place: int) -> None:
        for number in range(place, messages, connections):
            deliver(clients[place], [users[number % len(users)]], text_of(number, octets))

    threads = [threading.Thread(target=run, args=(place,)) for place in range(connections)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.monotonic() - began
    for client in clients:
        client.close()
    return messages / took


def to_many(port: int, users: list[str], octets: int, rounds: int = 5) -> float:
    """Milliseconds of one message to all users, the best of some."""
    client = Lmtp(port)
    best = 1e9
    for number in range(rounds):
        began = time.monotonic()
        deliver(client, users, text_of(number, octets))
        best = min(best, time.monotonic() - began)
    client.close()
    return best * 1000


@contextlib.contextmanager
def posthorn(binaries: Path, users: list[str], options: dict[str, str]):
    os.environ["POSTHORN_BIN"] = str(binaries)
    from support import family

    instance = family(users, {"log.level": "Warning"} | options, ["lmtp"])
    try:
        yield instance.port("lmtp", False)
    finally:
        instance.stop()


_DOVECOT = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols = lmtp
listen = 127.0.0.1
ssl = no
mail_location = {location}
mail_home = {folder}/home/%n
mail_privileged_group =
first_valid_uid = 1
default_internal_user = {user}
default_login_user = {user}
default_internal_group = {group}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {port}
  }}
  process_min_avail = 4
}}
service anvil {{
  chroot =
}}
passdb {{
  driver = static
  args = nopassword=y
}}
userdb {{
  driver = static
  args = uid={user} gid={group} allow_all_users=yes
}}
"""


@contextlib.contextmanager
def dovecot(location: str):
    """A Dovecot of our own; root only, because it wants to change users."""
    folder = Path(tempfile.mkdtemp(prefix="posthorn-dovecot-", dir=os.environ.get("TMPDIR")))
    folder.chmod(0o755)
    port = free_port()
    somebody = pwd.getpwnam("nobody")
    (folder / "home").mkdir()
    os.chown(folder / "home", somebody.pw_uid, somebody.pw_gid)
    (folder / "dovecot.conf").write_text(
        _DOVECOT.format(folder=folder, port=port, user="nobody", group="nogroup", location=location))
    master = subprocess.Popen(["dovecot", "-F", "-c", str(folder / "dovecot.conf")], stdin=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 20
        while True:
            try:
                Lmtp(port).close()
                break
            except OSError:
                if time.monotonic() > deadline or master.poll() is not None:
                    raise RuntimeError((folder / "dovecot.log").read_text()) from None
                time.sleep(0.1)
        yield port
    finally:
        master.terminate()
        master.wait(timeout=20)
        shutil.rmtree(folder, ignore_errors=True)


def measure(name: str, port: int, users: list[str], args: argparse.Namespace) -> None:
    rate(port, 2, len(users) * 2, users, args.octets)  # accounts are made, caches filled
    for connections in CONNECTIONS:
        got = rate(port, connections, args.messages, users, args.octets)
        print(f"{name:<28} {connections:>3} connections  {got:8.0f} messages a second", flush=True)
    print(f"{name:<28} one message to {len(users)} users  {to_many(port, users, args.octets):8.1f} ms", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=Path, required=True)
    parser.add_argument("--messages", type=int, default=2000)
    parser.add_argument("--octets", type=int, default=4000)
    parser.add_argument("--users", type=int, default=100)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--dovecot", action="store_true", help="Dovecot, too (root; Debian package dovecot-lmtpd)")
    args = parser.parse_args()
    users = [f"user{n}" for n in range(args.users)]
    for parallel in ("8", "1"):
        options = {"lmtp.maxparallel": parallel, "lmtp.numprocesses": str(args.processes)}
        with posthorn(args.bin.resolve(), users, options) as port:
            name = f"posthorn, maxparallel {parallel}"
            if parallel == "1":
                to_many(port, users, args.octets, 1)
                print(f"{name:<28} one message to {len(users)} users  {to_many(port, users, args.octets):8.1f} ms", flush=True)
            else:
                measure(name, port, users, args)
                print(f"{name:<28} 2 MB to {len(users)} users  {to_many(port, users, 2_000_000, 2):12.1f} ms", flush=True)
    if args.dovecot:
        if os.getuid() != 0 or not shutil.which("dovecot"):
            print("SKIPPED: Dovecot needs root and dovecot-lmtpd")
            return 0
        for location in ("maildir:~/Maildir", "mdbox:~/mdbox"):
            with dovecot(location) as port:
                name = f"dovecot, {location.partition(':')[0]}"
                measure(name, port, users, args)
                print(f"{name:<28} 2 MB to {len(users)} users  {to_many(port, users, 2_000_000, 2):12.1f} ms", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
