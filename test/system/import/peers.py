# SPDX-License-Identifier: Apache-2.0
"""Dovecot and Courier as programs on a pipe: no daemon, no port, no account of the host. What they write is what the
servers write; what they answer is what their clients saw."""

import imaplib
import os
import pwd
import re
import shlex
import shutil
import subprocess
from pathlib import Path

DOVECOT = Path("/usr/lib/dovecot")
COURIER_PACKAGES = ("courier-imap", "courier-pop", "courier-base", "courier-authlib", "libcourier-unicode4", "libidn12",
                    "libgamin0", "libgdbm6")


class Imap(imaplib.IMAP4_stream):
    """IMAP on the pipes of a program that has logged in already."""

    def __init__(self, command: str):
        super().__init__(command)
        if self.state == "NONAUTH":  # Courier complains of the host before it says that we are in
            self.noop()
            self.state = "AUTH" if self.untagged_responses.get("PREAUTH") else self.state
        assert self.state == "AUTH", self.state


class Pop:
    """POP on the pipes of a program that has logged in already."""

    def __init__(self, command: str, greets: bool):
        self._process = subprocess.Popen(command, shell=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                         stderr=subprocess.DEVNULL)
        if greets:
            self._line()

    def _line(self) -> bytes:
        line = self._process.stdout.readline()
        assert line, "the POP server is gone"
        return line.rstrip(b"\r\n")

    def ask(self, command: str, more: bool) -> list[bytes]:
        self._process.stdin.write(command.encode() + b"\r\n")
        self._process.stdin.flush()
        said = self._line()
        assert said.startswith(b"+OK"), (command, said)
        lines = []
        while more:
            line = self._line()
            if line == b".":
                break
            lines.append(line[1:] if line.startswith(b"..") else line)
        return lines

    def quit(self) -> None:
        self.ask("QUIT", False)
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(timeout=30)


def _as_somebody(command: str) -> str:
    """Root's mail would be refused by both servers."""
    return f"setpriv --reuid=nobody --regid=nogroup --clear-groups {command}" if os.getuid() == 0 else command


def give(path: Path) -> None:
    """To whom the servers run as."""
    if os.getuid() == 0:
        somebody = pwd.getpwnam("nobody")
        for entry in [path, *path.rglob("*")]:
            os.chown(entry, somebody.pw_uid, somebody.pw_gid, follow_symlinks=False)


class Dovecot:
    """`location` is a mail_location, where {home} stands for the folder that everything is in."""

    def __init__(self, home: Path, location: str = "maildir:{home}/Maildir", extra: str = ""):
        self.home = home
        home.mkdir(parents=True, exist_ok=True)
        self._config = home / "dovecot.conf"
        self._config.write_text(
            f"base_dir = {home}\nstate_dir = {home}\nlog_path = {home}/dovecot.log\nprotocols = imap pop3\nssl = no\n"
            f"mail_location = {location.format(home=home)}\nmail_home = {home}\nmail_privileged_group =\n"
            "mbox_write_locks = fcntl\nmail_max_keyword_length = 100\nnamespace inbox {\n  inbox = yes\n}\n" + extra)
        give(home)

    def _command(self, program: str) -> str:
        words = ["env", "-i", "USER=old", f"HOME={self.home}", f"CONFIG_FILE={self._config}"]
        if "TZ" in os.environ:
            words.append(f"TZ={os.environ['TZ']}")
        return _as_somebody(shlex.join([*words, str(DOVECOT / program)]) + " 2>/dev/null")

    @staticmethod
    def missing() -> str | None:
        gone = [name for name in ("imap", "pop3") if not (DOVECOT / name).exists()]
        return f"no {DOVECOT}/{gone[0]}: install dovecot-imapd and dovecot-pop3d" if gone else None

    def imap(self) -> Imap:
        return Imap(self._command("imap"))

    def pop(self) -> Pop:
        return Pop(self._command("pop3"), False)


