#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Idle sessions hear soon of mail that comes by LMTP, a little of it; the times leave room for a busy machine."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(os.environ["POSTHORN_SOURCE"]) / "test" / "bench" / "events"))

import hints  # noqa: E402  (found by the line above)

hints.bench.skip_when_sanitized()
report = hints.bench.Report()
hints.measure(report, sessions=200, accounts=40, rate=40, seconds=5, slack=5)
sys.exit(report.end())
