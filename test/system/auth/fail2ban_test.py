# SPDX-License-Identifier: Apache-2.0
"""The shipped fail2ban filter finds guesses in real log lines, and nothing that a login name forges."""
import configparser
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

BIN = pathlib.Path(os.environ["POSTHORN_BIN"])
FILTER = pathlib.Path(os.environ["POSTHORN_SOURCE"]) / "etc/fail2ban/filter.d/posthorn.conf"
FORMATS = 3
GUESSERS = {"192.0.2.1", "2001:db8::1", "192.0.2.2", "192.0.2.3"}


def sample_lines():
    run = subprocess.run([BIN / "unit_auth", "[.log-sample]"], stdin=subprocess.DEVNULL, check=True,
                         stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    return [line for line in run.stderr.splitlines() if "login-failed" in line or "badlogin" in line]


def emulated(lines):
    """failregex by Python's re, with fail2ban's own meaning of <HOST> and its removal of the date."""
    parser = configparser.ConfigParser()
    parser.read(FILTER)
    patterns = [line.replace("<HOST>", r"(?P<host>[0-9a-fA-F:.]+)")
                for line in parser.get("Definition", "failregex").splitlines() if line.strip()]
    dates = [r'^(?:time=|\{"time":")?\d{4}-\d\d-\d\dT[\d:.]+(?:[+-]\d\d:\d\d|Z)', r"^\d\d/\w{3}/\d{4}:[\d:]+ [+-]\d{4}"]
    hosts = []
    for line in lines:
        for date in dates:
            line = re.sub(date, "", line)
        for pattern in patterns:
            found = re.search(pattern, line)
            if found:
                hosts.append(found["host"])
                break
    return hosts


def by_fail2ban(lines):
    with tempfile.NamedTemporaryFile("w", suffix=".log") as log:
        log.write("\n".join(lines) + "\n")
        log.flush()
        run = subprocess.run(["fail2ban-regex", "-o", "ip", log.name, str(FILTER)], check=True, text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return run.stdout.split()


def judge(name, hosts):
    assert set(hosts) == GUESSERS, f"{name}: {hosts}"
    assert len(hosts) == FORMATS * len(GUESSERS), f"{name}: {hosts}"
    print(f"{name}: {len(hosts)} guesses found in {FORMATS} formats")


def main():
    lines = sample_lines()
    assert len(lines) == FORMATS * (len(GUESSERS) + 1), lines
    judge("emulated", emulated(lines))
    if shutil.which("fail2ban-regex"):
        judge("fail2ban-regex", by_fail2ban(lines))
    else:
        print("SKIPPED IN PART: fail2ban is not installed, its own reading of the filter was not tried")
    return 0


sys.exit(main())
