# SPDX-License-Identifier: MIT
"""The inventory that the audit takes before a fork, against the least that a look at the same descriptors costs."""

import subprocess

from rows import Group, compared
from tree import built

COUNTS = [0, 10, 100, 1000]
NAMES = ["an inventory of %d descriptors against readdir, fstat and readlink of them" % count for count in COUNTS]
#: System calls are most of both, so that the ratio is much the same on every machine; the limits leave a fifth.
MOST = [5, 3, 2, 2]


def audit(options):
    program = built("standalone", "bench_audit") / "tests" / "bench" / "bench_audit"
    rounds = {count: [] for count in COUNTS}
    for _ in range(options.rounds(5)):
        for line in subprocess.run([program], check=True, capture_output=True, text=True).stdout.splitlines():
            count, ours, theirs = line.split()
            rounds[int(count)].append((float(ours), float(theirs)))
    return [compared(name, rounds[count], "us", at_most=most) for name, count, most in zip(NAMES, COUNTS, MOST)]


GROUPS = [Group(NAMES, audit)]
