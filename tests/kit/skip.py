# SPDX-License-Identifier: MIT
"""skip.py REASON: stands in for a test that cannot be built here, and ends as a test does that was skipped."""

import sys

import cases

print("[skipped] %s" % sys.argv[1])
sys.exit(cases.SKIPPED)
