# SPDX-License-Identifier: MIT
"""The Python package against the original from PyPI, and against the containers without any such library."""

import os
import signal
import subprocess
import sys
import time

from rows import Group, NotMeasured, compared
from serving import load
from tree import BUILD, HERE, ROOT, program, run

COUNTS = (1, 10, 100)
NOTIFY = ["notify through Pyramid with %d subscribers, against the original's" % count for count in COUNTS]
IMPORT = ["importing the package, against the original"]
CONTAINERS = ("uwsgi", "gunicorn")
REPLACE = ["from a worker's death to its replacement's answer, %s, against no library" % one for one in CONTAINERS]
RATE = ["requests per second through Pyramid, %s, against no library" % one for one in CONTAINERS]
NOTIFICATIONS = 20_000


def environments(options):
    """The folders of two virtual environments: ours, built from this tree, and the original's."""
    python = ROOT / "tests" / "python"
    ours, theirs = BUILD / "package", BUILD / "original"
    if not options.install and not ((ours / "bin").exists() and (theirs / "bin").exists()):
        raise NotMeasured("Pyramid is not in %s, and nothing may be installed" % ours)
    run(sys.executable, python / "make_venv.py", ours, python / "requirements.txt", "--package", ROOT, BUILD / "wheel")
    run(sys.executable, python / "make_venv.py", theirs, python / "original.txt")
    return ours, theirs


def error_of(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=True, cwd=BUILD)
    return done.stderr


def notify(options):
    ours, theirs = environments(options)
    pairs = {count: [] for count in COUNTS}
    for _ in range(options.rounds(11)):
        for count in COUNTS:
            times = NOTIFICATIONS // (1 if count < 100 else 5) // (10 if options.quick else 1)
            pairs[count].append(tuple(float(error_of(one / "bin" / "python", HERE / "notify.py", count, times))
                                      for one in (ours, theirs)))
    return [compared(name, pairs[count], "ns", at_most=0.5) for name, count in zip(NOTIFY, COUNTS)]


def import_time(python, module):
    """Of the module and all that it imports, in milliseconds, as the interpreter says."""
    last = error_of(python, "-X", "importtime", "-c", "import " + module).splitlines()[-1]
    if not last.endswith(module):
        raise NotMeasured("the last import was not %s: %s" % (module, last))
    return int(last.split("|")[1]) / 1000


def imports(options):
    ours, theirs = environments(options)
    pairs = [(import_time(ours / "bin" / "python", "forksafe.pyramid"),
              import_time(theirs / "bin" / "python", "pyramid_forksafe")) for _ in range(options.rounds(21))]
    return [compared(IMPORT[0], pairs, "ms", at_most=0.5)]


def make_server(container, venv, package):
    from server import Server

    class Host(Server):
        def command(self):
            if self.container == "uwsgi":
                return ["uwsgi", "--plugin", "python3", "--virtualenv", str(venv), "--http-socket", self.address, "--master",
                        "--processes", str(self.workers), "--wsgi-file", str(HERE / "pyramid_app.py"), "--die-on-term",
                        "--disable-logging"]
            configuration = ["-c", "python:forksafe.gunicorn"] if package else []
            return [str(venv / "bin" / "gunicorn"), *configuration, "--preload", "--pythonpath", str(HERE), "--bind",
                    self.address, "--workers", str(self.workers), "--no-control-socket", "pyramid_app:application"]

    return Host(container, BUILD, "pyramid_app", BUILD / ("pyramid-%s-%s.log" % (container, package or "none")), workers=1,
                environment={"FORKSAFE_BENCH_INCLUDE": package})


def replacement_time(server):
    """Milliseconds until a replacement answers, by a client that asks again at once."""
    old = int(server.get("/")[1])
    start = time.perf_counter_ns()
    os.kill(old, signal.SIGKILL)
    while True:
        try:
            if int(server.get("/")[1]) != old:
                return (time.perf_counter_ns() - start) / 1e6
        except (OSError, ValueError):
            pass


def serving(container, options):
    program(container if container == "uwsgi" else "wrk")
    venv, _ = environments(options)
    replacements, rates = [], []
    for start in range(2 if options.quick else 6):
        with make_server(container, venv, "forksafe.pyramid").start() as ours, make_server(container, venv, "").start() as theirs:
            for turn in range(2 if options.quick else 6):
                order = (ours, theirs) if (start + turn) % 2 == 0 else (theirs, ours)
                rate = {server: load(server, 1)[0] for server in order}
                rates.append((rate[ours], rate[theirs]))
            for turn in range(4 if options.quick else 30):
                order = (ours, theirs) if (start + turn) % 2 == 0 else (theirs, ours)
                taken = {server: replacement_time(server) for server in order}
                replacements.append((taken[ours], taken[theirs]))
    index = CONTAINERS.index(container)
    return [compared(REPLACE[index], replacements, "ms", at_most=1.02), compared(RATE[index], rates, "/s", at_least=0.99)]


GROUPS = [Group(NOTIFY, notify), Group(IMPORT, imports)] + [
    Group([replace, rate], lambda options, container=container: serving(container, options))
    for container, replace, rate in zip(CONTAINERS, REPLACE, RATE)]
