# SPDX-License-Identifier: MIT
"""The resources that an idle server holds. One that grows from one look to the next has leaked."""

import collections
import pathlib
import time

import hosts
from hosts import scenarios

Held = collections.namedtuple("Held", "descriptors of_worker mappings segments processes zombies memory")

#: How many more KiB the first process may have than before: allocators keep some of their memory.
SPARE_MEMORY = 8192


def memory_of(pid):
    return int(scenarios.status_of(pid).get("RssAnon", "0").split()[0])


def segments(pids):
    """The number of System V segments that these processes have made."""
    lines = pathlib.Path("/proc/sysvipc/shm").read_text().splitlines()[1:]
    return sum(int(line.split()[4]) in pids for line in lines)


def look(host):
    below = scenarios.descendants(host.pid)
    living = host.living()
    return Held(descriptors=scenarios.open_descriptors(host.pid),
                of_worker=max(map(scenarios.open_descriptors, living), default=0),
                mappings=scenarios.shared_mappings(host.pid), segments=segments({host.pid, *below}),
                processes=len(living), zombies=len(below) - len(living), memory=memory_of(host.pid))


def after(host, before=None, seconds=20):
    """The resources held, once they are no more than before, or when they stay the same."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            now = look(host)
            if not before or not grown(before, now) or time.monotonic() > deadline:
                return now
        except OSError:
            if time.monotonic() > deadline:
                raise hosts.Stuck("cannot be looked at: its workers come and go") from None
        time.sleep(0.2)


def grown(before, now, spare=SPARE_MEMORY):
    """The names of the resources that have grown."""
    return [name for name in Held._fields
            if getattr(now, name) > getattr(before, name) + (spare if name == "memory" else 0)]
