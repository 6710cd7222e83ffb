#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""All measurements of imapd, one after the other, as one table: main.py [--quick] [NAME]... Its status is 1 when a
limit was missed."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import bench
import idle_memory
import large_mailbox
import latency
import stopped_reader
import wakeups

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "events"))

import cost  # noqa: E402  (found by the line above)
import hints  # noqa: E402

Measure = Callable[[bench.Report], None]

ALL: dict[str, Measure] = {
    "idle_memory": idle_memory.measure,
    "large_mailbox": large_mailbox.measure,
    "stopped_reader": stopped_reader.measure,
    "latency": latency.measure,
    "wakeups": wakeups.measure,
    "hints": hints.measure,
    "event_cost": cost.measure,
}
QUICK: dict[str, Measure] = {
    "idle_memory": lambda report: idle_memory.measure(report, 500, 50),
    "large_mailbox": lambda report: large_mailbox.measure(report, 20_000, 3),
    "stopped_reader": lambda report: stopped_reader.measure(report, 64, 4),
    "latency": lambda report: latency.measure(report, 100, 20, 50),
    "wakeups": lambda report: wakeups.measure(report, 200, 5),
    "hints": lambda report: hints.measure(report, 500, 100, 50, 5),
    "event_cost": lambda report: cost.measure(report, 2, 2),
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="tools/bench", description="Measures imapd.")
    parser.add_argument("--quick", action="store_true", help="small sizes: a minute or two")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(ALL)}; default: all")
    chosen = parser.parse_args()
    unknown = set(chosen.names) - set(ALL)
    if unknown:
        parser.error(f"no such measurement: {', '.join(sorted(unknown))}")
    bench.skip_when_sanitized()
    report = bench.Report()
    for name, measure in (QUICK if chosen.quick else ALL).items():
        if not chosen.names or name in chosen.names:
            measure(report)
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
