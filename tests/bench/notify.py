# SPDX-License-Identifier: MIT
"""Prints to stderr the nanoseconds of one notify of pyramid_forksafe's event through Pyramid: notify.py COUNT TIMES.

The subscribers count what they hear, as those of the programs in C++ do. The events of pyramid_forksafe 0.2.0 print their
name when they are made. stdout goes to /dev/null here, as it has to for anyone who uses them.
"""

import os
import sys
import time

from pyramid.config import Configurator
from pyramid_forksafe.events import ApplicationPostFork


def subscriber():
    heard = 0

    def hear(event):
        nonlocal heard
        heard += 1

    return hear


def main(count, times):
    sys.stdout = open(os.devnull, "w")
    config = Configurator()
    config.include("pyramid_forksafe")
    for _ in range(count):
        config.add_subscriber(subscriber(), ApplicationPostFork)
    config.commit()
    registry = config.registry
    for _ in range(times // 10 + 1):
        registry.notify(ApplicationPostFork(registry))
    start = time.perf_counter_ns()
    for _ in range(times):
        registry.notify(ApplicationPostFork(registry))
    print((time.perf_counter_ns() - start) / times, file=sys.stderr)


main(int(sys.argv[1]), int(sys.argv[2]))
