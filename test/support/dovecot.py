# SPDX-License-Identifier: Apache-2.0
"""Debian's Dovecot as somebody else's IMAP server: private, on loopback and a free port, with a master user who may act
for every user (SASL PLAIN with an authorization identity)."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from ports import free_port

PROGRAM = "/usr/sbin/dovecot"
MASTER, MASTER_PASSWORD = "master", "master-secret"


def unavailable() -> str | None:
    """Why no Dovecot can be started here, if so."""
    if not os.path.exists(PROGRAM) or not os.path.exists("/usr/lib/dovecot/imap"):
        return f"{PROGRAM} is missing: install dovecot-imapd"
    return None if os.getuid() == 0 else "Dovecot is started by root only"


class Dovecot:
    def __init__(self, users: list[str]):
        self.directory = Path(tempfile.mkdtemp(prefix="dovecot-", dir=os.environ.get("TMPDIR")))
        self.directory.chmod(0o755)
        self.port = free_port()
        owner = pwd.getpwnam("nobody")
        mail = self.directory / "mail"
        mail.mkdir()
        os.chown(mail, owner.pw_uid, owner.pw_gid)
        (self.directory / "users").write_text("".join(f"{user}:{{PLAIN}}x::::::\n" for user in users))
        (self.directory / "masters").write_text(f"{MASTER}:{{PLAIN}}{MASTER_PASSWORD}\n")
        (self.directory / "dovecot.conf").write_text(f"""
base_dir = {self.directory}/run
instance_name = {self.directory.name}
log_path = {self.directory}/log
protocols = imap
listen = 127.0.0.1
disable_plaintext_auth = no
auth_mechanisms = plain
ssl = no
first_valid_uid = 1
mail_location = sdbox:{mail}/%u
passdb {{
  driver = passwd-file
  args = {self.directory}/masters
  master = yes
  result_success = continue
}}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {self.directory}/users
}}
userdb {{
  driver = static
  args = uid={owner.pw_uid} gid={owner.pw_gid} home={mail}/%u
}}
namespace inbox {{
  inbox = yes
  separator = .
  mailbox Sent {{
    auto = subscribe
    special_use = \\Sent
  }}
}}
service imap-login {{
  inet_listener imap {{
    port = {self.port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
""")

    def start(self) -> None:
        # It goes into the background and keeps what it was given.
        subprocess.run([PROGRAM, "-c", str(self.directory / "dovecot.conf")], check=True, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        while True:
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=5) as sock:
                    if sock.recv(100).startswith(b"* OK"):
                        return
            except OSError:
                pass
            if time.monotonic() > deadline:
                raise RuntimeError(f"Dovecot does not answer: {self.log()}")
            time.sleep(0.05)

    def log(self) -> str:
        file = self.directory / "log"
        return file.read_text(errors="replace") if file.exists() else ""

    def stop(self) -> None:
        """Ends it by the pid that it wrote, and what it wrote."""
        file = self.directory / "run" / "master.pid"
        if file.exists():
            pid = int(file.read_text())
            os.kill(pid, signal.SIGTERM)
            deadline = time.monotonic() + 20
            while os.path.exists(f"/proc/{pid}") and time.monotonic() < deadline:
                time.sleep(0.05)
        shutil.rmtree(self.directory, ignore_errors=True)
