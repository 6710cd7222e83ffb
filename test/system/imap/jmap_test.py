# SPDX-License-Identifier: Apache-2.0
"""X-POSTHORN-JMAP over two worker processes: whoever holds a state changes it alone, and a client that follows XCHANGES
while others write knows the account at the end."""

import base64
import os
import re
import sys
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from unauthenticate_test import Line  # noqa: E402  (found by the line above)
from instance import Instance  # noqa: E402

SOURCE = Path(os.environ.get("POSTHORN_SOURCE", Path(__file__).resolve().parents[3]))
BINARIES = Path(os.environ.get("POSTHORN_BIN", SOURCE / "build" / "release" / "bin"))
PROXY_PASSWORD = "proxy-secret"
ROUNDS, WRITERS = 15, 4


class Client(Line):
    def __init__(self, port: int):
        super().__init__(port)
        text = base64.b64encode(f"anna\0webproxy\0{PROXY_PASSWORD}".encode()).decode()
        assert self.ask(f"AUTHENTICATE PLAIN {text}")[-1].startswith("OK")

    def state(self) -> int:
        return int(re.search(r"\[XSTATE (\d+)", self.ask("XUPDATE ()")[-1])[1])

    def append(self, number: int) -> str:
        text = f"Subject: {number}\r\nMessage-ID: <{number}@x>\r\n\r\ntext\r\n"
        self.count += 1
        self.socket.sendall(f"t{self.count} APPEND INBOX {{{len(text)}+}}\r\n{text}\r\n".encode())
        told = self.answer(f"t{self.count}")
        return next(line for line in told if line.startswith("* XAPPENDED ")).split()[2]

    def view(self) -> dict[str, tuple]:
        """Every message as XMESSAGES has it."""
        ids = self.ask("XQUERY")[0].split("(")[1].split(")")[0].split()
        return self.messages(ids)

    def messages(self, ids) -> dict[str, tuple]:
        if not ids:
            return {}
        found = {}
        for line in self.ask(f"XMESSAGES ({' '.join(ids)}) ()")[:-1]:
            match = re.fullmatch(r'\* XMESSAGE (\S+) (\S+) \(([^)]*)\) \(([^)]*)\) .*', line)
            found[match[1]] = (match[2], frozenset(match[3].split()), frozenset(match[4].split()))
        return found


class TwoWorkers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        options = {"imap.numprocesses": "2", "auth.failuredelay": "0", "base.proxyadmin": "webproxy",
                   "base.proxyadminpass": PROXY_PASSWORD}
        cls.instance = Instance(BINARIES, options, services=["imap"])
        cls.addClassCleanup(cls.instance.stop)
        cls.instance.add_users([("anna", "a secret"), ("webproxy", PROXY_PASSWORD)])
        cls.instance.start()
        cls.port = cls.instance.port("imap", False)

    def clients(self, count: int) -> list[Client]:
        made = [Client(self.port) for _ in range(count)]
        for client in made:
            self.addCleanup(client.close)
        return made

    def test_one_of_several_wins(self):
        clients = self.clients(WRITERS)
        message = clients[0].append(1)
        for turn in range(ROUNDS):
            state = clients[0].state()
            gate = threading.Barrier(WRITERS)
            answers = [""] * WRITERS

            def write(number: int):
                gate.wait()
                answers[number] = clients[number].ask(
                    f"XUPDATE IFSTATE {state} (({message} +FLAGS (turn{turn}x{number})))")[-1]

            threads = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(60)
            won = [answer for answer in answers if answer.startswith("OK [XSTATE ")]
            lost = [answer for answer in answers if answer.startswith("NO [XSTATEMISMATCH]")]
            self.assertEqual((len(won), len(lost)), (1, WRITERS - 1), answers)
            winner = next(n for n, answer in enumerate(answers) if answer.startswith("OK"))
            self.assertEqual(set(clients[1].messages([message])[message][2]), {f"turn{turn}x{winner}"})
            clients[0].ask(f"XUPDATE (({message} FLAGS ()))")

    def test_who_follows_knows_all(self):
        writers, reader = self.clients(2), self.clients(1)[0]
        writers[0].ask("CREATE Work")
        boxes = [line.split()[2] for line in reader.ask("XMAILBOXES")[:-1]]
        known, state = reader.view(), reader.state()
        known = reader.view()
        failed = []

        def write(client: Client, number: int):
            try:
                for turn in range(25):
                    one = client.append(number * 1000 + turn)
                    client.ask(f"XUPDATE (({one} +FLAGS (\\Seen) MAILBOXES ({boxes[turn % 2]})))")
                    if turn % 3 == 0:
                        client.ask(f"XUPDATE (({one} DESTROY))")
            except Exception as error:  # told by the main thread
                failed.append(error)

        threads = [threading.Thread(target=write, args=(client, n)) for n, client in enumerate(writers)]
        for thread in threads:
            thread.start()
        rounds = 0
        while True:
            over = not any(thread.is_alive() for thread in threads)
            answer = reader.ask(f"XCHANGES EMAIL {state} MAX 7")
            match = re.fullmatch(r"\* XCHANGES EMAIL \d+ (\d+) \(([^)]*)\) \(([^)]*)\) \(([^)]*)\)( MORE)?", answer[0])
            self.assertTrue(match, answer)
            created, updated, destroyed = (match[i].split() for i in (2, 3, 4))
            self.assertLessEqual(len(created) + len(updated) + len(destroyed), 7)
            now = reader.messages(created + [one for one in updated if one in known])
            for one in created + updated:
                if one in now:
                    known[one] = now[one]
            for one in destroyed:
                known.pop(one, None)
            state, rounds = int(match[1]), rounds + 1
            if over and not match[5]:
                break
        self.assertEqual(failed, [])
        # A message that went while it was asked for is told as destroyed by the next answer; all are told by now.
        self.assertEqual(known, reader.view())
        self.assertGreater(rounds, 3)


if __name__ == "__main__":
    unittest.main(verbosity=2)
