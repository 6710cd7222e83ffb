# SPDX-License-Identifier: Apache-2.0
"""An SMTP server of a test: takes what one connection brings, or several behind each other, and keeps it."""

import select
import socket
import ssl
import threading


class MailServer:
    """`tls` is spoken from the first byte, `starttls` is offered. `says` maps the beginning of a command, "" for the
    greeting, "." for the end of a message, to the reply, or to None: then it hangs up. What is in `behind_220` is sent
    in one piece with the reply to STARTTLS, as somebody in between would do it. A `listener` of the test's own stays open
    behind close()."""

    def __init__(self, tls: ssl.SSLContext | None = None, starttls: ssl.SSLContext | None = None,
                 offers: tuple[str, ...] = ("8BITMIME", "AUTH PLAIN"), says: dict[str, str | None] | None = None,
                 behind_220: bytes = b"", listener: socket.socket | None = None, connections: int = 1):
        self.commands: list[str] = []
        self.encrypted: list[str] = []  # those of them that came through TLS
        self.messages: list[bytes] = []
        self._tls, self._starttls, self._offers = tls, starttls, offers
        self._says, self._behind_220 = dict(says or {}), behind_220
        self._own = None if listener else socket.create_server(("127.0.0.1", 0))
        self._listener = listener or self._own
        self.port = self._listener.getsockname()[1]
        self._end, self._ended = socket.socketpair()
        self._peer: socket.socket | None = None
        self._thread = threading.Thread(target=lambda: [self._serve() for _ in range(connections)])
        self._thread.start()

    def close(self) -> None:
        """Waits until who has come is gone."""
        self._end.close()
        self._thread.join()
        self._ended.close()
        if self._own:
            self._own.close()

    def _serve(self) -> None:
        try:
            if self._listener not in select.select([self._listener, self._ended], [], [], 60)[0]:
                return
            self._peer, _ = self._listener.accept()
            self._peer.settimeout(30)
            if self._tls:
                self._peer = self._tls.wrap_socket(self._peer, server_side=True)
            self._talk()
        except OSError:  # TLS that failed: the test sees what is missing
            pass
        finally:
            if self._peer:
                self._peer.close()

    def _say(self, command: str, usual: str) -> str | None:
        """What was said; None: hang up."""
        reply = usual
        for beginning, other in self._says.items():
            if command.startswith(beginning) and bool(beginning) == bool(command):
                reply = other
        if reply is not None:
            self._peer.sendall(reply.replace("\n", "\r\n").encode() + b"\r\n")
        return reply

    def _greeting(self) -> str:
        offers = [*self._offers]
        if self._starttls and not isinstance(self._peer, ssl.SSLSocket):
            offers = ["STARTTLS"]
        lines = ["test", *offers]
        return "\n".join(f"250{' ' if line is lines[-1] else '-'}{line}" for line in lines)

    def _talk(self) -> None:
        file = self._peer.makefile("rb")
        if not self._say("", "220 test"):
            return
        while line := file.readline():
            command = line.decode().rstrip("\r\n")
            self.commands.append(command)
            if isinstance(self._peer, ssl.SSLSocket):
                self.encrypted.append(command)
            verb = command.split(" ")[0].upper()
            if verb == "STARTTLS" and self._starttls:
                self._peer.sendall(b"220 go ahead\r\n" + self._behind_220)
                self._peer = self._starttls.wrap_socket(self._peer, server_side=True)
                file = self._peer.makefile("rb")
            elif verb in ("EHLO", "LHLO"):
                if not self._say(command, self._greeting()):
                    return
            elif verb == "DATA":
                said = self._say(command, "354 go")
                if said is None:
                    return
                if not said.startswith("354"):
                    continue
                text = b""
                while (line := file.readline()) not in (b".\r\n", b""):
                    text += line
                self.messages.append(text)
                if not self._say(".", "250 taken"):
                    return
            elif verb == "QUIT":
                self._say(command, "221 bye")
                return
            elif not self._say(command, "235 in" if verb == "AUTH" else "250 ok"):
                return
