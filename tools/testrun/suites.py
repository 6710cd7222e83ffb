# SPDX-License-Identifier: Apache-2.0
"""The suites, as data, and the steps that they are made of."""

import os
import time
from dataclasses import dataclass

from ctest import run_label
from outcome import FAILED, PASSED, Outcome
from process import run, tail

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LOGS = os.path.join(ROOT, "build", "test-logs")


@dataclass(frozen=True)
class Suite:
    name: str
    budget: int       # seconds on two cores
    preset: str = ""  # the build that it needs
    label: str = ""   # the tests of that build that it runs; empty: see `step`
    step: str = ""    # "build", "check", "tidy"
    only_all: bool = False


# In order. Crash, load and browser tests need a build without sanitizers: the first puts itself between the programs
# and libc, the second measures memory and time, the third has an eye on how long a task takes.
SUITES = (
    Suite("checks", 60, step="check"),
    Suite("build-asan", 900, preset="asan", step="build"),
    Suite("build-release", 900, preset="release", step="build"),
    Suite("unit", 180, preset="asan", label="unit"),
    Suite("fuzz", 60, preset="asan", label="fuzz"),
    Suite("script", 180, preset="asan", label="script"),
    Suite("system", 900, preset="asan", label="system"),
    Suite("crash", 180, preset="release", label="crash"),
    Suite("load", 420, preset="release", label="load"),
    Suite("browser", 480, preset="release", label="browser"),
    Suite("bench", 60, preset="release", label="bench"),
    Suite("tidy", 3600, preset="asan", step="tidy", only_all=True),
    Suite("build-tsan", 900, preset="tsan", step="build", only_all=True),
    Suite("tsan-unit", 600, preset="tsan", label="unit", only_all=True),
    Suite("tsan-system", 1200, preset="tsan", label="system", only_all=True),
    Suite("long", 7200, preset="release", label="long", only_all=True),
)

# One test at a time where processes and their timing are what is tested.
ONE_AT_A_TIME = {"bench", "browser", "system", "crash", "load", "long"}


def build(preset, jobs):
    """Configures and builds one preset. Returns one outcome."""
    start = time.monotonic()
    units = "OFF" if preset == "release" else "ON"  # no suite runs them there
    for name, command in (
            ("configure", ["cmake", "--preset", preset, "-DPOSTHORN_TESTS=ON", f"-DPOSTHORN_UNITS={units}"]),
            ("build", ["cmake", "--build", os.path.join("build", preset), "-j", str(jobs)])):
        log = os.path.join(LOGS, f"{name}-{preset}.log")
        status, _ = run(command, log, cwd=ROOT)
        if status != 0:
            print(tail(log))
            return Outcome(f"{name} {preset}", FAILED, time.monotonic() - start, f"see {log}")
    return Outcome(f"build {preset}", PASSED, time.monotonic() - start)


def command_outcome(name, command):
    log = os.path.join(LOGS, name.replace(" ", "-") + ".log")
    status, seconds = run(command, log, cwd=ROOT)
    if status != 0:
        print(f"---- {name}\n{tail(log)}")
    return Outcome(name, PASSED if status == 0 else FAILED, seconds)


def check():
    return [
        command_outcome("fences", ["tools/dev", "check"]),
        command_outcome("fences self-test", ["python3", "-B", "tools/checks/selftest.py"]),
        command_outcome("format", ["tools/dev", "fmt", "--check"]),
        command_outcome("scripts", ["tools/dev", "shellcheck"]),
    ]


def run_suite(suite, jobs):
    if suite.step == "check":
        return check()
    if suite.step == "tidy":
        return [command_outcome("clang-tidy", ["tools/dev", "lint", "--all"])]
    if suite.step == "build":
        outcomes = [build(suite.preset, jobs)]
        if suite.preset == "release" and outcomes[0].status == PASSED:
            fresh = ["tools/dev", "generated", "--check", os.path.join("build", "release")]
            outcomes.append(command_outcome("generated files", fresh))
        return outcomes
    exclude = [] if suite.label == "long" else ["long"]
    width = 1 if suite.label in ONE_AT_A_TIME else jobs
    return run_label(os.path.join(ROOT, "build", suite.preset), suite.label, width, LOGS, exclude)
