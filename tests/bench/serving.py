# SPDX-License-Identifier: MIT
"""Requests per second through a binding, against the same answer written by hand for the same container."""

import os
import pathlib
import re
import subprocess

from rows import Group, NotMeasured, compared
from tree import BUILD, built, program

WORKERS = 2
CONNECTIONS = 8
OPTIONS = {"uwsgi": ["--disable-logging"], "gunicorn": []}


def names_of(container):
    return ["requests per second, %s binding" % container,
            "processor time of the workers for a request, %s" % container]


def processor_seconds(server):
    """The processor time of all workers so far: their user and system times in ticks."""
    ticks = 0
    children = pathlib.Path("/proc/%d/task/%d/children" % (server.pid, server.pid)).read_text().split()
    for child in children:
        fields = pathlib.Path("/proc/%s/stat" % child).read_text().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def load(server, seconds):
    """Requests per second, and the workers' microseconds of processor time for each request."""
    before = processor_seconds(server)
    done = subprocess.run(["wrk", "--threads", "1", "--connections", str(CONNECTIONS), "--duration", "%ds" % seconds,
                           "http://%s/" % server.address], capture_output=True, text=True, check=True)
    rate = re.search(r"^Requests/sec:\s+([\d.]+)$", done.stdout, re.MULTILINE)
    requests = re.search(r"^\s*(\d+) requests in", done.stdout, re.MULTILINE)
    if rate is None or requests is None or "Non-2xx" in done.stdout:
        raise NotMeasured("not every request was answered\n" + done.stdout)
    return float(rate[1]), (processor_seconds(server) - before) * 1e6 / int(requests[1])


def serve(container, options):
    from server import Server
    program("wrk")
    program(container)
    folder = built(container, "bench_servers")
    rates, times = [], []
    # The server is restarted now and then: the place of its memory makes a process faster or slower for its whole life.
    for start in range(2 if options.quick else 6):
        servers = [Server(container, folder, name, BUILD / ("%s-%s.log" % (container, name)), workers=WORKERS,
                          options=OPTIONS[container]) for name in ("hello", container + "_by_hand")]
        with servers[0].start() as ours, servers[1].start() as theirs:
            for server in (ours, theirs):
                if server.get("/") != (200, "Hello, World!"):
                    raise NotMeasured("%s does not answer as it should" % server.path.name)
                load(server, 1)
            for turn in range(2 if options.quick else 8):
                measured = {}
                for server in (ours, theirs) if (start + turn) % 2 == 0 else (theirs, ours):
                    measured[server] = load(server, 1)
                rates.append((measured[ours][0], measured[theirs][0]))
                times.append((measured[ours][1], measured[theirs][1]))
    rate_name, time_name = names_of(container)
    return [compared(rate_name, rates, "/s", at_least=0.97), compared(time_name, times, "us")]


GROUPS = [Group(names_of(container), lambda options, container=container: serve(container, options))
          for container in OPTIONS]
