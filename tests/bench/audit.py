# SPDX-License-Identifier: MIT
"""The inventory that the audit takes before a fork, against the least that a look at the same descriptors costs."""

import subprocess

from rows import Group, compared, verdict
from tree import built

COUNTS = [0, 10, 100, 1000]
NAMES = ["an inventory of %d descriptors against readdir, fstat and readlink of them" % count for count in COUNTS]
# Limits in microseconds: one for the inventory, one for each descriptor. They are about twice the cost of today.
MOST_ONCE, MOST_EACH = 40, 3


def audit(options):
    program = built("standalone", "bench_audit") / "tests" / "bench" / "bench_audit"
    rounds = {count: [] for count in COUNTS}
    for _ in range(options.rounds(5)):
        for line in subprocess.run([program], check=True, capture_output=True, text=True).stdout.splitlines():
            count, ours, theirs = line.split()
            rounds[int(count)].append((float(ours), float(theirs)))
    measured = [compared(name, rounds[count], "us") for name, count in zip(NAMES, COUNTS)]
    for count, row in zip(COUNTS, measured):
        most = MOST_ONCE + MOST_EACH * count
        row.goal = "ours <= %d us" % most
        row.verdict = verdict(row.ours <= most)
    return measured


GROUPS = [Group(NAMES, audit)]
