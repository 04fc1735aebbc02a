# SPDX-License-Identifier: MIT
"""One record of the journal, begun and ended, against one write of a log line and against its two readings of the clock."""

from delivery import times
from rows import Group, compared, verdict
from tree import built

NAMES = ["a record of the journal against one write of a log line to /dev/null",
         "a record of the journal against its two looks at the clock"]
RECORDS = 2_000_000
MOST_NANOSECONDS = 100


def journal(options):
    program = built("standalone", "bench_journal") / "tests" / "bench" / "bench_journal"
    pairs = [[], []]
    for _ in range(options.rounds(11)):
        recorded, looked, logged = times(program, RECORDS // (10 if options.quick else 1))
        pairs[0].append((recorded, logged))
        pairs[1].append((recorded, looked))
    measured = [compared(name, pair, "ns") for name, pair in zip(NAMES, pairs)]
    measured[0].goal = "ours <= %d ns" % MOST_NANOSECONDS
    measured[0].verdict = verdict(measured[0].ours <= MOST_NANOSECONDS)
    return measured


GROUPS = [Group(NAMES, journal)]
