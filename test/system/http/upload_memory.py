# SPDX-License-Identifier: Apache-2.0
"""Large uploads go to the disk and not through the memory of the web server. Without sanitizers only, whose quarantine
keeps what was freed."""

import sys
import threading
import time
from pathlib import Path

from support import BINARIES, Browser, family

SIZE, BLOCK = 100_000_000, 1_000_000
UPLOADS = 2  # at a time
BOUND = 80 << 20


def memory(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) * 1024
    return 0


def check(instance) -> None:
    anna = Browser(instance)
    anna.log_in("anna")
    account = anna.ask("GET", "/.well-known/jmap").json()["primaryAccounts"]["urn:ietf:params:jmap:mail"]
    pid = instance.workers("mshttpd")[0]
    before = memory(pid)
    peak = [before]
    statuses = []

    def send() -> None:
        answer = anna.ask("POST", f"/jmap/upload/{account}", iter([bytes(BLOCK)] * (SIZE // BLOCK)),
                          {"Content-Type": "application/octet-stream"})
        statuses.append((answer.status, answer.json().get("size")))

    threads = [threading.Thread(target=send) for _ in range(UPLOADS)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        peak.append(memory(pid))
        time.sleep(0.05)
    assert statuses == [(201, SIZE)] * UPLOADS, statuses
    grown = max(peak) - before
    print(f"{UPLOADS} uploads of 100 MB: {grown >> 20} MB more memory at most")
    assert grown < BOUND, grown


def main() -> int:
    if b"__asan_init" in (BINARIES / "mshttpd").read_bytes():
        print("SKIPPED: memory is measured without sanitizers only")
        return 77
    instance = family(["anna"], {"http.maxmessagesize": "200M", "http.maxpostsize": "200M", "http.spoolquota": "1G"})
    try:
        check(instance)
    finally:
        instance.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
