# SPDX-License-Identifier: Apache-2.0
"""What of an option's value a user can see. Each function looks once and returns what it saw; the test looks before
and after a change and compares."""

import base64
import os
import re
import socket
import ssl
import time

from world import PASSWORD, USER, Line, World, context


EVENT_TYPE = re.compile(r"evtType\W+(\w+)")


def greeting(service: str):
    def look(world: World) -> str:
        with world.connect(service) as line:
            return "(silence)" if line.silent(2) else line.read()
    return look


def bad_commands(service: str):
    """How many bad commands are answered before the end."""
    def look(world: World) -> int:
        with world.connect(service) as line:
            line.read()
            for number in range(1, 40):
                # A farewell behind the answer is an end, too.
                if not line.ask(f"x{number} nonsense") or not line.silent(0.05):
                    return number
            return 40
    return look


def long_line(service: str, octets: int):
    """What a line of so many octets is answered."""
    def look(world: World) -> str:
        with world.connect(service) as line:
            line.read()
            if service == "pop":  # commands have a limit of their own (RFC 2449)
                line.ask("AUTH PLAIN")
                return line.ask("x" * octets)
            return line.ask("NOOP " + "x" * octets)
    return look


def http_status(request_line: str, headers: str = ""):
    def look(world: World) -> str:
        with world.connect("http") as line:
            line.send(f"{request_line}\r\nHost: localhost\r\n{headers}")
            return line.read()
    return look


def capability(atom: str):
    def look(world: World) -> bool:
        with world.imap() as line:
            after = line.imap("CAPABILITY")[0].split()
        with world.imap(login=False) as line:
            before = line.imap("CAPABILITY")[0].split()
        return atom in after or atom in before
    return look


def two_sessions(service: str):
    """What the second of two connections is told first."""
    def look(world: World) -> str:
        with world.connect(service) as first:
            first.read()
            with world.connect(service) as second:
                return second.read()[:40]
    return look


def certificate(service: str):
    """What the TLS port shows; nothing when it is closed."""
    def look(world: World) -> bytes:
        try:
            with world.connect(service, tls=True) as line:
                return line.socket.getpeercert(binary_form=True)
        except ConnectionRefusedError:
            return b""
    return look


def tls12(service: str):
    def look(world: World) -> str:
        made = context()
        made.maximum_version = ssl.TLSVersion.TLSv1_2
        try:
            with Line(world.port(service, True), made) as line:
                return line.socket.version()
        except (ssl.SSLError, ConnectionError):
            return "refused"
    return look


def workers(service: str):
    return lambda world: len(world.pids()[service])


def accepts_on(service: str, address: str, port: int | None = None):
    def look(world: World) -> bool:
        try:
            number = port or int(world.configured(f"{service}.port"))
            socket.create_connection((address, number), timeout=5).close()
            return True
        except OSError:
            return False
    return look


def imap_login(name: str, password: str = PASSWORD):
    def look(world: World) -> str:
        with world.imap(login=False) as line:
            return line.imap(f'LOGIN "{name}" "{password}"')[-1].split()[1]
    return look


def pop_capability(word: str):
    def look(world: World) -> str:
        with world.connect("pop") as line:
            line.read()
            return next((text for text in line.multi("CAPA") if text.startswith(word)), "")
    return look


def offers_starttls(service: str):
    def look(world: World) -> bool:
        with world.connect(service) as line:
            if service == "pop":
                line.read()
                return "STLS" in line.multi("CAPA")
            if service == "imap":
                return " STARTTLS" in line.read()
            line.smtp(None)
            return any("STARTTLS" in text for text in line.smtp("LHLO test.example"))
    return look


def two_pop_logins(world: World) -> str:
    with world.pop(), world.connect("pop") as second:
        second.read()
        second.ask(f"USER {USER}")
        return second.ask(f"PASS {PASSWORD}")[:12]


def password_hash(world: World) -> str:
    """Scheme and cost of a password that is set now: what stands before the salt."""
    name = world.new_user()
    users = next(world.directory.glob("data/**/users")).read_text()
    line = next(text for text in users.splitlines() if text.startswith(name + ":"))
    return "$".join(line.split(":")[1].split("$")[:3])


def failed_login_takes(world: World) -> int:
    """In seconds, rounded. A guess that was made before would not count again."""
    begin = time.monotonic()
    with world.imap(login=False) as line:
        line.imap(f"LOGIN nobody{next(world.numbers)} wrong")
    return round(time.monotonic() - begin)


def idle_stranger(world: World) -> bool:
    """Whether somebody who says nothing is still there after three seconds."""
    with world.connect("pop") as line:
        line.read()
        return line.silent(3)


def folders_of_new_user(world: World) -> list[str]:
    name = world.new_user()
    with world.imap(login=False) as line:
        line.imap(f"LOGIN {name} {PASSWORD}")
        return sorted(text.rsplit(" ", 1)[1] for text in line.imap('LIST "" "*"')[:-1])


def quota_limit(resource: str, user: str = USER):
    def look(world: World) -> bool:
        with world.imap(login=False) as line:
            line.imap(f"LOGIN {user} {PASSWORD}")
            return any(resource in text for text in line.imap("GETQUOTAROOT INBOX") if text.startswith("* QUOTA "))
    return look


