# SPDX-License-Identifier: Apache-2.0
"""One client: a connection, one command at a time, its model, and the rules for what may come when."""

import collections

from model import Mailbox, Truth
from wire import BadResponse, Connection, Response, sequence

# RFC 3501 7.4.1; the commands with UID in front may be interrupted by EXPUNGE.
NO_EXPUNGE = {"FETCH", "STORE", "SEARCH"}


class Session:
    def __init__(self, name: str, host: str, port: int, user: str, password: str, truths: dict[str, Truth]):
        self.name, self.truths = name, truths
        self.trace = collections.deque(maxlen=120)
        self.mailbox: Mailbox | None = None
        self.selected = ""
        self.command = ""       # the command in progress, without its tag
        self.verb = ""          # its name; "UID FETCH" is one
        self.tag = ""
        self.count = 0
        self.untagged: list[Response] = []   # of the command in progress
        self.on_done = None
        self.copy_target = ""   # of COPY and MOVE
        self.connection = Connection(host, port)
        self.take(self.connection.read())
        done = self.ask(f"LOGIN {user} {password}")
        if done.name != "OK":
            raise BadResponse(f"LOGIN: {done.raw!r}")
        capabilities = self.ask_untagged("CAPABILITY", "CAPABILITY")[0].values
        self.capabilities = {value.decode().upper() for value in capabilities}

    # ---- commands

    def begin(self, verb: str, arguments: bytes = b"", on_done=None):
        """Sends a command; finish() reads what comes of it and calls on_done(tagged, untagged)."""
        for response in self.connection.arrived():
            self.take(response)
        self.count += 1
        self.tag, self.verb, self.on_done, self.untagged = f"{self.name}{self.count}", verb, on_done, []
        line = f"{self.tag} {verb}".encode() + (b" " + arguments if arguments else b"") + b"\r\n"
        self.send(line)

    def send(self, octets: bytes):
        self.trace.append(b"C: " + octets[:600])
        self.connection.send(octets)

    def await_plus(self):
        while True:
            response = self.connection.read()
            self.take(response)
            if response.kind == "+":
                return
            if response.kind == self.tag:
                raise BadResponse(f"no continuation: {response.raw!r}")

    def finish(self) -> Response:
        while True:
            response = self.connection.read()
            if response.kind == self.tag:
                return self.done(response)
            self.take(response)

    def done(self, response: Response) -> Response:
        self.trace.append(b"S: " + response.raw[:600])
        if response.name == "BAD":
            raise BadResponse(f"{self.verb}: {response.raw!r}")
        on_done, self.on_done = self.on_done, None
        self.note_copies(response)
        if on_done:
            on_done(response, self.untagged)
        self.verb = self.tag = ""
        self.untagged = []
        return response

    def ask(self, text: str) -> Response:
        verb, _, arguments = text.partition(" ")
        self.begin(verb, arguments.encode())
        return self.finish()

    def ask_untagged(self, text: str, name: str) -> list[Response]:
        verb, _, arguments = text.partition(" ")
        kept = []
        self.begin(verb, arguments.encode(), lambda tagged, untagged: kept.extend(untagged))
        done = self.finish()
        if done.name != "OK":
            raise BadResponse(f"{text}: {done.raw!r}")
        return [response for response in kept if response.name == name]

    # ---- responses

    def take(self, response: Response):
        """Everything but the tagged end of a command."""
        self.trace.append(b"S: " + response.raw[:600])
        if response.kind not in ("*", "+"):
            raise BadResponse(f"a tag that nobody waits for: {response.raw!r}")
        if response.name == "BYE" and self.verb != "LOGOUT":
            raise BadResponse(f"{response.raw!r}")
        if response.name in ("EXPUNGE", "VANISHED"):
            self.check_timing(response)
        self.untagged.append(response)
        self.note_copies(response)
        if self.mailbox is not None and response.kind == "*":
            self.mailbox.apply(response)

    def check_timing(self, response: Response):
        if response.name == "VANISHED" and isinstance(response.values[0], list):
            return
        if not self.verb:
            raise BadResponse(f"no command is in progress: {response.raw!r}")
        if self.verb in NO_EXPUNGE:
            raise BadResponse(f"during {self.verb}: {response.raw!r}")

    def note_copies(self, response: Response):
        """COPYUID says which message a copy is one of."""
        if response.code == "COPYUID":
            _, source, target = response.code_text.split(b" ")
            for old, new in zip(sequence(source), sequence(target), strict=True):
                self.truths[self.copy_target].copies.append((self.truths[self.selected], old, new))

    # ---- the mailbox

    def select(self, name: str):
        """A fresh model; reads until the end. Everything about messages comes from FETCH afterwards."""
        for response in self.connection.arrived():
            self.take(response)
        self.selected, self.mailbox = name, Mailbox(self.truths[name])
        for response in self.ask_untagged(f"SELECT {name}", "OK"):
            if response.code == "UIDVALIDITY":
                validity = int(response.code_text)
                if self.truths[name].validity not in (None, validity):
                    raise BadResponse(f"UIDVALIDITY {self.truths[name].validity} became {validity}")
                self.truths[name].validity = validity
        if not self.mailbox.counted:
            raise BadResponse("SELECT without EXISTS")

    def forget(self):
        self.selected, self.mailbox = "", None

    def learn(self):
        """Fetches what the model does not know yet. What it knows stays as untagged responses made it."""
        unknown = self.mailbox.unknown()
        if unknown:
            self.ask_untagged("FETCH " + ranges(unknown) + " (UID FLAGS)", "FETCH")
            left = self.mailbox.unknown()
            return not set(left) & set(unknown)
        return True

    def bodies(self) -> dict[int, bytes]:
        """UID -> the whole message, by a client that has just selected."""
        found = {}
        if len(self.mailbox):
            for response in self.ask_untagged("FETCH 1:* (UID BODY.PEEK[])", "FETCH"):
                items = response.values[0]
                if "BODY[]" in items:
                    found[int(items["UID"])] = bytes(items["BODY[]"])
        return found

    def close(self):
        self.connection.close()


def ranges(numbers) -> str:
    """Numbers as a sequence set, neighbours joined."""
    parts, numbers = [], sorted(numbers)
    for number in numbers:
        if parts and parts[-1][1] == number - 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return ",".join(str(low) if low == high else f"{low}:{high}" for low, high in parts)
