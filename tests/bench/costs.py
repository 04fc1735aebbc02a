# SPDX-License-Identifier: MIT
"""The rows that are counted, not timed: the same numbers in every run."""

import subprocess

import callgrind
import initialisers
from rows import Group, Row, verdict
from tree import built, program

COUNTS = (0, 1, 10, 100)
NAMES = ["calls of %d subscribers, instructions" % count for count in COUNTS]
ALLOCATIONS, LOCKS = "allocations in the calls of 100 subscribers", "locks in the calls of 100 subscribers"
INITIALISERS = "dynamic initialisers in modules/"


def emit(_):
    program("valgrind")
    folder = built("standalone", "bench_emit") / "tests" / "bench"
    rows = []
    for name, count in zip(NAMES, COUNTS):
        ours, theirs = callgrind.instructions(folder / ("bench_emit_%d" % count))
        rows.append(Row(name, ours, theirs, "", ours / theirs, "<= 1, exactly", verdict(ours <= theirs)))
    return rows


def interposed(_):
    done = subprocess.run([built("standalone", "bench_emit") / "tests" / "bench" / "bench_no_allocation"],
                          capture_output=True, text=True)
    if done.returncode == 2:
        raise RuntimeError(done.stderr)
    allocations, locks = map(int, done.stdout.split())
    return [Row(name, count, goal="0", verdict=verdict(count == 0))
            for name, count in ((ALLOCATIONS, allocations), (LOCKS, locks))]


def at_start(_):
    folder = built("standalone", "bench_emit")
    bad, *objects = [str(path) for path in
                     list((folder / "tests/bench/CMakeFiles/bench_dynamic_initialiser.dir").rglob("*.o"))
                     + list((folder / "CMakeFiles/forksafe.dir").rglob("*.o"))]
    if not initialisers.dynamic_initialisers(bad):
        raise RuntimeError("the check does not see the dynamic initialiser of " + bad)
    count = sum(len(set(initialisers.dynamic_initialisers(path))) for path in objects)
    return [Row(INITIALISERS, count, goal="0", verdict=verdict(count == 0))]


GROUPS = [Group(NAMES, emit), Group([ALLOCATIONS, LOCKS], interposed), Group([INITIALISERS], at_start)]
