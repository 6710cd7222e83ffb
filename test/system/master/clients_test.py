# SPDX-License-Identifier: Apache-2.0
"""Clients of the control socket that are slow, silent or many hold up neither master nor each other."""

import json
import os
import signal
import socket
import time
import unittest

import support
from support import Family, alive, wait_for

MOST = 32  # connections that master keeps at a time


class Clients(unittest.TestCase):
    def half(self, family: Family, request: bytes = b'{"command":"stop","serv') -> socket.socket:
        control = socket.socket(socket.AF_UNIX)
        self.addCleanup(control.close)
        control.connect(str(family.directory / "data" / "run" / "master.sock"))
        control.settimeout(20)
        control.sendall(request)
        return control

    def test_half_an_order_holds_up_nobody(self):
        family = Family(self).start()
        session, _ = family.connect()
        slow = self.half(family)
        self.assertTrue(family.order("status")["ok"])
        self.assertTrue(family.order("refresh")["ok"], "other clients are served")
        current = [w for w in family.service()["workers"] if w["generation"] == family.service()["generation"]]
        os.kill(current[0]["pid"], signal.SIGKILL)
        wait_for(lambda: family.service()["deaths"] == 1 and support.serving(family), "workers are watched meanwhile")
        self.assertTrue(alive(session))
        slow.sendall(b'ices":["imap"]}\n')
        answer = b""
        while chunk := slow.recv(4096):
            answer += chunk
        self.assertIn("is not started", " ".join(json.loads(answer)["messages"]), "the rest of it came in time")

    def test_half_an_order_is_forgotten_after_a_while(self):
        family = Family(self).start()
        begin = time.monotonic()
        slow = self.half(family)
        self.assertEqual(slow.recv(100), b"", "closed by master")
        self.assertGreater(time.monotonic() - begin, 5)
        self.assertTrue(family.service()["started"], "half an order is none")

    def test_many_who_say_nothing_keep_nobody_out(self):
        family = Family(self).start()
        silent = [self.half(family) for _ in range(2 * MOST)]
        self.assertTrue(family.order("status")["ok"])
        self.assertTrue(family.order("restart", "pop")["ok"])
        self.assertEqual(len(silent), 2 * MOST)

    def test_who_does_not_take_the_answer_holds_up_nobody(self):
        family = Family(self).start()
        deaf = self.half(family, b'{"command":"status"}\n')
        self.assertTrue(family.order("refresh", "pop")["ok"])
        gone = self.half(family, b'{"command":"refresh","services":["pop"]}\n')
        gone.close()
        self.assertTrue(family.order("refresh", "pop")["ok"])
        self.assertGreater(len(deaf.recv(100)), 0)


if __name__ == "__main__":
    support.run_all()
