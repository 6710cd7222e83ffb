# SPDX-License-Identifier: Apache-2.0
"""The measurements of test/bench/http in small: what is asked a second time costs imapd next to nothing, for it is not
read a second time."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(os.environ["POSTHORN_SOURCE"]) / "test" / "bench" / "http"))

import mailbox_cost  # noqa: E402  (found by the line above)
from mailbox_cost import bench  # noqa: E402

bench.skip_when_sanitized()
report = bench.Report()
# A look at every message costs ten times as much.
again = dict.fromkeys(("newest 50", "newest 50 threads", "page at 5000", "by sender", "by subject", "by text", "mailboxes"), 2.0)
mailbox_cost.measure(report, 10_000, 3, 1.0, again | {"changes of one": 2.0, "50 rows of a list": 10.0, "50 threads": 5.0})
sys.exit(report.end())
