#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The measurements of test/bench/imap in small, with room for a busy machine: what idle sessions, large mailboxes and
stopped readers cost a worker, and that it sleeps when nothing happens."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(os.environ["POSTHORN_SOURCE"]) / "test" / "bench" / "imap"))

import bench  # noqa: E402  (found by the line above)
import idle_memory  # noqa: E402
import large_mailbox  # noqa: E402
import stopped_reader  # noqa: E402
import wakeups  # noqa: E402

bench.skip_when_sanitized()
report = bench.Report()
# Memory does not depend on what else runs; three hundred sessions pay for what all share.
idle_memory.measure(report, sessions=300, users=30, slack=2)
large_mailbox.measure(report, messages=20_000, rounds=5, slack=2, writes=100, most=3)
stopped_reader.measure(report, megabytes=64, readers=4)
if status := report.end():
    sys.exit(status)  # before it can be said that strace is missing
wakeups.measure(report, sessions=200, seconds=5)
sys.exit(report.end())
