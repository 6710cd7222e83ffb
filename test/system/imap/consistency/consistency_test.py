# SPDX-License-Identifier: Apache-2.0
"""Many clients change one mailbox at once; in the end everybody's model and the mailbox are equal.

Each client keeps its model from untagged responses alone (model.py) and asserts the rules at every response
(session.py, wire.py). Which operations are chosen follows from the seed, which is printed; how commands of different
clients meet in the server does not, so a replay may need a few runs.
"""

import argparse
import os
import random
import signal
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from server import Server  # noqa: E402  (found by the line above)

from model import Truth  # noqa: E402
from operations import Operator  # noqa: E402
from session import Session  # noqa: E402
from wire import BadResponse  # noqa: E402

FIRST, SECOND = "Consistency", "Second"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "big"))
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--operations", type=int, default=10_000)
    return parser.parse_args()


class Run:
    def __init__(self, server: Server, options):
        self.server, self.options = server, options
        self.truths = {FIRST: Truth(), SECOND: Truth()}
        self.sent: dict[bytes, bytes] = {}
        self.operators: list[Operator] = []
        self.last = "setting up"

    def session(self, name: str) -> Session:
        return Session(name, self.server.host, self.server.port, self.server.users[0],
                       f'"{self.server.password}"', self.truths)

    def prepare(self):
        setup = self.session("s")
        for name in (FIRST, SECOND):
            if setup.ask(f"CREATE {name}").name != "OK":
                raise BadResponse(f"cannot create {name}")
        for number in range(self.options.clients):
            session = self.session_in_worker(number)
            session.select(FIRST)
            rng = random.Random(f"{self.options.seed}/{number}")
            self.operators.append(Operator(session, rng, self.sent, SECOND))
        self.check_spread()
        setup.close()

    def session_in_worker(self, number: int) -> Session:
        """Clients take turns at the workers: while one connects, the workers whose turn it is not are stopped."""
        name = chr(ord("a") + number % 26) + ("" if number < 26 else str(number))
        workers = self.server.instance.workers("imapd") if self.server.instance else []
        others = [pid for place, pid in enumerate(workers) if place != number % len(workers)]
        try:
            for pid in others:
                os.kill(pid, signal.SIGSTOP)
            return self.session(name)
        finally:
            for pid in others:
                os.kill(pid, signal.SIGCONT)

    def check_spread(self):
        """Of every worker at least one session, or the run shows nothing about processes."""
        if self.server.instance is None:
            return
        busy = {pid for pid in self.server.instance.workers("imapd") if connections(pid)}
        if len(busy) < self.options.workers:
            raise AssertionError(f"all sessions are in {len(busy)} workers; {self.options.workers} were wanted")

    def operate(self):
        rng, begun = random.Random(self.options.seed), 0
        while begun < self.options.operations:
            operator = rng.choice(self.operators)
            self.last = operator.session.name
            if operator.session.verb:
                operator.go_on()
            else:
                operator.next()
                begun += 1
        for operator in self.operators:
            self.last = operator.session.name
            if operator.idle:
                operator.end_idle()
            elif operator.session.verb:
                operator.session.finish()

    def compare(self):
        for operator in self.operators:
            self.last = operator.session.name
            if operator.session.ask("NOOP").name != "OK":
                raise BadResponse("NOOP failed")
        for operator in self.operators:
            self.last = operator.session.name
            operator.session.learn()
        fresh = self.session("z")
        fresh.select(FIRST)
        fresh.learn()
        wanted = fresh.mailbox.snapshot()
        for operator in self.operators:
            self.last = operator.session.name
            compare_models(operator.session.name, operator.session.mailbox.snapshot(), wanted)
        self.last = "fresh"
        self.check_contents(fresh, FIRST)
        fresh.select(SECOND)
        self.check_contents(fresh, SECOND)
        return len(wanted)

    def check_contents(self, fresh: Session, name: str):
        truth, bodies = self.truths[name], fresh.bodies()
        for uid, octets in bodies.items():
            identity = next((line[6:] for line in octets.split(b"\r\n") if line.startswith(b"X-Id: ")), b"")
            truth.holds(uid, identity)
            if octets != self.sent.get(identity):
                raise BadResponse(f"{name}: the octets of UID {uid} ({identity!r}) differ")
        for each in (self.truths[FIRST], truth):
            each.settle_copies()
        gone = (truth.content.keys() | truth.expunged) - bodies.keys()
        for uid in truth.missed - gone:
            raise BadResponse(f"{name}: UID {uid} is there and had no body for a client")
        for uid in gone - truth.marked - truth.moved:
            raise BadResponse(f"{name}: UID {uid} ({truth.content.get(uid)!r}) is gone, and nobody deleted it")
        if name == SECOND:
            self.check_moves({truth.content[uid] for uid in bodies})

    def check_moves(self, arrived: set[bytes]):
        """What left the first mailbox by MOVE alone is in the second."""
        first = self.truths[FIRST]
        for uid in (first.expunged & first.moved) - first.marked:
            if uid in first.content and first.content[uid] not in arrived:
                raise BadResponse(f"UID {uid} ({first.content[uid]!r}) was moved and did not arrive")

    def story(self) -> str:
        for operator in self.operators:
            if operator.session.name == self.last:
                return "\n".join(line[:300].decode(errors="replace").rstrip() for line in operator.session.trace)
        return ""

    def counts(self) -> str:
        total: dict[str, int] = {}
        for operator in self.operators:
            for name, count in operator.counts.items():
                total[name] = total.get(name, 0) + count
        return ", ".join(f"{name} {count}" for name, count in sorted(total.items()))


def connections(pid: int) -> int:
    """Established TCP sockets of a process."""
    inodes = set()
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        try:
            inodes.add(os.readlink(entry))
        except OSError:
            continue
    lines = Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]
    return sum(f"socket:[{fields[9]}]" in inodes for fields in map(str.split, lines) if fields[3] == "01")


def compare_models(name: str, got: list, wanted: list):
    for number, (ours, theirs) in enumerate(zip(got, wanted), 1):
        if ours != theirs:
            raise BadResponse(f"client {name}, message {number}: model {show(ours)}, mailbox {show(theirs)}")
    if len(got) != len(wanted):
        raise BadResponse(f"client {name} knows {len(got)} messages, the mailbox has {len(wanted)}")


def show(entry) -> str:
    uid, flags = entry
    return f"UID {uid} ({' '.join(sorted(flags or []))})"


def main() -> int:
    options = arguments()
    print(f"seed {options.seed}: {options.clients} clients, {options.operations} operations; again: "
          f"consistency_test.py --seed {options.seed} --clients {options.clients} --operations {options.operations}",
          flush=True)
    server = Server(1, {"imap.numprocesses": str(options.workers)})
    run = Run(server, options)
    try:
        start = time.monotonic()
        run.prepare()
        run.operate()
        left = run.compare()
        print(f"equal: {left} messages left, {len(run.sent)} appended, {time.monotonic() - start:.1f} s; {run.counts()}")
        return 0
    except (BadResponse, OSError) as error:
        print(f"{run.story()}\nFAILED (seed {options.seed}), client {run.last}: {error}")
        return 1
    finally:
        for operator in run.operators:
            operator.session.close()
        server.stop()


if __name__ == "__main__":
    sys.exit(main())