def proxy_login(who: str, target: str):
    """Whether `who` may act for `target`."""
    def look(world: World) -> str:
        text = base64.b64encode(f"{target}\0{who}\0{PASSWORD}".encode()).decode()
        with world.imap(login=False) as line:
            return line.imap(f"AUTHENTICATE PLAIN {text}")[-1].split()[1]
    return look


def append_limit(world: World) -> str:
    with world.imap() as line:
        return next(word for word in line.imap("CAPABILITY")[0].split() if word.startswith("APPENDLIMIT="))


def lmtp_size(world: World) -> str:
    with world.connect("lmtp") as line:
        line.smtp(None)
        return next(text[4:] for text in line.smtp("LHLO test.example") if "SIZE" in text)


def lmtp_recipients(world: World) -> int:
    """How many recipients one message may have; 120 is not tried."""
    with world.lmtp() as line:
        line.smtp("MAIL FROM:<a@test.example>")
        for count in range(120):
            if not line.smtp(f"RCPT TO:<{USER}@test.example>")[-1].startswith("250"):
                return count
    return 120


def lmtp_detail(separator: str):
    def look(world: World) -> str:
        with world.lmtp() as line:
            line.smtp("MAIL FROM:<a@test.example>")
            return line.smtp(f"RCPT TO:<{USER}{separator}lists@test.example>")[-1][:3]
    return look


def lmtp_answer(header: str):
    """What becomes of a message with this header."""
    def look(world: World) -> str:
        with world.lmtp() as line:
            line.smtp("MAIL FROM:<a@test.example>")
            line.smtp(f"RCPT TO:<{USER}@test.example>")
            line.smtp("DATA")
            return line.smtp(f"{header}\r\n\r\ntext\r\n.")[-1][:3]
    return look


def logs_of(service: str, word: str):
    """Whether what a client does now leaves a line with `word` in master's log."""
    def look(world: World) -> bool:
        begin = len(world.log())
        with world.connect(service) as line:
            line.read()
            line.send("QUIT" if service != "imap" else "a LOGOUT")
            line.read()
            line.read()
        return _soon(lambda: word in world.log()[begin:])
    return look


def log_looks_like(mark: str):
    def look(world: World) -> bool:
        begin = len(world.log())
        world.connect("pop").close()

        def lines() -> list[str]:
            return [text for text in world.log()[begin:].splitlines() if "popd" in text]
        return _soon(lines) and lines()[-1].startswith(mark)
    return look


def file_in(folder: str):
    """Whether a log there grows when somebody comes."""
    def look(world: World) -> bool:
        size = _size(world, folder)
        for service in ("pop", "imap", "lmtp"):
            world.connect(service).close()
        return _soon(lambda: _size(world, folder) > size)
    return look


def _size(world: World, folder: str) -> int:
    return sum(file.stat().st_size for file in world.directory.glob(f"data/{folder}/*"))


def _soon(condition, seconds: float = 2) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def session_outlives_refresh(world: World) -> bool:
    """Whether a session of the old workers is left alone for three seconds."""
    with world.pop() as line:
        world.say("refresh", "pop")
        return line.silent(3)


def unix_socket(path: str):
    """The mode of the socket at that path under the instance's directory, if it answers."""
    def look(world: World) -> str:
        where = str(world.directory / path)
        with socket.socket(socket.AF_UNIX) as line:
            try:
                line.connect(where)
            except OSError:
                return ""
            return oct(os.stat(where).st_mode & 0o777)
    return look


def logins_in_clear(service: str):
    def look(world: World) -> bool:
        with world.connect(service) as line:
            line.read()
            if service == "pop":
                return line.ask(f"USER {USER}").startswith("+OK")
            return line.imap(f"LOGIN {USER} {PASSWORD}")[-1].split()[1] == "OK"
    return look


def _events(world: World) -> set[str]:
    """The types of events that a subscriber gets while a user does everything."""
    name = world.new_user()
    with world.connect("ens") as ear, world.imap(login=False) as line:
        ear.read()
        ear.ask("SUBSCRIBE enp://127.0.0.1/store")
        line.imap(f"LOGIN {name} {PASSWORD}")
        world.deliver(name, b"Subject: two\r\n\r\ntwo\r\n")
        message = "Subject: three\r\n\r\nthree\r\n"
        for command in (f"APPEND INBOX {{{len(message)}+}}\r\n{message}", "SELECT INBOX", "COPY 1 Trash", "MOVE 1 Trash",
                        "STORE 1 +FLAGS (\\Seen)", "STORE 1 -FLAGS (\\Seen)", "STORE 1 +FLAGS (\\Flagged)",
                        "STORE 1 +FLAGS (\\Deleted)"):
            line.imap(command)
        world.run("msuser", "set", name, "messages=1")
        world.run("deliver", name, stdin=message.encode(), check=False)
        line.imap("LOGOUT")
        # A session learns its quota when it begins, and workers look at the user file once a second.
        _soon(lambda: quota_limit("MESSAGE", name)(world), 5)
        with world.imap(login=False) as another:
            another.imap(f"LOGIN {name} {PASSWORD}")
            for command in ("SELECT INBOX", "EXPUNGE", "SELECT Trash", "STORE 1:* +FLAGS (\\Deleted)", "EXPUNGE"):
                another.imap(command)
        types = set()
        while not ear.silent(2):
            types |= set(EVENT_TYPE.findall(ear.read()))
        return types


def event(kind: str):
    def look(world: World) -> bool:
        with world.lock:
            if "events" not in world.seen:
                world.seen["events"] = _events(world)
        return kind in world.seen["events"]
    return look
