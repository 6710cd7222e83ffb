# SPDX-License-Identifier: Apache-2.0
"""Holds the fences. Usage: check.py [ROOT]. Status 1 when one is broken; warnings break nothing."""

import os
import sys

import includes
import tables
import text
from tree import Tree

FENCES = (includes, text, tables)


def findings(root):
    tree = Tree(root)
    return [finding for fence in FENCES for finding in fence.check(tree)]


def main():
    top = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    found = findings(sys.argv[1] if len(sys.argv) > 1 else top)
    for finding in sorted(found, key=lambda one: (not one.warning, one.path, one.line)):
        print(finding)
    broken = sum(not finding.warning for finding in found)
    print(f"{broken} broken fences, {len(found) - broken} warnings")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
