# SPDX-License-Identifier: MIT
"""The Python package against the original from PyPI, and against containers without such a library."""

import contextlib
import os
import signal
import statistics
import subprocess
import sys
import time

import callgrind
from delivery import instructions_of_each
from rows import Group, NotMeasured, Row, compared, verdict
from serving import load
from tree import BUILD, HERE, ROOT, built, program, run

COUNTS = (1, 10, 100)
NOTIFY = ["notify through Pyramid with %d subscribers, against the original's" % count for count in COUNTS]
COUNTED = [name + ", instructions" for name in NOTIFY]
BESIDE = [name + ", beside their own calls" for name in COUNTED]
IMPORT = {"importing the package, against the original": "", "importing its events too, against the original's": ".events"}
CONTAINERS = ("uwsgi", "gunicorn")
LOADED = ("before the fork", "by the worker")
OURS, UNHEARD, NOTHING, BY_HAND = "forksafe.pyramid", "forksafe.pyramid, not heard", "", "by hand"
#: An application that nobody subscribes in is measured against no library: a subscriber's own call has no equal there. One that
#: hears of its fork is measured against the same hook written by hand. Where the worker loads it, that call is too little to see.
UNHEARD_AGAINST = ", application loaded before the fork, no subscriber, against no library"
AGAINST = [", application loaded %s, one subscriber, against no library" % when for when in LOADED] + [
    ", one subscriber, against a hook written by hand"]
READY = {one: ["a worker from fork to ready, %s%s" % (one, against) for against in [UNHEARD_AGAINST, *AGAINST]]
         for one in CONTAINERS}
ANSWER = {one: ["processor time of a worker until its first answer, %s%s" % (one, against)
                for against in [UNHEARD_AGAINST, *AGAINST]] for one in CONTAINERS}
FAULTS = {one: "page faults of a worker from fork to ready, %s%s" % (one, AGAINST[-1]) for one in CONTAINERS}
RATE = {one: "requests per second through Pyramid, %s, against no library" % one for one in CONTAINERS}
REQUEST = "a request through Pyramid, against no library, instructions"
NOTIFICATIONS = 20_000


def environments(options):
    """The folders of two virtual environments: one with the package of this tree, one with the original."""
    python = ROOT / "tests" / "python"
    ours, theirs = BUILD / "package", BUILD / "original"
    if not options.install and not ((ours / "bin").exists() and (theirs / "bin").exists()):
        raise NotMeasured("Pyramid is not in %s, and nothing may be installed" % ours)
    make = ROOT / "examples" / "support" / "make_venv.py"
    run(sys.executable, make, ours, python / "requirements.txt", "--package", ROOT, BUILD / "wheel")
    run(sys.executable, make, theirs, python / "original.txt")
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
    return [compared(name, pairs[count], "ns") for name, count in zip(NOTIFY, COUNTS)]


def count_notify(options):
    program("valgrind")
    rows = []
    pythons = [one / "bin" / "python" for one in environments(options)]
    for name, beside, count in zip(COUNTED, BESIDE, COUNTS):
        ours, theirs = (instructions_of_each(python, count) for python in pythons)
        calls = instructions_of_each(pythons[0], count, "by hand")
        ratio = (ours - calls) / (theirs - calls)
        rows.append(Row(name, ours, theirs, "", ours / theirs))
        rows.append(Row(beside, ours - calls, theirs - calls, "", ratio, "<= 0.5", verdict(ratio <= 0.5)))
    return rows


def import_time(python, module):
    """The time to import the module and all that it imports, in milliseconds, as the interpreter reports it."""
    last = error_of(python, "-X", "importtime", "-c", "import " + module).splitlines()[-1]
    if not last.endswith(module):
        raise NotMeasured("the last import was not %s: %s" % (module, last))
    return int(last.split("|")[1]) / 1000


def imports(options):
    ours, theirs = environments(options)
    pairs = {row: [(import_time(ours / "bin" / "python", "forksafe.pyramid" + part),
                    import_time(theirs / "bin" / "python", "pyramid_forksafe" + part)) for _ in range(options.rounds(21))]
             for row, part in IMPORT.items()}
    package, events = IMPORT
    return [compared(package, pairs[package], "ms", at_most=0.5), compared(events, pairs[events], "ms")]


def make_server(container, venv, repair, loaded=LOADED[0]):
    from server import Server
    by_worker = loaded == LOADED[1]
    name = "%s-%s" % (container, repair.replace(", ", "-").replace(" ", "-") or "nothing")

    class Host(Server):
        answers = {}
        times = BUILD / ("times-" + name)

        def command(self):
            if self.container == "uwsgi":
                return ["uwsgi", "--plugin", "python3", "--virtualenv", str(venv), "--http-socket", self.address, "--master",
                        "--processes", str(self.workers), "--wsgi-file", str(HERE / "pyramid_app.py"), "--die-on-term",
                        "--disable-logging", *(["--lazy-apps"] if by_worker else [])]
            ours = ["-c", "python:forksafe.gunicorn"]
            configuration = {OURS: ours, UNHEARD: ours, NOTHING: [], BY_HAND: ["-c", str(HERE / "gunicorn_hooks.py")]}[repair]
            return [str(venv / "bin" / "gunicorn"), *configuration, *([] if by_worker else ["--preload"]), "--pythonpath",
                    str(HERE), "--bind", self.address, "--workers", str(self.workers), "--no-control-socket",
                    "pyramid_app:application"]

    Host.times.unlink(missing_ok=True)
    Host.answers = {}
    return Host(container, BUILD, "pyramid_app", BUILD / ("pyramid-%s.log" % name), workers=1,
                environment={"FORKSAFE_BENCH_REPAIR": repair, "FORKSAFE_BENCH_TIMES": str(Host.times),
                             "LD_PRELOAD": str(built("standalone", "bench_fork_to_ready") / "fork_to_ready.so")})


