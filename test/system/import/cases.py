# SPDX-License-Identifier: Apache-2.0
"""Fills an old server over its own IMAP, so that what lies on disk is what it writes."""

import imaplib
import os
import time
from pathlib import Path

# Summer and winter differ, so that a date in the wrong zone shows.
ZONE = "CET-1CEST,M3.5.0,M10.5.0/3"

TEXTS = [
    b"Subject: plain\r\nFrom: a@example.org\r\nMessage-ID: <1@example.org>\r\n\r\nHello.\r\n",
    b"Subject: dots\r\n\r\n.\r\n..\r\n.hidden\r\n",
    b"Subject: eight bit \xc3\xa4\r\n\r\n\xe4\xf6\xfc \x80\xff\r\n",
    b"Subject: long line\r\n\r\n" + b"x" * 70_000 + b"\r\n",
    b"Subject: header only\r\n\r\n",
    b"Subject: From lines\r\n\r\nFrom here on\r\n>From there\r\n>>From nowhere\r\n",
    b"Subject: tail\r\n\r\n\r\n\r\nthree empty lines\r\n\r\n\r\n",
    b"Subject: multipart\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r\n"
    b"--b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\nAAECAwQ=\r\n--b--\r\n",
]
NO_END = [b"Subject: no line end\r\n\r\nthe last line has none", b"Subject: bare CR\r\n\r\na\rb\r\n"]
FLAGS = ["", "\\Seen", "\\Answered \\Flagged", "\\Deleted", "\\Draft \\Seen", "$Forwarded", "Work \\Seen", "NonJunk $Label1",
         "\\Seen \\Answered \\Flagged \\Deleted \\Draft $MDNSent Work"]


def ok(answer):
    assert answer[0] == "OK", answer
    return answer[1]


def fill(client, boxes: list[str], texts: list[bytes], count: int) -> None:
    """`boxes`: INBOX first. Messages of every kind, holes among the UIDs, copies, changed keywords."""
    for box in boxes[1:]:
        ok(client.create(f'"{box}"'))
        ok(client.subscribe(f'"{box}"'))
    for number in range(count):
        box = boxes[0] if number % 3 else boxes[number // 3 % len(boxes)]
        when = 915_148_800 + number * 8_200_007  # through all seasons
        text = texts[number % len(texts)].replace(b"Subject: ", b"Subject: %d " % number)
        ok(client.append(f'"{box}"', FLAGS[number % len(FLAGS)], imaplib.Time2Internaldate(when), text))
    for box in boxes[:2]:
        ok(client.select(f'"{box}"'))
        ok(client.uid("STORE", "2:9", "+FLAGS.SILENT", "(Changed)"))
        ok(client.uid("STORE", "3,5", "-FLAGS.SILENT", "(Work \\Seen)"))
        ok(client.uid("STORE", "4,11:13", "+FLAGS.SILENT", "(\\Deleted)"))
        ok(client.expunge())
        ok(client.uid("COPY", "1:3", f'"{boxes[-1]}"'))
    ok(client.select(f'"{boxes[-1]}"'))
    ok(client.uid("STORE", "1:*", "+FLAGS.SILENT", "(\\Deleted)"))
    ok(client.expunge())  # UIDNEXT is far above what is there
    ok(client.append(f'"{boxes[-1]}"', "\\Seen", imaplib.Time2Internaldate(1_700_000_000), texts[0]))


def arrive(maildir: Path, number: int, text: bytes, flags: str = "") -> Path:
    """A message as an MTA drops it into new/, or with `flags` as another program leaves it in cur/."""
    name = f"{1_700_000_000 + number}.M{number}P1.mta,S={len(text)}"
    path = maildir / ("cur" if flags else "new") / (name + (f":2,{flags}" if flags else ""))
    temporary = maildir / "tmp" / name
    temporary.write_bytes(text)
    os.utime(temporary, (1_650_000_000 + number, 1_650_000_000 + number))
    temporary.rename(path)
    return path


def in_zone() -> None:
    os.environ["TZ"] = ZONE
    time.tzset()
