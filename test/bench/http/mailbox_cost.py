#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a mail client's questions cost in a large mailbox, through the web server and at imapd below it: mailbox_cost.py
[MESSAGES] [ROUNDS]. "New" is the first time after the account has changed, "again" without a change. The store lies in
memory, the clock is that of the machine; processor times do not depend on what else it does."""

import base64
import contextlib
import http.client
import json
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "imap"))

import bench  # noqa: E402  (found by the line above)
import jmap  # noqa: E402
from instance import Instance  # noqa: E402

RARE = 300  # messages of their own sender, in threads of three
LIST_ROW = ["threadId", "mailboxIds", "keywords", "hasAttachment", "from", "to", "subject", "receivedAt", "size", "preview"]
NEWEST = [{"property": "receivedAt", "isAscending": False}]


class Web:
    """One browser: one connection, one cookie."""

    def __init__(self, instance):
        self._client = jmap.Client(instance.port("http", False), "anna", bench.PASSWORD)
        self.account = self._client.account()
        self._connection = http.client.HTTPConnection("127.0.0.1", instance.port("http", False), timeout=120)
        self._headers = {"Content-Type": "application/json", "Cookie": self._client.cookie,
                         "X-CSRF-Token": self._client.csrf}

    def raw(self, method: str, arguments: dict) -> bytes:
        body = {"using": [jmap.CORE, jmap.MAIL], "methodCalls": [[method, {"accountId": self.account} | arguments, "c"]]}
        self._connection.request("POST", "/jmap/api", json.dumps(body).encode(), self._headers)
        return self._connection.getresponse().read()

    def call(self, method: str, arguments: dict) -> dict:
        name, answer, _ = json.loads(self.raw(method, arguments))["methodResponses"][0]
        if name == "error":
            raise AssertionError(f"{method}: {answer}")
        return answer


def letters() -> list[bytes]:
    """The rare ones, the newest of all."""
    made = []
    for number in range(RARE):
        first = number - number % 3
        reply = f"In-Reply-To: <rare{first}@example.org>\r\nReferences: <rare{first}@example.org>\r\n" if number % 3 else ""
        made.append((f"From: Nora Needle <nora@example.org>\r\nTo: anna@example.org\r\nSubject: {'Re: ' if reply else ''}"
                     f"rare {first}\r\nMessage-ID: <rare{number}@example.org>\r\n{reply}\r\nhaystack {number}\r\n").encode())
    return made


def append(client: bench.Imap, texts: list[bytes]) -> None:
    for at in range(0, len(texts), 50):
        tag = client.send("NOOP")
        client.answer(tag)
        parts = b"".join(b" {%d+}\r\n%s" % (len(text), text) for text in texts[at:at + 50])
        client.socket.sendall(b"app APPEND INBOX" + parts + b"\r\n")
        client.answer(b"app ")


class Costs:
    """Of one question: as the client sees it, and of the two processes."""

    def __init__(self, report: bench.Report, imapd: bench.Worker, web: bench.Worker | None):
        self._report, self._workers = report, [("imapd", imapd)] + ([("mshttpd", web)] if web else [])

    def take(self, what: str, rounds: int, once, before=None, limit: float | None = None) -> None:
        wall, processors = [], {name: [] for name, _ in self._workers}
        once()
        for _ in range(rounds):
            if before:
                before()
            started = {name: worker.processor_seconds() for name, worker in self._workers}
            wall += bench.timed(1, once)
            for name, worker in self._workers:
                processors[name].append(worker.processor_seconds() - started[name])
        self._report.times(what, wall)
        for name, seconds in processors.items():
            self._report.add(f"    {name}'s processor", statistics.median(seconds) * 1000, "ms",
                             limit if name == "imapd" else None)


def questions(inbox: str, ids: list[str], threads: list[str], state: str) -> list[tuple[str, str, dict, str, bool]]:
    """Words, JMAP's method and arguments, what mshttpd asks for it, and whether a change makes it anew."""
    page = {"filter": {"inMailbox": inbox}, "sort": NEWEST, "limit": 50}
    window, newest = "POSITION 0 LIMIT 50", "SORT (REVERSE RECEIVEDAT)"
    attributes = "(BODYSTRUCTURE PREVIEW ENVELOPE)"
    return [
        ("newest 50", "Email/query", page, f"XQUERY FILTER (INMAILBOX {inbox}) {newest} {window}", True),
        ("newest 50 threads", "Email/query", page | {"collapseThreads": True},
         f"XQUERY FILTER (INMAILBOX {inbox}) {newest} COLLAPSE {window}", True),
        ("page at 5000", "Email/query", page | {"position": 5000},
         f"XQUERY FILTER (INMAILBOX {inbox}) {newest} POSITION 5000 LIMIT 50", True),
        ("by sender", "Email/query", page | {"filter": {"from": "needle"}}, f"XQUERY FILTER (FROM needle) {newest} {window}",
         True),
        ("by subject", "Email/query", page | {"filter": {"subject": "rare 3"}},
         f'XQUERY FILTER (SUBJECT "rare 3") {newest} {window}', True),
        ("by text", "Email/query", page | {"filter": {"text": "haystack 17"}},
         f'XQUERY FILTER (TEXT "haystack 17") {newest} {window}', True),
        ("changes of one", "Email/changes", {"sinceState": state}, f"XCHANGES EMAIL {state}", False),
        ("50 rows of a list", "Email/get", {"ids": ids, "properties": LIST_ROW}, f"XMESSAGES ({' '.join(ids)}) {attributes}",
         False),
        ("mailboxes", "Mailbox/get", {"ids": None}, "XMAILBOXES", True),
        ("50 threads", "Thread/get", {"ids": threads}, f"XTHREADS ({' '.join(threads)})", False),
    ]


