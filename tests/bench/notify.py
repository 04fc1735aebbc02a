# SPDX-License-Identifier: MIT
"""Prints to stderr the nanoseconds to make an event and to notify a Pyramid registry of it: notify.py COUNT TIMES.

With forksafe in the environment it is forksafe's event, raised as by its subscriber of the C++ core. Otherwise it is that of
pyramid_forksafe 0.2.0, which prints its name when it is made. Its users have to send stdout to /dev/null, and so does this.
The subscribers count the events that they hear, as those of the programs in C++ do.
"""

import os
import sys
import time

from pyramid.config import Configurator

try:
    from forksafe.pyramid._registry import notify
    from forksafe.pyramid.events import ApplicationPostFork
    PACKAGE = "forksafe.pyramid"
except ImportError:
    from pyramid_forksafe.events import ApplicationPostFork
    PACKAGE = "pyramid_forksafe"

    def notify(registry, event):
        registry.notify(event)


def subscriber():
    heard = 0

    def hear(event):
        nonlocal heard
        heard += 1

    return hear


def by_hand(subscribers, times):
    for _ in range(times):
        for hear in subscribers:
            hear(None)


def main(count, times, how="notify"):
    sys.stdout = open(os.devnull, "w")
    config = Configurator()
    config.include(PACKAGE)
    for _ in range(count):
        config.add_subscriber(subscriber(), ApplicationPostFork)
    config.commit()
    registry = config.registry
    if how == "by hand":
        by_hand([subscriber() for _ in range(count)], times + times // 10 + 1)
        return
    for _ in range(times // 10 + 1):
        notify(registry, ApplicationPostFork(registry))
    start = time.perf_counter_ns()
    for _ in range(times):
        notify(registry, ApplicationPostFork(registry))
    print((time.perf_counter_ns() - start) / times, file=sys.stderr)


main(int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:])
