# SPDX-License-Identifier: MIT
"""The common parts of all containers' scenarios: the probe application, its trace of events, and a look at processes."""

import collections
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "examples" / "support"))

import server  # noqa: E402

Event = collections.namedtuple(
    "Event", "event hook role slot incarnation pid parent forked app_loaded respawn late child")


def counted(size):
    """The probe's answer to /big?bytes=SIZE: numbered lines, no part of which can stand for another."""
    return "".join("%07d\n" % number for number in range(size // 8 + 1))[:size]


def read_trace(path):
    """The events that the processes of one server have heard, in order."""
    text = path.read_text() if path.exists() else ""
    lines = text.splitlines(keepends=True)
    words = [line.split() for line in lines if line.endswith("\n")]
    return [Event(name.removeprefix("Application"), hook, role, *map(int, rest)) for name, hook, role, *rest in words]


def status_of(pid):
    """The fields of /proc/PID/status; empty if the process has exited."""
    try:
        lines = pathlib.Path("/proc/%d/status" % pid).read_text().splitlines()
    except OSError:
        return {}
    return dict((key, value.strip()) for key, _, value in (line.partition(":") for line in lines))


def descendants(pid):
    """The pids of all processes below `pid`, including dead ones that are not reaped."""
    parents = {}
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            parents[int(entry.name)] = int(status_of(int(entry.name)).get("PPid", 0))
    found, level = [], [pid]
    while level:
        level = sorted(child for child, parent in parents.items() if parent in level)
        found += level
    return found


def open_descriptors(pid):
    return len(os.listdir("/proc/%d/fd" % pid))


def shared_mappings(pid):
    """The number of shared mappings of a process, anonymous ones included."""
    lines = pathlib.Path("/proc/%d/maps" % pid).read_text().splitlines()
    return sum(1 for line in lines if line.split()[1].endswith("s"))


def for_each_version(programs):
    """A decorator that makes one class of scenarios for each version of the container: OrderDebian and OrderNewest for Order,
    if `programs` has the names Debian and Newest."""
    def make(scenario):
        module = sys.modules[scenario.__module__]
        for version, program in programs.items():
            name = scenario.__name__ + version
            setattr(module, name, type(name, (scenario,), {"__module__": scenario.__module__, "program": program,
                                                         "version": version}))
    return make


class Scenario(unittest.TestCase):
    """A test against the real container. `serve` starts it; the end of the test stops it and removes its files."""

    application = "probe"

    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="forksafe-")
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)
        self.directory.chmod(0o777)
        self.trace_path = self.directory / "trace"

    def make_server(self, *options, workers=2, settings=None, make=server.Server, **arguments):
        """A server that is not started yet. `settings` are those of the probe, as in {"trouble.on": "..."}."""
        values = {"trace": self.trace_path, **(settings or {})}
        environment = {"PROBE_" + key.upper().replace(".", "_"): str(value) for key, value in values.items()}
        log = self.directory / "log"
        made = make(os.environ["FORKSAFE_CONTAINER"], os.environ["FORKSAFE_ARTEFACTS"], self.application, log,
                    workers=workers, options=options, environment={**environment, **arguments.pop("environment", {})},
                    **arguments)
        self.addCleanup(self.finish, made)
        return made

    def finish(self, made):
        """Stops the server. A sanitizer's report is a failure, even if the process that it ended was replaced."""
        if made.process:
            made.stop()
        self.assertNotRegex(made.log_text(), "Sanitizer:|runtime error:")

    def write(self, name, text):
        path = self.directory / name
        path.write_text(text)
        path.chmod(0o755)
        return str(path)

    def preloaded(self, source):
        """The environment that preloads a C library which does this when it is loaded."""
        library = self.directory / "preloaded.so"
        text = self.write("preloaded.c", source)
        subprocess.run(["gcc", "-shared", "-fPIC", "-pthread", text, "-o", str(library)], check=True)
        return {"LD_PRELOAD": str(library)}

    def serve(self, *options, **arguments):
        return self.make_server(*options, **arguments).start()

    def trace(self, event=None, **fields):
        """The events heard so far, in order; only those with this name and these fields, if they are given."""
        wanted = dict(fields, event=event) if event else fields
        return [one for one in read_trace(self.trace_path)
                if all(getattr(one, key) == value for key, value in wanted.items())]

    def names(self, pid):
        """The names of the events that one process has heard, in order."""
        return [one.event for one in self.trace(pid=pid)]

    def wait_for_events(self, running, event, count, **fields):
        running.wait_for(lambda: len(self.trace(event, **fields)) >= count, "%d %s" % (count, event))

    def check_forks(self, master):
        """Every announced fork was closed once before the next one, and every child heard its events once and in order."""
        bracket = [name for name in self.names(master) if name in ("PreFork", "PostForkParent")]
        self.assertEqual(bracket, ["PreFork", "PostForkParent"] * (len(bracket) // 2))
        born = ["PostFork", "PostWorkerInit", "WorkerReady"]
        for pid in {event.pid for event in self.trace()} - {master}:
            names = self.names(pid)
            self.assertEqual(names[:3], born[:len(names)])
            self.assertIn(names[3:], ([], ["WorkerExit"], ["WorkerAbort"], ["WorkerAbort", "WorkerExit"]))
        forked = len(bracket) // 2
        self.assertEqual(len(self.trace("PostFork")), forked)
        self.check_slots()

    def check_slots(self):
        """No two workers that lived at the same time shared a slot, and a slot counts its workers."""
        holders, filled = {}, {}
        for event in self.trace():
            if event.event == "PostFork":
                self.assertNotIn(event.slot, holders.values())
                holders[event.pid] = event.slot
                filled[event.slot] = filled.get(event.slot, 0) + 1
                self.assertEqual(event.incarnation, filled[event.slot])
                self.assertEqual(event.respawn, event.incarnation > 1)
            elif event.event == "WorkerReaped":
                holders.pop(event.child)

    def incidents(self, running, what):
        """What the debug object of a living worker shows of the whole server."""
        return [one for one in running.debug()["incidents"] if one["what"] == what]

    def check_storm_of_deaths(self, running, slot):
        """The workers of a slot die inside the same subscriber again and again, and the worker of another slot shows it."""
        storm, = running.wait_for(lambda: self.incidents(running, "respawn_storm"), "a respawn storm", 120)
        self.assertEqual((storm["role"], storm["slot"]), ("worker", slot))
        self.assertGreaterEqual(storm["times"], 5)
        deaths = self.incidents(running, "died_inside")
        self.assertGreaterEqual(sum(one["times"] for one in deaths), 5)
        self.assertEqual({(one["role"], one["slot"], one["event"], one["hook"], one["subscriber"]) for one in deaths},
                         {("worker", slot, "ApplicationPostFork", "post_fork", "probe::Trouble")})
        dead = {one.pid for one in self.trace("PostFork", slot=slot)}
        self.assertLessEqual({one["pid"] for one in deaths}, dead)
        records = [one for one in running.debug()["journal"]["records"] if one["outcome"] == "died_inside"]
        self.assertGreaterEqual(len(records), 5)
        self.assertLessEqual({one["pid"] for one in records}, dead)
        self.assertEqual(self.trace("WorkerReady", slot=slot), [])
        self.assertRegex(running.log_text(), r"subscriber probe::Trouble failed on ApplicationPostFork \(hook post_fork, "
                                             r"worker %d, pid \d+\): its process ended inside it" % slot)
