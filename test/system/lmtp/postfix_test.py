# SPDX-License-Identifier: Apache-2.0
"""A real Postfix delivers thousands of messages while its LMTP service, our master and Postfix itself are killed and
restarted: none is lost; what is there twice is counted and explained by replies that were lost."""

import argparse
import contextlib
import os
import random
import signal
import smtplib
import sys
import threading
import time
from collections import Counter

import postfix
from support import DOMAIN, Mailbox, family, wait_for

SENDERS = 4
TWICE = "message may be sent more than once"
# What one kill of Postfix can leave delivered and not noted: its connections to us, and the recipients of each.
IN_FLIGHT = 20 * 5


class Senders:
    """Threads that give Postfix messages until it has taken them; each attempt has a subject of its own."""

    def __init__(self, port: int, messages: int, users: list[str]):
        self.port, self.messages, self.users = port, messages, users
        self.lock = threading.Lock()
        self.next = 0
        self.taken: dict[str, list[str]] = {}  # subject to recipients: Postfix said 250
        self.unsure: set[str] = set()  # it said nothing
        self.threads = [threading.Thread(target=self._run, args=(n,), daemon=True) for n in range(SENDERS)]

    def start(self) -> None:
        for thread in self.threads:
            thread.start()

    def done(self) -> int:
        with self.lock:
            return len(self.taken)

    def alive(self) -> bool:
        return any(thread.is_alive() for thread in self.threads)

    def _run(self, seed: int) -> None:
        dice = random.Random(seed)
        smtp = None
        while True:
            with self.lock:
                number, self.next = self.next, self.next + 1
            if number >= self.messages:
                break
            recipients = dice.sample(self.users, 5 if number % 10 == 0 else 1)
            octets = 200_000 if number % 200 == 7 else dice.randrange(300, 6000)
            attempt = 0
            while True:
                subject = f"m{number}.{attempt}"
                attempt += 1
                try:
                    smtp = smtp or smtplib.SMTP("127.0.0.1", self.port, local_hostname="client.example", timeout=30)
                    smtp.sendmail("sender@example.org", [f"{r}@{DOMAIN}" for r in recipients], self._message(subject, octets))
                except (OSError, smtplib.SMTPException):
                    with self.lock:
                        self.unsure.add(subject)
                    with contextlib.suppress(Exception):
                        if smtp:
                            smtp.close()
                    smtp = None
                    time.sleep(0.05)
                    continue
                with self.lock:
                    self.taken[subject] = recipients
                break
        if smtp:
            with contextlib.suppress(Exception):
                smtp.quit()

    @staticmethod
    def _message(subject: str, octets: int) -> bytes:
        line = b"The quick brown fox jumps over the lazy dog, and so on.\r\n"
        return f"Subject: {subject}\r\nFrom: sender@example.org\r\n\r\n".encode() + line * (octets // len(line))


class Disturber:
    """What is killed and restarted, one after the other."""

    def __init__(self, instance, server: postfix.Postfix):
        self.instance, self.server = instance, server
        self.counts: Counter[str] = Counter()
        self.ways = [self.kill_worker, self.kill_postfix, self.restart_service, self.kill_worker, self.kill_master,
                     self.restart_postfix, self.kill_worker]

    def kill_worker(self) -> None:
        workers = wait_for("a worker", lambda: self.instance.workers("deliver"))
        os.kill(random.choice(workers), signal.SIGKILL)
        self.counts["workers killed"] += 1

    def kill_postfix(self) -> None:
        self.server.kill()
        self.server.start()
        self.counts["Postfix killed"] += 1

    def restart_postfix(self) -> None:
        self.server.stop()
        self.server.start()
        self.counts["Postfix restarted"] += 1

    def restart_service(self) -> None:
        self.instance.run("restart-msg", "lmtp")
        self.counts["service restarted"] += 1

    def kill_master(self) -> None:
        self.instance._master.kill()
        self.instance._master.wait()
        self.instance.start()
        self.counts["master killed"] += 1

    def run(self, senders: Senders, messages: int) -> None:
        """Each way once, spread over the traffic."""
        for number, way in enumerate(self.ways):
            mark = messages * (number + 1) // (len(self.ways) + 1)
            while senders.done() < mark and senders.alive():
                time.sleep(0.01)
            way()


def found_in(instance, users: list[str]) -> dict[str, Counter[str]]:
    """user to subjects, by IMAP."""
    there = {}
    for user in users:
        with Mailbox(instance, user) as box:
            fields = box.all("BODY.PEEK[HEADER.FIELDS (SUBJECT)]")
        there[user] = Counter(field.decode().partition(":")[2].strip() for field in fields)
    return there


def judge(senders: Senders, there: dict[str, Counter[str]], server: postfix.Postfix, disturber: Disturber) -> None:
    wanted = {(user, subject) for subject, users in senders.taken.items() for user in users}
    have = {(user, subject): count for user, subjects in there.items() for subject, count in subjects.items()}
    lost = wanted - set(have)
    assert not lost, f"{len(lost)} of {len(wanted)} copies are lost: {sorted(lost)[:5]}"
    strange = {pair for pair in set(have) - wanted if pair[1] not in senders.unsure}
    assert not strange, f"nobody sent these: {sorted(strange)[:5]}"
    twice = sum(count - 1 for count in have.values())
    log = server.log()
    told = log.count(TWICE)
    killed = disturber.counts["Postfix killed"]
    print(f"copies: {len(wanted)} wanted, none lost; {twice} there more than once; Postfix missed the reply to {told} "
          f"(\"{TWICE}\") and was killed {killed} times; {dict(disturber.counts)}", flush=True)
    assert twice <= told + killed * IN_FLIGHT, "more are there twice than replies were lost"
    assert "status=bounced" not in log, "something was given back"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=500)
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--quiet", action="store_true", help="kill nothing: for the rate alone")
    args = parser.parse_args()
    if why := postfix.missing():
        print(f"SKIPPED: {why}")
        return 77
    users = [f"user{n}" for n in range(args.users)]
    instance = family(users, {"lmtp.numprocesses": "2", "log.level": "Notice"})
    with contextlib.ExitStack() as stack:
        stack.callback(instance.stop)
        server = postfix.Postfix(f"inet:127.0.0.1:{instance.port('lmtp', False)}", DOMAIN)
        stack.callback(server.close)
        server.start()
        senders, disturber = Senders(server.port, args.messages, users), Disturber(instance, server)
        began = time.monotonic()
        senders.start()
        if not args.quiet:
            disturber.run(senders, args.messages)
        for thread in senders.threads:
            thread.join()
        server.wait_until_empty(300)
        seconds = time.monotonic() - began
        print(f"{args.messages} messages in {seconds:.1f} s: {args.messages / seconds:.0f} a second", flush=True)
        assert len(senders.taken) == args.messages
        judge(senders, found_in(instance, users), server, disturber)
    return 0


if __name__ == "__main__":
    sys.exit(main())
