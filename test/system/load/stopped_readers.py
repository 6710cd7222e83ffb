# SPDX-License-Identifier: Apache-2.0
"""Readers of a huge maildrop that stop reading hold no thread and less than 1 MB each; one that goes on gets every octet."""

import hashlib
import os
import signal
import subprocess
import sys

import popload

MESSAGE = 1024 * 1024
PER_READER_KB = 1024


def message(number: int) -> bytes:
    """1 MB whose content says which one it is; every tenth has lines that must be dot-stuffed."""
    line = f"{number:08d} ".encode() * 8 + b"\r\n"
    head = f"Subject: {number}\r\nMessage-ID: <{number}@load.example>\r\n\r\n".encode()
    body = line * (MESSAGE // len(line))
    return head + (body if number % 10 else body.replace(b"\r\n", b"\r\n.", 500))


def expected(instance, number: int) -> bytes:
    reader = popload.Pop(instance).login()
    reader.command(f"RETR {number}")
    octets = reader.body()
    reader.close()
    return octets


def stopped_curl(instance, number: int) -> subprocess.Popen:
    """A real client, stopped as a laptop is when its lid closes."""
    url = f"pop3://127.0.0.1:{instance.port('pop', False)}/{number}"
    return subprocess.Popen(["curl", "-s", "--limit-rate", "1k", "-u", f"{popload.USER}:{popload.PASSWORD}", url],
                            stdout=subprocess.DEVNULL)


def main() -> None:
    popload.skip_when_sanitized()
    messages, readers = int(sys.argv[1]), int(sys.argv[2])
    with popload.family() as instance:
        digests = {}
        for number in range(1, messages + 1):
            octets = message(number)
            instance.deliver(popload.USER, octets)
            digests[number] = hashlib.sha256(octets).hexdigest()
        worker = popload.popd(instance)
        warm = popload.Pop(instance).login()
        total = warm.command("STAT").split()
        assert int(total[1]) == messages, total
        warm.command("RETR 1")
        warm.body()
        warm.close()
        popload.until(lambda: worker.threads() <= 2, 30, "threads retired before the measurement")

        memory = worker.anonymous_kb()
        stopped = []
        for number in range(readers):
            reader = popload.Pop(instance, receive_buffer=4096).login()
            # All messages asked for at once, and nothing of the answers is read.
            reader.socket.sendall(b"".join(b"RETR %d\r\n" % n for n in range(1, min(messages, 300) + 1)))
            stopped.append(reader)
        client = stopped_curl(instance, 1)
        try:
            os.kill(client.pid, signal.SIGSTOP)
            popload.until(lambda: worker.threads() <= 2, 30, "no thread held by a stopped reader")
            each = (worker.anonymous_kb() - memory) / (readers + 1)
            print(f"{messages} MB maildrop, {readers + 1} stopped readers: {each:.0f} kB each, "
                  f"{worker.threads()} threads")
            assert each < PER_READER_KB, f"{each:.0f} kB a reader"
        finally:
            client.kill()
            client.wait()

        going_on = stopped[0]
        for number in range(1, min(messages, 30) + 1):
            popload.Pop.expect_ok(going_on.file.readline())
            octets = going_on.body()
            # The delivery added its own header lines in front.
            tail = octets[octets.index(b"Subject: "):]
            assert hashlib.sha256(tail).hexdigest() == digests[number], f"message {number} differs"
        for reader in stopped:
            reader.close()
        popload.until(lambda: worker.anonymous_kb() - memory < 4096, 30, "memory given back")


main()
