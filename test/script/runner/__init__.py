# SPDX-License-Identifier: Apache-2.0
"""Runs protocol transcripts (test/script/README.md) against a server."""
