# SPDX-License-Identifier: Apache-2.0
"""mutt with pushed keys on a terminal of the test's own: open, read, copy, delete; and two of them on one mailbox."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import tempfile
import termios
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from server import Server, need  # noqa: E402  (found by the line above)

from messages import message  # noqa: E402

LIMIT = 90.0


class Mutt:
    """One mutt that does what the keys say; the last of them must quit."""

    def __init__(self, folder: Path, name: str, server: Server, user: str, keys: str, tls: bool = False):
        self.shown = b""
        port = server.tls_port if tls else server.port
        base = f"{'imaps' if tls else 'imap'}://{server.host}:{port}/"
        rc = folder / f"{name}.rc"
        rc.write_text(
            f'set imap_user="{user}"\nset imap_pass="{server.password}"\nset folder="{base}"\nset spoolfile="{base}INBOX"\n'
            "set ssl_starttls=no ssl_force_tls=no ssl_verify_host=no\n"
            f'set certificate_file="{server.certificate}"\n'
            f'set tmpdir="{folder}"\nset record="" postponed="" history_file="" \n'
            "set quit=yes delete=yes move=no confirmappend=no confirmcreate=no beep=no mark_old=no wait_key=no\n"
            "set sort=mailbox-order timeout=1 mail_check=1 auto_tag=no pager_stop=yes nouse_from\n"
            f'push "{keys}"\n')
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            environment = {"HOME": str(folder), "TERM": "xterm", "LANG": "C.UTF-8", "PATH": os.environ["PATH"]}
            os.execve(need("mutt"), ["mutt", "-n", "-F", str(rc)], environment)
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))

    def wait(self) -> int:
        """Its status. One that does not end in time is killed, and what it showed last is in the error."""
        deadline = time.monotonic() + LIMIT
        while time.monotonic() < deadline:
            if select.select([self.terminal], [], [], 1.0)[0]:
                try:
                    self.shown += os.read(self.terminal, 65536)
                except OSError:
                    break
        else:
            os.kill(self.pid, signal.SIGKILL)
        status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        os.close(self.terminal)
        if status == -signal.SIGKILL:
            raise AssertionError("mutt does not end; it showed " + re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b" ", self.shown[-3000:]).decode(errors="replace"))
        return status


class Keys(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        need("mutt")
        cls.server = Server(3)
        cls.addClassCleanup(cls.server.stop)
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)

    def fill(self, user: str, subjects: list[str]):
        client = self.server.login(user)
        client.create("Target")
        for number, subject in enumerate(subjects):
            octets = message(subject, f"text of {subject}\r\n".encode(), number)
            self.assertEqual(client.append("INBOX", "", None, octets)[0], "OK")
        client.logout()

    def state(self, user: str, mailbox: str) -> dict[str, set[str]]:
        """Subject -> flags."""
        client, found = self.server.login(user), {}
        if client.select(mailbox, readonly=True)[1] != [b"0"]:
            data = client.fetch("1:*", "(FLAGS BODY.PEEK[])")[1]
            for part, after in zip(data[::2], data[1::2]):
                flags = re.search(rb"FLAGS \(([^)]*)\)", part[0] + after).group(1).decode().split()
                subject = re.search(rb"(?m)^Subject: (.*)\r$", part[1]).group(1).decode()
                self.assertNotIn(subject, found, "a message twice")
                self.assertTrue(part[1].endswith(f"\r\n\r\ntext of {subject}\r\n".encode()), part[1][-80:])
                found[subject] = set(flags) - {"\\Recent"}
        client.logout()
        return found

    def check_reading(self, user: str, tls: bool):
        self.fill(user, ["one", "two", "three", "four", "five"])
        mutt = Mutt(self.folder, user, self.server, user, tls=tls, keys=(
            "<first-entry><display-message><exit>"
            "<next-entry><copy-message>=Target<enter>"
            "<next-entry><flag-message>"
            "<delete-pattern>~s four<enter>"
            "<sync-mailbox>"
            "<last-entry><save-message>=Target<enter>"
            "<quit>"))
        self.assertEqual(mutt.wait(), 0, mutt.shown[-2000:])
        self.assertEqual(self.state(user, "INBOX"), {"one": {"\\Seen"}, "two": set(), "three": {"\\Flagged"}})
        target = self.state(user, "Target")
        self.assertEqual(sorted(target), ["five", "two"])

    def test_reads_copies_deletes(self):
        self.check_reading(self.server.users[0], False)

    def test_over_tls(self):
        self.check_reading(self.server.users[1], True)

    def test_two_at_once(self):
        user = self.server.users[2]
        kinds, rounds = ("ash", "birch", "cedar", "drop"), 8
        self.fill(user, [f"{kind} {number}" for number in range(rounds) for kind in kinds])
        left = "".join(f"<delete-pattern>~s 'ash {n}'<enter><sync-mailbox><search>~s 'birch {n}'<enter><copy-message>=Target<enter>"
                       for n in range(rounds))
        right = "".join(f"<search>~s 'cedar {n}'<enter><flag-message><sync-mailbox><delete-pattern>~s 'drop {n}'<enter><sync-mailbox>"
                        for n in range(rounds))
        both = [Mutt(self.folder, name, self.server, user, keys + "<sync-mailbox><quit>")
                for name, keys in (("left", left), ("right", right))]
        for mutt in both:
            self.assertEqual(mutt.wait(), 0, mutt.shown[-2000:])
        inbox = self.state(user, "INBOX")
        self.assertEqual(sorted(inbox), sorted(f"{kind} {n}" for n in range(rounds) for kind in ("birch", "cedar")))
        self.assertEqual({name for name, flags in inbox.items() if "\\Flagged" in flags}, {f"cedar {n}" for n in range(rounds)})
        self.assertEqual(sorted(self.state(user, "Target")), sorted(f"birch {n}" for n in range(rounds)))


if __name__ == "__main__":
    unittest.main(verbosity=2)
