# SPDX-License-Identifier: Apache-2.0
"""Why a script is not played."""


class Skipped(Exception):
    """The way or the server does not allow this script; the text says why."""
