# SPDX-License-Identifier: Apache-2.0
"""Every option is changed while the family runs. It says itself how the change takes effect, and so it does:
  live      the same workers have the new value after `refresh`
  refresh   `refresh` replaces the workers; the new ones have it
  restart   `refresh` leaves it and says what is needed; `restart-msg` brings it
What a client sees of the change is compared before and after, or another test is named that shows it."""

import json
import os
import socket
import unittest
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from registry import Option, names, options
from table import TABLE, Row
from world import World

SOURCE = Path(os.environ["POSTHORN_SOURCE"])


LOOKS = 16  # at a time
ALONE = {"delays", "long delays", "drains"}  # waves whose looks measure time, or restart a service


def general(name: str) -> str:
    """pop.port as it is; `tls:main.cert` as the registry calls it: tls:NAME.cert."""
    group, separator, rest = name.partition(":")
    return f"{group}:NAME.{rest.split('.', 1)[1]}" if separator else name


class Options(unittest.TestCase):
    world: World
    registry: dict[str, Option]

    @classmethod
    def setUpClass(cls):
        cls.world = World()
        try:
            cls.registry = options(cls.world.say, cls.world.directory / "explain", TABLE)
            cls.world.start()
        except BaseException:
            cls.world.stop()
            raise

    @classmethod
    def tearDownClass(cls):
        cls.world.stop()

    def waves(self, apply: str) -> dict[str, dict[str, Row]]:
        found = defaultdict(dict)
        for name, row in TABLE.items():
            known = self.registry[name]
            if known.apply == apply and row.applied and not known.not_yet:
                found[row.wave][name] = row
        return found

    def settings(self) -> dict[str, dict[str, str]]:
        """What master says that each service runs with."""
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(str(next(self.world.directory.glob("data/run/master.sock"))))
            line.sendall(b'{"command":"settings"}\n')
            with line.makefile() as answer:
                status = json.loads(answer.readline())["status"]
        return status["services"] | {"master": status["master"]}

    def running(self, rows: dict[str, Row]) -> dict[str, set[str]]:
        """The values in use by those who are handed the option; empty for passwords."""
        settings = self.settings()
        found = {}
        for name in rows:
            users = self.registry[name].services or {"master"}
            found[name] = {settings[user][name] for user in users if name in settings[user]}
        return found

    def handed(self, rows: dict[str, Row]) -> set[str]:
        """The services whose workers are handed any of these."""
        return set().union(*(self.registry[name].services for name in rows))

    def look(self, rows: dict[str, Row]) -> dict[str, object]:
        """All at a time: most looks wait for something not to come."""
        self.world.seen.clear()
        with ThreadPoolExecutor(LOOKS) as pool:
            looks = {name: pool.submit(row.look, self.world) for name, row in rows.items() if row.look}
            return {name: look.result() for name, look in looks.items()}

    def refresh(self) -> str:
        return self.world.say("refresh")

    def change(self, rows: dict[str, Row], apply: str) -> None:
        values = {}
        for name, row in rows.items():
            values |= row.also
        values |= {name: row.value for name, row in rows.items()}
        said = self.world.change(values)
        for name in rows:
            part = said.split(f"{name}: ", 1)[-1].split("\n", 2)
            self.assertIn(f"  {apply}: `", part[1], f"what msconfig says of {name}")

    def compare(self, before: dict, after: dict, what: str) -> None:
        for name, seen in before.items():
            with self.subTest(option=name, wave=what):
                self.assertNotEqual(seen, after[name], f"{name} = {TABLE[name].value}: a client sees no difference")

    def check_running(self, before: dict[str, set], rows: dict[str, Row], changed: bool) -> None:
        after = self.running(rows)
        for name, values in after.items():
            if not values and not before[name]:
                continue  # a password
            with self.subTest(option=name):
                if changed:
                    self.assertNotEqual(values, before[name], f"{name} = {rows[name].value}")
                    self.assertEqual(len(values), 1, f"{name}: everybody uses the same")
                else:
                    self.assertEqual(values, before[name], f"{name} waits for a restart")

    # ---- the tests

    def test_every_option_is_in_the_table(self):
        mine = {general(name) for name in TABLE}
        there = names(self.world.say)
        self.assertEqual(sorted(there - mine), [], "options without a row in table.py")
        self.assertEqual(sorted(mine - there), [], "rows of options that there are not")

    def test_every_effect_is_shown(self):
        for name, row in TABLE.items():
            with self.subTest(option=name):
                if self.registry[name].not_yet:
                    continue
                self.assertTrue(row.look or row.shown_by, "neither a look nor a test that shows it")
                if not row.shown_by:
                    continue
                text = (SOURCE / row.shown_by).read_text()
                rest = name.split(".", 1)[1]
                words = (row.there_as,) if row.there_as else (f".{rest}", "__" + rest.replace(".", "__"))
                self.assertTrue(any(word in text for word in words), f"{row.shown_by} does not speak of it")

    def test_options_that_act_later_say_so(self):
        for name, row in TABLE.items():
            if not self.registry[name].not_yet:
                continue
            with self.subTest(option=name):
                said = self.world.say("msconfig", "set", name, row.value,
                                      *(word for pair in row.also.items() for word in pair), check=False)
                if "has no effect yet" in said:
                    self.assertIn("nothing was changed", said)
                    continue
                self.assertIn("not yet: ", said)
                self.world.undo()

    def test_options_that_move_the_instance_say_so(self):
        for name, row in TABLE.items():
            known = self.registry[name]
            if row.applied or known.not_yet:
                continue
            with self.subTest(option=name):
                said = self.world.say("msconfig", "set", name, row.value, check=False)
                if "nothing was changed" in said:
                    continue  # it does not fit this instance
                self.assertIn(f"  {known.apply}: ", said)
                self.world.undo()

    def test_live(self):
        def check(wave: str, rows: dict[str, Row], before: dict, said: str) -> None:
            if wave != "drains":  # its look restarts a service
                now = self.world.pids()
                for service in self.handed(rows):
                    self.assertEqual(now[service], before[service], f"{wave}: the workers of {service} are the same; {said}")
        self.each_wave("live", check)

    def test_refresh(self):
        def check(wave: str, rows: dict[str, Row], before: dict, said: str) -> None:
            now = self.world.pids()
            for service in self.handed(rows):
                self.assertTrue(set(now[service]).isdisjoint(before[service]), f"{wave}: new workers of {service}; {said}")
        self.each_wave("refresh", check)

    def each_wave(self, apply: str, check: Callable) -> None:
        """`check` compares the workers' pids. A wave takes back what the last one has changed: both are of one kind."""
        waves = self.waves(apply)
        first = self.look({name: row for wave, rows in waves.items() if wave not in ALONE for name, row in rows.items()})
        for wave in ALONE & waves.keys():
            first |= self.look(waves[wave])
        running = {wave: self.running(rows) for wave, rows in waves.items()}
        try:
            for wave, rows in waves.items():
                pids = self.world.pids()
                self.world.undo()
                self.change(rows, apply)
                said = self.refresh()
                check(wave, rows, pids, said)
                self.check_running(running[wave], rows, True)
                self.compare({name: first[name] for name in rows if name in first}, self.look(rows), wave)
        finally:
            self.world.undo()
            self.refresh()

    def test_restart(self):
        for wave, rows in self.waves("restart").items():
            before, values = self.look(rows), self.running(rows)
            self.change(rows, "restart")
            try:
                said = self.refresh()
                self.assertIn("restart", said, f"{wave}: refresh says that a restart is needed")
                self.compare_same(before, self.look(rows))
                self.world.say("restart-msg")
                self.check_running(values, rows, True)
                self.compare(before, self.look(rows), wave)
            finally:
                self.world.undo()
                self.world.say("restart-msg")

    def compare_same(self, before: dict, after: dict) -> None:
        for name, seen in before.items():
            with self.subTest(option=name):
                self.assertEqual(seen, after[name], f"{name} waits for a restart")


if __name__ == "__main__":
    unittest.main(verbosity=2)
