# SPDX-License-Identifier: MIT
"""Drives the demo in a real container, and shows the events that each of its processes heard. Called by examples/run."""

import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import signal
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "support"))

import picture
from server import Server, ServerError

IN_EACH_WORKER = ("ApplicationPostFork", "ApplicationPostWorkerInit", "ApplicationWorkerReady")
PAGE = "/forksafe"
ONCE_PER_SERVER = ("ApplicationServerStarting", "ApplicationServerReady")


def progress(text):
    if sys.stderr.isatty():
        print("\r\033[K" + text, end="", file=sys.stderr, flush=True)
    elif text:
        print(text, file=sys.stderr)


def answering(server):
    """Asks from several connections at once, so that a busy worker leaves the next request to another."""

    def ask(_):
        status, body = server.get("/")
        match = re.fullmatch(r"worker (\d+), pid (\d+)\n", body)
        if status != 200 or not match:
            raise ServerError("GET / answered %d: %r" % (status, body))
        return int(match[2]), int(match[1])

    with concurrent.futures.ThreadPoolExecutor(2 * server.workers) as pool:
        return dict(pool.map(ask, range(4 * server.workers)))


def drive(server, seen):
    """Asks until every worker and the replacement of a killed one have answered; returns the victim and its replacement."""
    progress("waiting for %d workers to answer" % server.workers)

    def all_answered():
        seen.update(answering(server))
        return len(set(seen.values())) >= server.workers

    server.wait_for(all_answered, "all %d workers to answer" % server.workers, 60)
    victim = sorted(seen, key=lambda pid: seen[pid])[len(seen) // 2]
    progress("killing worker %d with SIGKILL and waiting for its replacement" % seen[victim])
    os.kill(victim, signal.SIGKILL)

    def replaced():
        new = {pid: slot for pid, slot in answering(server).items() if pid not in seen}
        seen.update(new)
        return next(iter(new), None)

    return victim, server.wait_for(replaced, "the replacement of worker %d to answer" % seen[victim], 60)


def count(process, event):
    return sum(heard["count"] for heard in process["events"] if heard["event"] == event)


def problems_of(debug, workers, replacements=1):
    """The events that were not heard as often as expected, and all failures and incidents; empty if all is well."""
    wired = {row["event"] for row in debug["wiring"] if row["source"] != "absent"}
    processes = debug["processes"]
    forked = [process for process in processes if process["role"] == "worker"]
    masters = [process for process in processes if process["role"] == "master"]
    problems = []
    if len(forked) != workers + replacements:
        problems.append("%d worker processes were seen, not %d and %d replacements" % (len(forked), workers, replacements))
    if len(masters) != 1:
        problems.append("%d masters were seen" % len(masters))
    for process in forked:
        for event in IN_EACH_WORKER:
            if event in wired and count(process, event) != 1:
                problems.append("worker %s (pid %d) heard %s %d times, not once"
                                % (process["slot"], process["pid"], event, count(process, event)))
    for master in masters:
        once = [event for event in ONCE_PER_SERVER if event in wired]
        each_fork = [event for event in ("ApplicationPreFork", "ApplicationPostForkParent") if event in wired]
        expected = {**{event: 1 for event in once}, **{event: workers + replacements for event in each_fork}}
        if "ApplicationWorkerReaped" in wired:
            expected["ApplicationWorkerReaped"] = replacements
        for event, times in expected.items():
            if count(master, event) != times:
                problems.append("the master heard %s %d times, not %d" % (event, count(master, event), times))
    for process in processes:
        problems += ["a subscriber failed on %s in pid %d" % (heard["event"], process["pid"])
                     for heard in process["events"] if heard["failed"]]
    for incident in debug["incidents"]:
        problems.append("%s in %s, pid %d, %d times: see the journal"
                        % (incident["what"].replace("_", " "), incident["role"], incident["pid"], incident["times"]))
    return problems


def settled_debug(server):
    """The debug object, once the master has raised the events that it notices only with a delay."""
    debug = {}

    def settled():
        debug.clear()
        debug.update(server.debug())
        return not problems_of(debug, server.workers)

    try:
        server.wait_for(settled, "every event", 10)
    except ServerError:
        pass
    return debug


def document(debug):
    keys = ("status", "environment", "autoconfigure.log", "executed_hooks", "wiring", "subscribers", "processes", "incidents",
            "journal")
    return {key: debug[key] for key in keys}


def serve(server):
    print("http://%s%s  (Ctrl-C stops it; /debug and /report show the debug object too)" % (server.address, PAGE), flush=True)
    try:
        server.process.wait()
    except KeyboardInterrupt:
        print(file=sys.stderr)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("container")
    parser.add_argument("directory")
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--serve", action="store_true")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()

    with tempfile.TemporaryDirectory(prefix="forksafe-") as directory:
        server = Server(arguments.container, arguments.directory, "demo", pathlib.Path(directory, "log"), arguments.workers,
                        environment={"DEMO_PAGE_PATH": PAGE})
        progress("starting %s" % arguments.container)
        with server:
            victim, replacement = drive(server, {})
            debug = settled_debug(server)
            problems = problems_of(debug, arguments.workers)
            progress("")
            if arguments.json:
                print(json.dumps(document(debug)), flush=True)
            else:
                picture.show(arguments.container, debug, victim, replacement)
            if arguments.serve:
                serve(server)
            progress("stopping %s" % arguments.container)
            status = server.stop()
            progress("")
            if status != 0:
                problems.append("%s ended with status %s, not 0" % (arguments.container, status))
        verdict(problems, debug, sys.stderr if arguments.json else sys.stdout)
        return 1 if problems else 0


def verdict(problems, debug, stream):
    for problem in problems:
        print(picture.bad("not as it should be: " + problem, stream), file=stream)
    if not problems:
        workers = sum(process["role"] == "worker" for process in debug["processes"])
        print(picture.good("every expected event was heard exactly once in each of %d workers, the replacement included"
                           % workers, stream), file=stream)


if __name__ == "__main__":
    # At SIGTERM and SIGHUP this process ends its server before it exits.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    try:
        sys.exit(main())
    except ServerError as error:
        progress("")
        print("examples/run: %s" % error, file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
