# SPDX-License-Identifier: Apache-2.0
"""Messages that the clients must give back octet for octet."""

HEADER = "From: Anna <anna@example.org>\r\nTo: Bert <bert@example.org>\r\nSubject: %s\r\nDate: %s\r\nMessage-ID: <%s@example.org>\r\n\r\n"


def message(subject: str, body: bytes, number: int = 0) -> bytes:
    date = f"Mon, {1 + number % 28} Jan 2024 10:{number // 60 % 60:02d}:{number % 60:02d} +0000"
    return (HEADER % (subject, date, f"{number}.{abs(hash_of(subject))}")).encode() + body


def hash_of(text: str) -> int:
    """The same in every run, unlike Python's own."""
    value = 0
    for octet in text.encode():
        value = (value * 131 + octet) % (1 << 40)
    return value


def varied_messages() -> list[bytes]:
    """CRLF lines, as mail has them; without NUL, which a literal may not have."""
    return [
        message("plain", b"A line.\r\n"),
        message("dots", b".\r\n..\r\n.dot\r\n\r\n.\r\ntrailing .\r\n"),
        message("unended", b"no line end"),
        message("eight bit", bytes(range(128, 256)) + b"\r\n" + "Grüße\r\n".encode()),
        message("looks like a literal", b"* 1 FETCH (BODY[] {5}\r\nA1 OK done\r\n{3}\r\n)\r\n"),
        message("long line", b"x" * 100_000 + b"\r\n"),
        message("empty", b""),
        message("3 MB", (b"z" * 76 + b"\r\n") * 40_000),
    ]
