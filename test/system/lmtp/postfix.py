# SPDX-License-Identifier: Apache-2.0
"""A Postfix of our own on loopback: its configuration, queue and log in a temporary directory, its mail to one LMTP
service. Root only, because Postfix wants to change users; nothing of the machine's own Postfix is touched."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import support  # noqa: F401  (its first lines say where ports.py is)
from ports import free_port

DAEMONS = Path("/usr/lib/postfix/sbin")

_MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/mail.log
maillog_file_prefixes = {folder}
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.test.example
mydestination =
local_transport = error:none
local_recipient_maps =
alias_maps =
alias_database =
relay_domains = {domain}
transport_maps = {routes}
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_recipient_restrictions = permit_mynetworks, reject
smtpd_client_connection_count_limit = 0
smtpd_peername_lookup = no
disable_dns_lookups = yes
lmtp_connection_cache_on_demand = yes
lmtp_tls_security_level = none
lmtp_destination_recipient_limit = 50
lmtp_data_done_timeout = 60s
lmtp_connect_timeout = 5s
minimal_backoff_time = 1s
maximal_backoff_time = 2s
queue_run_delay = 1s
in_flow_delay = 0
transport_retry_time = 1s
default_destination_concurrency_failed_cohort_limit = 1000
notify_classes =
"""

_MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
lmtp unix - - n - - lmtp
scache unix - - n - 1 scache
anvil unix - - n - 1 anvil
flush unix n - n 1000? 0 flush
postlog unix-dgram n - n - 1 postlogd
"""


def missing() -> str | None:
    """Why there can be no Postfix; nothing when there can."""
    if os.getuid() != 0:
        return "Postfix needs root"
    if not (DAEMONS / "master").exists():
        return "there is no Postfix (Debian package postfix)"
    return None


class Postfix:
    """`where`: inet:127.0.0.1:PORT or unix:PATH, the LMTP service; or one for each address of the domain."""

    def __init__(self, where: str | dict[str, str], domain: str):
        self.folder = Path(tempfile.mkdtemp(prefix="posthorn-postfix-", dir=os.environ.get("TMPDIR")))
        self.folder.chmod(0o755)
        self.port = free_port()
        self.log_file = self.folder / "mail.log"
        self._config = self.folder / "etc"
        for name in ("etc", "queue", "data"):
            (self.folder / name).mkdir()
        shutil.chown(self.folder / "data", "postfix")
        routes = f"static:lmtp:{where}"
        if isinstance(where, dict):
            routes = "inline:{" + ", ".join(f"{{{address} = lmtp:{to}}}" for address, to in where.items()) + "}"
        (self._config / "main.cf").write_text(_MAIN.format(folder=self.folder, routes=routes, domain=domain))
        (self._config / "master.cf").write_text(_MASTER.format(port=self.port))
        shutil.copy("/etc/postfix/dynamicmaps.cf", self._config)
        self._master: subprocess.Popen | None = None
        self._run("postfix", "-c", str(self._config), "check")

    def _run(self, *words: str) -> None:
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{words}: {done.stdout}{done.stderr}{self.log()[-2000:]}")

    def start(self) -> None:
        self._master = subprocess.Popen([str(DAEMONS / "master"), "-c", str(self._config), "-d"],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        start_new_session=True)

    def _family(self) -> list[int]:
        """The master's process group and session, as far as it lives: all that it has started."""
        assert self._master is not None
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(OSError, IndexError):
                    fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
                    if int(fields[3]) == self._master.pid and fields[0] != "Z":
                        found.append(int(entry.name))
        return found

    def kill(self) -> None:
        """All of it at once, as a power cut would."""
        if self._master is None:
            return
        while family := self._family():
            for pid in family:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._master.wait(timeout=0.05)
        self._master.wait()
        self._master = None

    def stop(self) -> None:
        """In order."""
        if self._master is None:
            return
        self._master.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._master.wait(timeout=20)
        self.kill()

    def close(self) -> None:
        self.kill()
        if not os.environ.get("POSTHORN_KEEP"):
            shutil.rmtree(self.folder, ignore_errors=True)

    def queued(self) -> int:
        """Messages that have not reached everybody. What is not executable has not come in whole, nor was it
        acknowledged."""
        count = 0
        for name in ("incoming", "active", "deferred", "maildrop", "hold", "corrupt"):
            for folder, _, files in os.walk(self.folder / "queue" / name):
                for file in files:
                    with contextlib.suppress(FileNotFoundError):  # it is on its way from one folder to another
                        count += os.stat(os.path.join(folder, file)).st_mode & 0o100 != 0
        return count

    def wait_until_empty(self, most: float) -> None:
        deadline = time.monotonic() + most
        # Twice in a row: a message that is being moved is in no folder at one moment.
        while (left := self.queued()) or (left := self.queued()):
            if time.monotonic() > deadline:
                raise AssertionError(f"{left} messages are in the queue still:\n{self.log()[-3000:]}")
            time.sleep(0.1)

    def log(self) -> str:
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""
