# SPDX-License-Identifier: MIT
"""One check of the generation against the least that any check has to do, and against the one that is usual.

A check loads a page, compares and branches. How many of these three a processor does at once differs: where it loads three
times in a cycle and branches twice, a check takes half as long again as a load. The goal is judged on what is the same on
every processor: the instructions, and the time of a check by hand.
"""

import callgrind
from delivery import times
from rows import Group, Row, compared, verdict
from tree import built, program

COUNTED = ["generation check against a check by hand of the same page, instructions"]
TIMED = ["generation check against a check by hand of the same page", "generation check against a plain load of the same page",
         "getpid() against a generation check"]
CHECKS = 100_000_000


def instructions(_):
    program("valgrind")
    counted = built("standalone", "bench_generation") / "tests" / "bench" / "bench_generation"
    costs = callgrind.inclusive_costs(callgrind.profile(counted, "count", callgrind.CALLS))
    ours, theirs = callgrind.of_each(costs, (r"_Z15check_of_origin", r"_Z13check_by_hand"))
    return [Row(COUNTED[0], ours, theirs, "", ours / theirs, "<= 1.2", verdict(ours / theirs <= 1.2))]


def generation(options):
    timed = built("standalone", "bench_generation") / "tests" / "bench" / "bench_generation"
    pairs = [[], [], []]
    for _ in range(options.rounds(11)):
        checked, by_hand, loaded, asked = times(timed, "time", CHECKS // (10 if options.quick else 1))
        for row, pair in zip(pairs, ((checked, by_hand), (checked, loaded), (asked, checked))):
            row.append(pair)
    return [compared(TIMED[0], pairs[0], "ns", at_most=1.2), compared(TIMED[1], pairs[1], "ns"),
            compared(TIMED[2], pairs[2], "ns", at_least=100)]


GROUPS = [Group(COUNTED, instructions), Group(TIMED, generation)]
