# SPDX-License-Identifier: MIT
"""The delivery of an event against the delivery by pyramid_forksafe through Pyramid."""

import os
import subprocess
import sys

import callgrind
from rows import Group, NotMeasured, Row, compared, verdict
from tree import BUILD, HERE, built, program, run

COUNTS = (1, 100)
NAMES = ["calls of %d subscribers against Pyramid's notify" % count for count in COUNTS]
COUNTED = [name + ", instructions" for name in NAMES]
WATCHED = ["watched delivery of a fork's pair to %d, recorded, against one notify" % count for count in COUNTS]
SINGLE_CALLS = 20_000_000
NOTIFICATIONS = 20_000


def environment(options):
    """The interpreter of a virtual environment with the packages of requirements.txt."""
    python = BUILD / "venv" / "bin" / "python"
    check = [python, "-c", "import pyramid.config, pyramid_forksafe.events"]
    if python.exists() and subprocess.run(check, capture_output=True).returncode == 0:
        return python
    if not options.install:
        raise NotMeasured("Pyramid is not in %s, and nothing may be installed" % (BUILD / "venv"))
    run(sys.executable, "-m", "venv", "--clear", BUILD / "venv")
    run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", HERE / "requirements.txt")
    return python


def instructions_of_each(python, count, *how):
    """The instructions of one notification: the difference of two runs, so that neither the start nor the imports count."""
    few, many = 100, 300
    costs = [callgrind.total(python, HERE / "notify.py", count, notifications, *how, cwd=BUILD,
                             env={**os.environ, "PYTHONHASHSEED": "0"}) for notifications in (few, many)]
    return (costs[1] - costs[0]) / (many + many // 10 - few - few // 10)


def count_delivery(options):
    program("valgrind")
    python = environment(options)
    rows = []
    for name, count in zip(COUNTED, COUNTS):
        ours, _ = callgrind.instructions(built("standalone", "bench_emit") / "tests" / "bench" / ("bench_emit_%d" % count))
        theirs = instructions_of_each(python, count)
        rows.append(Row(name, ours, theirs, "", ours / theirs, "<= 0.01", verdict(ours / theirs <= 0.01)))
    return rows


def times(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=True)
    return [float(word) for word in (done.stdout or done.stderr).split()]


def delivery(options):
    python = environment(options)
    folder = built("standalone", "bench_emit") / "tests" / "bench"
    part = 10 if options.quick else 1
    emitted, watched = {count: [] for count in COUNTS}, {count: [] for count in COUNTS}
    for _ in range(options.rounds(11)):
        for count in COUNTS:
            ours, _, delivered = times(folder / ("bench_emit_%d" % count), "time", SINGLE_CALLS // part // count)
            theirs, = times(python, HERE / "notify.py", count, NOTIFICATIONS // part // (5 if count > 1 else 1))
            emitted[count].append((ours, theirs))
            watched[count].append((delivered, theirs))
    return ([compared(name, emitted[count], "ns") for name, count in zip(NAMES, COUNTS)]
            + [compared(name, watched[count], "ns") for name, count in zip(WATCHED, COUNTS)])


GROUPS = [Group(COUNTED, count_delivery), Group(NAMES + WATCHED, delivery)]