def replace_worker(server):
    """Kills the worker, waits until another one answers, and keeps what that took of the processor's time until its answer."""
    old = int(server.get("/")[1].split()[0])
    os.kill(old, signal.SIGKILL)
    end = time.monotonic() + 10
    while time.monotonic() < end:
        try:
            new, used = map(int, server.get("/")[1].split())
            if new != old:
                server.answers[new] = used
                return
        except (OSError, ValueError):
            pass
    raise NotMeasured("the worker %d was not replaced in 10 s, see %s" % (old, server.log))


def started(container, venv, options, starts, repairs, measure, **how):
    """Measures servers several times, because the place of its memory makes a process faster or slower for its whole life. The
    servers of each pair start first equally often, because the first one's workers take one percent longer. Returns what their
    workers took, as workers_of() has it: of each start, for each of the repairs."""
    taken = []
    for start in range(2 if options.quick else starts):
        servers = [make_server(container, venv, repair, **how) for repair in repairs]
        with contextlib.ExitStack() as stack:
            for server in servers if start % 2 == 0 else servers[::-1]:
                stack.enter_context(server.start())
            measure(start, servers)
        taken.append([workers_of(server) for server in servers])
    return taken


def workers_of(server):
    """Medians over the workers that replaced others: milliseconds from fork to ready, milliseconds of processor time until the
    first answer, page faults until ready."""
    ready = {}
    for line in server.times.read_text().splitlines():
        pid, *numbers = map(int, line.split())
        ready[pid] = numbers
    each = [(wall / 1e6, (fork + server.answers[pid]) / 1e6, faults)
            for pid, (wall, fork, _, faults) in ready.items() if pid in server.answers]
    if not each:
        raise NotMeasured("no worker was replaced, see %s" % server.log)
    return tuple(map(statistics.median, zip(*each)))


def serving(container, options):
    program(container if container == "uwsgi" else "wrk")
    venv, _ = environments(options)
    rates = []

    def replace(start, servers):
        for turn in range(4 if options.quick else 6):
            first = (start + turn) % len(servers)
            for server in servers[first:] + servers[:first]:
                replace_worker(server)

    def load_and_replace(start, servers):
        for turn in range(2 if options.quick else 4):
            order = servers[:2] if (start + turn) % 2 == 0 else servers[1::-1]
            rate = {server: load(server, 1)[0] for server in order}
            rates.append(tuple(rate[server] for server in servers[:2]))
        replace(start, servers)

    before = started(container, venv, options, 12, (OURS, NOTHING, BY_HAND, UNHEARD), load_and_replace)
    by_worker = started(container, venv, options, 10, (OURS, NOTHING), replace, loaded=LOADED[1])
    unheard = [(unheard, nothing) for _, nothing, _, unheard in before]
    heard = [(ours, nothing) for ours, nothing, _, _ in before]
    by_hand = [(ours, hand) for ours, _, hand, _ in before]

    def row(name, pairs, which, unit, **goal):
        return compared(name, [(ours[which], theirs[which]) for ours, theirs in pairs], unit, **goal)

    all_pairs = [unheard, heard, by_worker, by_hand]
    goals = [{"at_most": 1.02}, {}, {"at_most": 1.02}, {"at_most": 1.02}]
    return [*[row(name, pairs, 1, "ms", **goal) for name, pairs, goal in zip(ANSWER[container], all_pairs, goals)],
            row(FAULTS[container], by_hand, 2, "", at_most=1.02),
            *[row(name, pairs, 0, "ms") for name, pairs in zip(READY[container], all_pairs)],
            compared(RATE[container], rates, "/s")]


def instructions_of_a_request(python, repair):
    few, many = 20, 120
    costs = [callgrind.total(python, HERE / "request.py", requests, cwd=BUILD,
                             env={**os.environ, "PYTHONHASHSEED": "0", "FORKSAFE_BENCH_REPAIR": repair})
             for requests in (few, many)]
    return (costs[1] - costs[0]) / (many - few)


def count_request(options):
    program("valgrind")
    python = environments(options)[0] / "bin" / "python"
    ours, theirs = (instructions_of_a_request(python, repair) for repair in (OURS, NOTHING))
    return [Row(REQUEST, ours, theirs, "", ours / theirs, "<= 1.01", verdict(ours / theirs <= 1.01))]


GROUPS = [
    Group([name for pair in zip(COUNTED, BESIDE) for name in pair], count_notify), Group(NOTIFY, notify), Group(list(IMPORT), imports), Group([REQUEST], count_request)
] + [
    Group([*ANSWER[container], FAULTS[container], *READY[container], RATE[container]],
          lambda options, container=container: serving(container, options)) for container in CONTAINERS]