@contextlib.contextmanager
def webmail():
    instance = Instance(bench.BINARIES, {"auth.failuredelay": "0", "imap.numprocesses": "1", "http.numprocesses": "1",
                                         "http.webdir": "nowhere"}, services=["imap", "http"])
    try:
        jmap.prepare_webmail(instance)
        instance.add_users([("anna", bench.PASSWORD)])
        instance.start()
        yield instance
    finally:
        instance.stop()


def proxy(instance) -> bench.Imap:
    client = bench.connect(instance)
    text = base64.b64encode(f"anna\0{jmap.PROXY_USER}\0{jmap.PROXY_PASSWORD}".encode()).decode()
    client.command(f"AUTHENTICATE PLAIN {text}")
    return client


def measure(report: bench.Report, messages: int = 100_000, rounds: int = 9, slack: float = 1.0,
            limits: dict[str, float] | None = None) -> None:
    """`limits`: of imapd's processor, in ms, for a question that is asked again."""
    with bench.in_memory(), webmail() as instance:
        bench.fill(instance, "anna", messages - RARE, 1000)
        imap, web = proxy(instance), Web(instance)
        append(imap, letters())
        imapd = bench.workers(instance)[0]
        mshttpd = bench.Worker(instance.workers("mshttpd")[0])
        boxes = web.call("Mailbox/get", {"ids": None})["list"]
        inbox = next(box["id"] for box in boxes if box["role"] == "inbox")
        page = {"filter": {"inMailbox": inbox}, "sort": NEWEST, "limit": 50}
        ids = web.call("Email/query", page | {"position": RARE // 2})["ids"]
        rows = web.call("Email/get", {"ids": ids, "properties": ["threadId"]})["list"]
        threads = list(dict.fromkeys(row["threadId"] for row in rows))
        turn = [0]

        def change() -> None:
            turn[0] += 1
            imap.command(f"XUPDATE (({ids[0]} {'+-'[turn[0] % 2]}FLAGS (\\Flagged)))")

        state = web.call("Email/get", {"ids": []})["state"]
        change()
        for words, method, arguments, command, anew in questions(inbox, ids, threads, state):
            limit = (limits or {}).get(words)
            limit = limit and limit * slack
            whole = Costs(report, imapd, mshttpd)
            if anew:
                whole.take(f"{messages}: {words}, new: {method}", rounds, lambda: web.raw(method, arguments), change)
            again = "" if not anew else ", again"
            whole.take(f"{messages}: {words}{again}: {method}", rounds, lambda: web.raw(method, arguments), None, limit)
            below = Costs(report, imapd, None)
            name = command.split()[0]
            if anew:
                below.take(f"{messages}: {words}, new: {name}", rounds, lambda: imap.drain(command), change)
            below.take(f"{messages}: {words}{again}: {name}", rounds, lambda: imap.drain(command))


def main() -> int:
    bench.skip_when_sanitized()
    report = bench.Report()
    measure(report, *(int(word) for word in sys.argv[1:]))
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
