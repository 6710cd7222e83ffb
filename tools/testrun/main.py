# SPDX-License-Identifier: Apache-2.0
"""Runs the suites in order and counts. Called by tools/test, which has installed what is needed."""

import argparse
import os
import signal
import sys
import time

from outcome import FAILED, PASSED, SKIPPED, Outcome, SuiteResult, clock, print_summary
from process import adopt_orphans, end_orphans, find_orphans
from suites import SUITES, run_suite


def parse(arguments):
    parser = argparse.ArgumentParser(prog="tools/test", add_help=False)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--suite", action="append", default=[])
    parser.add_argument("--list", action="store_true")
    parser.add_argument("-j", type=int, default=os.cpu_count() or 2)
    options = parser.parse_args(arguments)
    unknown = set(options.suite) - {suite.name for suite in SUITES}
    if unknown:
        parser.error(f"no suite is called {', '.join(sorted(unknown))}; see tools/test --list")
    return options


def chosen(options):
    """The suites to run. A named suite brings the build that it needs."""
    if not options.suite:
        return [suite for suite in SUITES if options.all or not suite.only_all]
    presets = {suite.preset for suite in SUITES if suite.name in options.suite}
    return [suite for suite in SUITES
            if suite.name in options.suite or (suite.step == "build" and suite.preset in presets)]


def run_one(suite, jobs, broken):
    result = SuiteResult(suite.name, suite.budget)
    start = time.monotonic()
    if suite.preset in broken and suite.step != "build":
        result.outcomes = [Outcome(suite.name, FAILED, 0.0, f"the {suite.preset} build failed")]
        return result
    print(f"== {suite.name}", flush=True)
    result.outcomes = run_suite(suite, jobs)
    orphans = find_orphans()
    if orphans:
        lines = "; ".join(f"{pid} {line[:120]}" for pid, line in orphans.items())
        result.outcomes.append(Outcome("leaves no process", FAILED, 0.0, lines))
        end_orphans(orphans)
    result.seconds = time.monotonic() - start
    counts = ", ".join(f"{result.count(s)} {s}" for s in (PASSED, FAILED, SKIPPED) if result.count(s))
    print(f"   {counts} in {clock(result.seconds)}", flush=True)
    return result


def main():
    options = parse(sys.argv[1:])
    if options.list:
        for suite in SUITES:
            print(suite.name + (" (with --all)" if suite.only_all else ""))
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    adopt_orphans()
    results, broken = [], set()
    for suite in chosen(options):
        results.append(run_one(suite, options.j, broken))
        if suite.step == "build" and results[-1].count(FAILED):
            broken.add(suite.preset)
    return print_summary(results)


if __name__ == "__main__":
    sys.exit(main())
