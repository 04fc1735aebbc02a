# SPDX-License-Identifier: MIT
"""One check of the generation, against a plain load of the same page and against getpid(), the usual check."""

from delivery import times
from rows import Group, compared
from tree import built

NAMES = ["generation check against a plain load of the same page", "getpid() against a generation check"]
CHECKS = 100_000_000


def generation(options):
    program = built("standalone", "bench_generation") / "tests" / "bench" / "bench_generation"
    pairs = [[], []]
    for _ in range(options.rounds(11)):
        checked, loaded, asked = times(program, CHECKS // (10 if options.quick else 1))
        pairs[0].append((checked, loaded))
        pairs[1].append((asked, checked))
    return [compared(NAMES[0], pairs[0], "ns", at_most=1.2), compared(NAMES[1], pairs[1], "ns", at_least=100)]


GROUPS = [Group(NAMES, generation)]
