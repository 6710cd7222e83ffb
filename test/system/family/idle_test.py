# SPDX-License-Identifier: Apache-2.0
"""Clients that connect and wait, by the real clock, with the smallest legal timeouts."""

import time
import unittest

import support
from support import Session, family, wait_for


class Idle(unittest.TestCase):
    def test_who_does_not_log_in_is_sent_away_and_others_stay(self):
        instance = family({"base.unauthtimeout": "1s", "pop.numprocesses": "1"})
        self.addCleanup(instance.stop)
        with Session(instance) as user, Session(instance, login=False) as waiting:
            start = time.monotonic()
            waiting.socket.settimeout(20)
            said = waiting.file.read()  # to the end
            took = time.monotonic() - start
            print(f"sent away after {took:.2f} s with a limit of 1 s: {said!r}")
            self.assertGreater(took, 0.5)
            self.assertTrue(user.alive(), "who has logged in has ten minutes at least")
            support.sessions_of(instance, 1)
            # Talk does not help: the login counts.
            with Session(instance, login=False) as talking:
                wait_for(lambda: not talking.alive(), "sent away in spite of its NOOPs")
            self.assertTrue(user.alive())


support.run_all()
