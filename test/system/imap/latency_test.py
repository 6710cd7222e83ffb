#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An idle session hears soon of what another process has changed; the times leave room for a busy machine."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(os.environ["POSTHORN_SOURCE"]) / "test" / "bench" / "imap"))

import bench  # noqa: E402  (found by the line above)
import latency  # noqa: E402

bench.skip_when_sanitized()
report = bench.Report()
latency.measure(report, sessions=100, accounts=10, changes=50, slack=5)
sys.exit(report.end())
