# SPDX-License-Identifier: Apache-2.0
"""Runs the tests of one label with ctest and reads its JUnit report."""

import os
import re
import xml.etree.ElementTree as xml

from outcome import FAILED, PASSED, SKIPPED, Outcome
from process import run, tail

SKIP_LINE = re.compile(r"^\W*(?:skip(?:ped|ping)?)\b\W*(.*)$", re.IGNORECASE | re.MULTILINE)
SANITIZERS = {
    "ASAN_OPTIONS": "detect_leaks=1:strict_string_checks=1:check_initialization_order=1",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
    "TSAN_OPTIONS": "halt_on_error=1:second_deadlock_stack=1",
}


def run_label(build, label, jobs, logs, exclude):
    """Outcomes of every test that carries the label and none of those in `exclude`."""
    report = os.path.join(logs, f"{os.path.basename(build)}-{label}.xml")
    if os.path.exists(report):
        os.remove(report)
    command = ["ctest", "--test-dir", build, "-L", f"^{label}$", "-j", str(jobs), "--timeout", "600",
               "--output-on-failure", "--no-tests=error", "--output-junit", report]
    if exclude:
        command += ["-LE", "^(" + "|".join(exclude) + ")$"]
    log = report.replace(".xml", ".log")
    status, seconds = run(command, log, SANITIZERS)
    outcomes = read_report(report) if os.path.exists(report) else []
    if not outcomes or (status != 0 and not any(o.status == FAILED for o in outcomes)):
        print(tail(log))
        outcomes.append(Outcome(f"ctest -L {label}", FAILED, seconds, f"ended with status {status}"))
    return outcomes


def read_report(path):
    outcomes = []
    for case in xml.parse(path).iter("testcase"):
        output = (case.findtext("system-out") or "").replace("\r", "")
        outcomes.append(judge(case, output))
        if outcomes[-1].status == FAILED:
            print(f"---- {outcomes[-1].name}\n" + "\n".join(output.splitlines()[-80:]))
    return outcomes


def judge(case, output):
    name, seconds = case.get("name"), float(case.get("time") or 0)
    skips = [match.group(1).strip() for match in SKIP_LINE.finditer(output)]
    skips = [skip for skip in skips if skip != "0"]  # node's own count
    reason = "; ".join(skips[:3])
    skipped = case.find("skipped")
    status = case.get("status")
    if status == "run":
        return Outcome(name, PASSED, seconds, reason)
    if skipped is not None or status == "disabled":
        return skipped_outcome(name, seconds, reason, skipped)
    failure = case.find("failure")
    return Outcome(name, FAILED, seconds, failure.get("message", "") if failure is not None else status)


def skipped_outcome(name, seconds, reason, skipped):
    """A test that asked to be skipped. One that could not be started at all has failed."""
    why = skipped.get("message", "") if skipped is not None else "disabled"
    could_not = ("Unable to find executable", "Could not", "Not Available", "Fixture dependency failed")
    if any(text.lower() in why.lower() for text in could_not):
        return Outcome(name, FAILED, seconds, why)
    return Outcome(name, SKIPPED, seconds, reason or why)
