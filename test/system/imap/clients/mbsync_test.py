# SPDX-License-Identifier: Apache-2.0
"""mbsync both ways over 2,000 messages in 16 mailboxes: a second run moves nothing, changes of both sides meet."""

import concurrent.futures
import os
import pty
import random
import re
import socket
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from server import Server, listed, need, quoted  # noqa: E402  (found by the line above)

from messages import message  # noqa: E402

MAILBOXES = ["INBOX", "Sent", "Drafts", "Trash", "Junk", "Archive", "Archive/2023", "Archive/2024", "Projects",
             "Projects/Alpha", "Projects/Alpha/Deep", "Projects/Beta", "Gesch&AOQ-fte", "&ZeVnLIqe-", "two words", "Q&-A"]
MESSAGES = int(os.environ.get("POSTHORN_MBSYNC_MESSAGES", "2000"))
SUMMARY = re.compile(r"F: \+(\d+)/\d+ \*(\d+)/\d+ #(\d+)/\d+ +N: \+(\d+)/\d+ \*(\d+)/\d+ #(\d+)/\d+")
LETTERS = {"\\Seen": "S", "\\Flagged": "F", "\\Answered": "R", "\\Draft": "D"}


def by_identity(octets: bytes) -> tuple[bytes, bytes]:
    """(Message-ID, the message with LF lines and without what mbsync adds)."""
    text = re.sub(rb"(?m)^X-TUID: .*\n", b"", octets.replace(b"\r\n", b"\n"))
    return re.search(rb"(?m)^Message-ID: (.*)$", text).group(1), text


def read_terminal(terminal: int) -> str:
    """All that is written there until nobody has it open any more."""
    octets = b""
    try:
        while part := os.read(terminal, 65536):
            octets += part
    except OSError:  # how Linux says that
        pass
    os.close(terminal)
    return octets.decode(errors="replace")


