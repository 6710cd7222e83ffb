# SPDX-License-Identifier: Apache-2.0
"""What one test, check or build came to, and how a whole run is told."""

from dataclasses import dataclass, field

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"


@dataclass
class Outcome:
    name: str
    status: str
    seconds: float = 0.0
    reason: str = ""


@dataclass
class SuiteResult:
    name: str
    budget: float
    seconds: float = 0.0
    outcomes: list = field(default_factory=list)

    def count(self, status):
        return sum(outcome.status == status for outcome in self.outcomes)


def clock(seconds):
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def print_table(results):
    """One line a suite: counts, time, budget."""
    print("\nsuite          passed  failed skipped    time  budget")
    for result in results:
        late = "  OVER BUDGET" if result.seconds > result.budget else ""
        print(f"{result.name:<14} {result.count(PASSED):>6} {result.count(FAILED):>7} {result.count(SKIPPED):>7}"
              f" {clock(result.seconds):>7} {clock(result.budget):>7}{late}")


def print_loud(results, status, title):
    rows = [(result.name, outcome) for result in results for outcome in result.outcomes if outcome.status == status]
    if rows:
        print(f"\n{title}:")
    for suite, outcome in rows:
        print(f"  {suite}: {outcome.name}" + (f": {outcome.reason}" if outcome.reason else ""))


def print_partial(results):
    """Skips inside of tests that passed otherwise: their outcome carries the line."""
    rows = [(r.name, o) for r in results for o in r.outcomes if o.status == PASSED and o.reason]
    if rows:
        print("\nPASSED, WITH PARTS SKIPPED:")
    for suite, outcome in rows:
        print(f"  {suite}: {outcome.name}: {outcome.reason}")


def print_summary(results):
    """The report; returns the exit status. The last line is the count, alone on its line."""
    print_table(results)
    print_partial(results)
    print_loud(results, SKIPPED, "SKIPPED")
    print_loud(results, FAILED, "FAILED")
    passed, failed, skipped = (sum(r.count(s) for r in results) for s in (PASSED, FAILED, SKIPPED))
    if passed + failed == 0:
        print("no test was run")
        failed = 1
    print(f"\n{passed} passed, {failed} failed, {skipped} skipped", flush=True)
    return 1 if failed else 0
