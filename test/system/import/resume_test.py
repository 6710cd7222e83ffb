# SPDX-License-Identifier: Apache-2.0
"""An import that is killed at any moment and begun again is complete in the end: nothing lost, nothing twice."""

import os
import random
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import makers
import support

UIDS = [uid for uid in range(1, 2600) if uid % 7]
PLAIN = 700


def source(folder: Path) -> Path:
    root = makers.numbered(folder / "Maildir", UIDS, uid_next=5000)
    plain = makers.maildir(root / ".Plain.Folder")  # no list of UIDs
    for number in range(PLAIN):
        makers.put(plain, f"{1_400_000_000 + number}.M1P1.host:2,", makers.message(number))
    return makers.given(root)


def mbox(folder: Path) -> Path:
    with open(folder / "mbox", "wb") as out:
        for number in range(900):
            out.write(b"From a@example.org Sat Jan  3 01:05:34 1998\n" + makers.message(number % 800) + b"\n")
    return makers.given(folder / "mbox")


def killed_often(instance, user: str, path: Path, least: int) -> int:
    """Runs the import until it ends by itself. How often it was killed."""
    kills = 0
    wait = 0.05
    while True:
        process = subprocess.Popen([str(instance._programs / "mboxutil"), "import", "-q", user, str(path)],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=instance.environment())
        try:
            said = process.communicate(timeout=wait if kills < least or random.random() < 0.7 else None)[1]
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.communicate()
            kills += 1
            wait = random.uniform(0.02, 0.6) + kills * 0.01  # ends some time
            continue
        assert process.returncode == 0, (process.returncode, said)
        return kills


def maildir(instance, folder: Path) -> None:
    root = source(folder)
    kills = killed_often(instance, "anna", root, 5)
    inbox, validity = support.subjects(instance, "anna", "INBOX")
    assert inbox == {uid: f"Subject: message {uid}" for uid in UIDS}, f"{len(inbox)} of {len(UIDS)}"
    assert validity == 1_234_567_890
    plain, _ = support.subjects(instance, "anna", "Plain/Folder")
    assert sorted(plain.values()) == sorted(f"Subject: message {number}" for number in range(PLAIN)), len(plain)
    uidls = support.pop_seen(instance, "anna")
    assert set(uidls) == {f"{uid:08x}{1_234_567_890:08x}" for uid in UIDS}
    support.sound(instance, "anna")
    instance.deliver("anna", b"Subject: new\n\nnew\n")
    assert max(support.subjects(instance, "anna", "INBOX")[0]) == 5000, "UIDNEXT is the old server's"
    print(f"Maildir: killed {kills} times")


def one_mbox(instance, folder: Path) -> None:
    kills = killed_often(instance, "bert", mbox(folder), 3)
    inbox, _ = support.subjects(instance, "bert", "INBOX")
    wanted = [f"Subject: message {number % 800}" for number in range(900)]
    assert sorted(inbox.values()) == sorted(wanted), len(inbox)  # twins stay two
    support.sound(instance, "bert")
    print(f"mbox: killed {kills} times")


def in_use(instance, folder: Path) -> None:
    """Files are renamed under its hands: a server moves what is new and sets flags."""
    root = makers.maildir(folder / "InUse")
    for number in range(1500):
        makers.put(root, f"{1_400_000_000 + number}.M1P1.host", makers.message(number), "new")
    makers.given(root)
    done = threading.Event()

    def rename() -> None:
        for turn in range(2, 1000):
            for file in sorted((root / "new").iterdir())[::3]:
                os.rename(file, root / "cur" / (file.name + ":2,"))
            for file in list((root / "cur").iterdir())[::turn % 5 + 2]:
                base, _, flags = file.name.partition(":2,")
                os.rename(file, root / "cur" / (base + ":2," + ("" if flags else "S")))
            if done.is_set():
                return
            time.sleep(0.01)

    server = threading.Thread(target=rename)
    server.start()
    try:
        report = support.imported(instance, "cora", root)
    finally:
        done.set()
        server.join()
    assert report["by"]["INBOX"]["imported"] == 1500, report
    inbox, _ = support.subjects(instance, "cora", "INBOX")
    assert sorted(inbox.values()) == sorted(f"Subject: message {number}" for number in range(1500))


def main() -> None:
    with tempfile.TemporaryDirectory() as name, support.family(("anna", "bert", "cora")) as instance:
        Path(name).chmod(0o755)
        maildir(instance, Path(name))
        one_mbox(instance, Path(name))
        in_use(instance, Path(name))


main()
