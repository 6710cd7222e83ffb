# SPDX-License-Identifier: Apache-2.0
"""One client connection of a script: plain, TLS from the start, or upgraded."""

import select
import socket
import ssl

TIMEOUT = 20.0


def permissive_tls() -> ssl.SSLContext:
    """The test instance's certificate is its own; these scripts are not about trust."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class Connection:
    def __init__(self, host: str, port: int, source: str | None, tls: bool, bytewise: bool):
        self._bytewise = bytewise
        self._buffer = b""
        self._eof = False
        bind = (source, 0) if source else None
        self._socket = socket.create_connection((host, port), timeout=TIMEOUT, source_address=bind)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._tls = False
        if tls:
            self.start_tls(host)

    def start_tls(self, host: str = "localhost") -> None:
        self._socket = permissive_tls().wrap_socket(self._socket, server_hostname=host)
        self._tls = True

    def send(self, octets: bytes) -> None:
        # The peer may have closed already: what it said before is still to be read and judged.
        try:
            if not self._bytewise:
                self._socket.sendall(octets)
                return
            for at in range(len(octets)):
                self._socket.sendall(octets[at : at + 1])
        except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
            self._eof = True

    def _fill(self) -> bool:
        if self._eof:
            return False
        try:
            part = self._socket.recv(65536)
        except (ConnectionResetError, ssl.SSLError):
            part = b""
        if not part:
            self._eof = True
            return False
        self._buffer += part
        return True

    def read_line(self) -> bytes | None:
        """One line without its CRLF; nothing when the server closed."""
        while b"\r\n" not in self._buffer:
            if not self._fill():
                return None
        line, self._buffer = self._buffer.split(b"\r\n", 1)
        return line

    def read_octets(self, count: int) -> bytes | None:
        """Exactly so many; nothing when the server closed before."""
        while len(self._buffer) < count:
            if not self._fill():
                return None
        octets, self._buffer = self._buffer[:count], self._buffer[count:]
        return octets

    def rest(self) -> bytes:
        """What the server still says once we have said our last; ends the connection."""
        if not self._tls:
            try:
                self._socket.shutdown(socket.SHUT_WR)
            except OSError:
                pass
            while self._fill():
                pass
        else:
            # TLS 1.3 tickets make the socket readable without a word of the protocol.
            self._socket.setblocking(False)
            try:
                while select.select([self._socket], [], [], 0.0)[0] and self._fill():
                    pass
            except (ssl.SSLWantReadError, BlockingIOError):
                pass
        rest, self._buffer = self._buffer, b""
        self.close()
        return rest

    def close(self) -> None:
        try:
            self._socket.close()
        except OSError:
            pass
