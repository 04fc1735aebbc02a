# SPDX-License-Identifier: MIT
"""What the page of a large server takes, all of whose workers were replaced once."""

import statistics

from delivery import times
from rows import Group, NotMeasured, Row, verdict
from tree import built

WORKERS = 256
SIZES = {"the page of %d workers after a reload of all" % WORKERS: 60, "its JSON form": 100}
TIMES = ["processor time of a request for that page", "processor time of a request for its JSON form",
         "of these, the debug object"]
MOST_MILLISECONDS = 5


def page(options):
    program = built("standalone", "bench_page") / "tests" / "bench" / "bench_page"
    runs = [times(program, WORKERS, 40) for _ in range(options.rounds(5))]
    if any(processes < WORKERS + 1 for processes, *_ in runs):
        raise NotMeasured("not every worker is shown: %s" % runs)
    measured = []
    for place, (name, most) in enumerate(SIZES.items(), 1):
        kilobytes = max(run[place] for run in runs) / 1e3
        measured.append(Row(name, kilobytes, unit="kB", goal="<= %d kB" % most, verdict=verdict(kilobytes <= most)))
    debug, html, brief = (statistics.median(run[place] for run in runs) for place in (3, 4, 5))
    for name, milliseconds in zip(TIMES, (html, brief)):
        measured.append(Row(name, milliseconds, unit="ms", goal="<= %d ms" % MOST_MILLISECONDS,
                            verdict=verdict(milliseconds <= MOST_MILLISECONDS)))
    return measured + [Row(TIMES[2], debug, unit="ms")]


GROUPS = [Group([*SIZES, *TIMES], page)]