class Mbsync(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        need("mbsync")
        cls.server = Server(1)
        cls.addClassCleanup(cls.server.stop)
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.home = Path(folder.name)
        cls.near = cls.home / "mail"
        cls.near.mkdir()
        cls.random = random.Random(7)
        cls.write_config()

    @classmethod
    def write_config(cls):
        # mbsync takes no address for a certificate's name, and a bare machine cannot resolve localhost.
        try:
            host = "localhost" if socket.gethostbyname("localhost") == cls.server.host else ""
        except OSError:
            host = ""
        how = f"SSLType IMAPS\nCertificateFile {cls.server.certificate}" if host else "SSLType None\nAuthMechs LOGIN"
        port = cls.server.tls_port if host else cls.server.port
        (cls.home / "mbsyncrc").write_text(
            f"IMAPAccount far\nHost {host or cls.server.host}\nPort {port}\n"
            f"User {cls.server.users[0]}\nPass \"{cls.server.password}\"\n{how}\n\n"
            f"IMAPStore far\nAccount far\n\nMaildirStore near\nPath {cls.near}/\nInbox {cls.near}/INBOX\n"
            f"SubFolders Verbatim\n\nChannel all\nFar :far:\nNear :near:\nPatterns *\nCreate Both\nExpunge Both\n"
            f"SyncState *\n")

    # ---- both sides

    def sync(self) -> list[int]:
        """Runs mbsync; returns what it says at the end: new, changed and trashed messages of the far side, then of the
        near one. It counts for terminals only."""
        terminal, inside = pty.openpty()
        with subprocess.Popen([need("mbsync"), "-c", str(self.home / "mbsyncrc"), "all"], stdin=subprocess.DEVNULL,
                              stdout=inside, stderr=subprocess.PIPE, env=dict(os.environ, HOME=str(self.home))) as child:
            os.close(inside)
            shown = read_terminal(terminal)
            errors = child.stderr.read().decode(errors="replace")
        self.assertEqual(child.returncode, 0, errors[-3000:] + shown[-1000:])
        self.assertEqual([line for line in errors.splitlines() if not line.startswith("Maildir notice")], [])
        found = SUMMARY.findall(shown)
        self.assertTrue(found, shown[-2000:])
        return [int(number) for number in found[-1]]

    def far_state(self) -> dict:
        """Mailbox -> what STATUS says and {UID: (flags, Message-ID, text)}."""
        client, state = self.server.login(self.server.users[0]), {}
        for _, name in listed(client):
            status = client.status(quoted(name), "(MESSAGES UIDNEXT UIDVALIDITY)")[1][0]
            messages = {}
            if client.select(quoted(name), readonly=True)[1] != [b"0"]:
                data = client.fetch("1:*", "(UID FLAGS BODY.PEEK[])")[1]
                for part, after in zip(data[::2], data[1::2]):
                    about = part[0] + after
                    flags = set(re.search(rb"FLAGS \(([^)]*)\)", about).group(1).decode().split()) - {"\\Recent"}
                    uid = int(re.search(rb"UID (\d+)", about).group(1))
                    messages[uid] = (frozenset(flags), *by_identity(part[1]))
            state[name] = (status, messages)
        client.logout()
        return state

    def folder(self, name: str) -> Path:
        return self.near / name

    def near_files(self, name: str) -> list[Path]:
        return [path for part in ("cur", "new") for path in sorted((self.folder(name) / part).iterdir())]

    def near_state(self) -> dict:
        return {name: {path.name: path.stat().st_mtime_ns for path in self.near_files(name)} for name in MAILBOXES}

    def compare(self):
        """Both sides have the same messages, octet for octet, with the same flags."""
        far = self.far_state()
        self.assertEqual(sorted(far), sorted(MAILBOXES))
        total = 0
        for name in MAILBOXES:
            ours = {identity: (flags, text) for flags, identity, text in far[name][1].values()}
            self.assertEqual(len(ours), len(far[name][1]), f"{name}: a message twice")
            theirs = {}
            for path in self.near_files(name):
                identity, text = by_identity(path.read_bytes())
                theirs[identity] = (path.name.partition(":2,")[2], text)
            self.assertEqual(sorted(ours), sorted(theirs), name)
            for identity, (flags, text) in ours.items():
                letters = "".join(sorted(LETTERS[flag] for flag in flags if flag in LETTERS))
                self.assertEqual(theirs[identity], (letters, text), f"{name}: {identity}")
            total += len(ours)
        return total

    # ---- changes

    def fill(self):
        client = self.server.login(self.server.users[0])
        given = [name for _, name in listed(client)]
        for name in sorted(set(MAILBOXES) - set(given)):
            self.assertEqual(client.create(quoted(name))[0], "OK", name)
        client.logout()
        jobs = []
        for number in range(MESSAGES):
            body = b"Line of %d.\r\n" % number * self.random.choice([1, 3, 10, 60, 400])
            flags = self.random.sample(sorted(LETTERS), self.random.randrange(3))
            jobs.append((MAILBOXES[number % len(MAILBOXES)], f"({' '.join(flags)})", message(f"m{number}", body, number)))
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            list(pool.map(self.append_all, (jobs[part::4] for part in range(4))))

    def append_all(self, jobs):
        client = self.server.login(self.server.users[0])
        for name, flags, octets in jobs:
            answer = client.append(quoted(name), flags, None, octets)
            self.assertEqual(answer[0], "OK", answer)
        client.logout()

    def change_far(self):
        client = self.server.login(self.server.users[0])
        client.select("INBOX")
        for verb, numbers, flags in (("+FLAGS", "1:10", "\\Flagged"), ("-FLAGS", "5:15", "\\Seen"), ("+FLAGS.SILENT", "16:20", "\\Deleted")):
            self.assertEqual(client.store(numbers, verb, f"({flags})")[0], "OK")
        client.expunge()
        client.select(quoted("two words"))
        self.assertEqual(client.copy("1:3", quoted("Projects/Alpha/Deep"))[0], "OK")
        client.logout()
        # The copies have the same Message-ID as their originals, in another mailbox.
        client = self.server.login(self.server.users[0])
        for number in range(10):
            client.append(quoted("&ZeVnLIqe-"), "", None, message(f"far {number}", b"new\r\n", 50_000 + number))
        client.logout()

    def change_near(self):
        for number in range(7):
            octets = message(f"near {number}", b"pushed\r\n", 60_000 + number).replace(b"\r\n", b"\n")
            (self.folder("Gesch&AOQ-fte") / "new" / f"17000000{number}.x.here").write_bytes(octets)
        files = self.near_files("Archive/2024")
        for path in files[:5]:
            path.rename(path.with_name(path.name.partition(":2,")[0] + ":2,FS"))
        for path in files[5:9]:
            path.unlink()

    def test_two_ways(self):
        self.fill()
        first = self.sync()
        self.assertEqual(first, [0, 0, 0, MESSAGES, 0, 0], "the server is only read")
        self.assertEqual(self.compare(), MESSAGES)
        far, near = self.far_state(), self.near_state()
        self.assertEqual(self.sync(), [0] * 6, "the second run moves nothing")
        self.assertEqual(self.far_state(), far)
        self.assertEqual(self.near_state(), near)
        self.change_far()
        self.change_near()
        self.sync()
        self.assertEqual(self.compare(), MESSAGES - 5 + 3 + 10 + 7 - 4)
        self.assertEqual(self.sync(), [0] * 6, "and again nothing moves")


if __name__ == "__main__":
    unittest.main(verbosity=2)