class Courier:
    """Its packages conflict with other servers', so they are unpacked, not installed."""

    def __init__(self, home: Path, programs: Path):
        self.home = home
        self._programs = programs
        for part in ("cur", "new", "tmp"):
            (home / "Maildir" / part).mkdir(parents=True, exist_ok=True)
        give(home)

    def _command(self, program: str) -> str:
        libraries = f"{self._programs}/usr/lib:{self._programs}/usr/lib/x86_64-linux-gnu"
        words = ["env", "-i", "-C", str(self.home), f"LD_LIBRARY_PATH={libraries}", "AUTHENTICATED=old", "AUTHADDR=old",
                 f"HOME={self.home}", f"MAILDIR={self.home}/Maildir", "TCPREMOTEIP=127.0.0.1", "TCPREMOTEPORT=1",
                 "IMAP_KEYWORDS=1", "IMAP_CAPABILITY=IMAP4rev1 UIDPLUS", "IMAP_USELOCKS=0", "IMAP_ENHANCEDIDLE=0",
                 "PROTOCOL=IMAP", "IMAP_TRASHFOLDERNAME=Trash", "IMAP_UMASK=022"]
        if "TZ" in os.environ:
            words.append(f"TZ={os.environ['TZ']}")
        return _as_somebody(shlex.join([*words, str(self._programs / program), "Maildir"]) + " 2>/dev/null")

    @staticmethod
    def unpack(target: Path) -> str | None:
        """Why not, when the packages cannot be had."""
        archives = target / "deb"
        if (target / "usr/bin/imapd").exists():
            return None
        archives.mkdir(parents=True, exist_ok=True)
        if shutil.which("apt-get") is None:
            return "no apt-get"
        done = subprocess.run(["apt-get", "download", *COURIER_PACKAGES], cwd=archives, capture_output=True, check=False,
                              timeout=300)
        if done.returncode != 0:
            return "apt-get download of Courier's packages failed: " + done.stderr.decode(errors="replace")[-300:]
        for archive in archives.glob("*.deb"):
            subprocess.run(["dpkg", "-x", str(archive), str(target)], check=True)
        return None

    def imap(self) -> Imap:
        return Imap(self._command("usr/bin/imapd"))

    def pop(self) -> Pop:
        return Pop(self._command("usr/lib/courier/courier/courierpop3d"), True)


# ---- what clients see

_FIELDS = re.compile(rb'UID (\d+)|FLAGS \(([^)]*)\)|INTERNALDATE "([^"]*)"|RFC822\.SIZE (\d+)')


def _ok(answer):
    assert answer[0] == "OK", answer
    return answer[1]


def mailbox_seen(client, name: str) -> dict:
    """STATUS and every message of a mailbox, by UID: flags without \\Recent, date, size and text."""
    status = _ok(client.status(name, "(MESSAGES UIDNEXT UIDVALIDITY UNSEEN)"))[0].decode("latin-1")
    numbers = {word: int(number) for word, number in re.findall(r"(MESSAGES|UIDNEXT|UIDVALIDITY|UNSEEN) (\d+)", status)}
    _ok(client.select(name, readonly=True))
    messages = {}
    rows = _ok(client.uid("FETCH", "1:*", "(UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])")) \
        if numbers["MESSAGES"] else []
    for row in rows:
        if not isinstance(row, tuple):
            continue
        seen = {"text": row[1].decode("latin-1")}
        uid = 0
        for number, flags, date, size in _FIELDS.findall(row[0]):
            if number:
                uid = int(number)
            if date:
                seen["date"] = date.decode().strip().rjust(26, "0")  # the day may have a blank or a zero
            if size:
                seen["size"] = int(size)
            if flags:
                seen["flags"] = sorted(flag.decode() for flag in flags.split() if flag != b"\\Recent")
        seen.setdefault("flags", [])
        messages[str(uid)] = seen
    return {"status": numbers, "messages": messages}


def imap_seen(client, names: list[str], subscribed: bool = True) -> dict:
    """The mailboxes `names` (as this server names them), and the subscribed names."""
    seen = {"mailboxes": {name: mailbox_seen(client, _quote(name)) for name in names}}
    if subscribed:
        rows = _ok(client.lsub('""', "*"))
        seen["subscribed"] = sorted(_last_word(row) for row in rows if row)
    return seen


def listed(client) -> list[str]:
    return sorted(_last_word(row) for row in _ok(client.list('""', "*")) if row and b"\\Noselect" not in row)


def _quote(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _last_word(row: bytes) -> str:
    text = row.decode("latin-1")
    match = re.search(r'"((?:[^"\\]|\\.)*)"$', text)
    return re.sub(r"\\(.)", r"\1", match.group(1)) if match else text.split()[-1]


def pop_seen(client: Pop) -> dict[str, str]:
    """UIDL to text."""
    uidls = {int(line.split()[0]): line.split()[1].decode() for line in client.ask("UIDL", True)}
    return {uidl: (b"\r\n".join(client.ask(f"RETR {number}", True)) + b"\r\n").decode("latin-1")
            for number, uidl in uidls.items()}
