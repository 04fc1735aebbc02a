# SPDX-License-Identifier: MIT
"""What the scenarios of gunicorn share: its two versions, ways to start it, and a look at its processes."""

import os
import pathlib
import sys

import scenarios
import server

VENV = pathlib.Path(os.environ.get("FORKSAFE_GUNICORN_VENV", ""))
PROGRAMS = {"Debian": "/usr/bin/gunicorn", "Newest": str(VENV / "bin" / "gunicorn")}

USER_APPLICATION = """
import os, subprocess
with open(os.environ["IMPORTS"], "a") as imports:
    imports.write("%d\\n" % os.getpid())

def app(environ, start_response):
    if environ["PATH_INFO"] == "/subprocess":
        subprocess.run(["true"], preexec_fn=lambda: None, check=True)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(os.getpid()).encode()]
"""


def for_each_version(scenario):
    """Makes of a class of scenarios one for each gunicorn: OrderDebian and OrderNewest of Order."""
    module = sys.modules[scenario.__module__]
    for version, program in PROGRAMS.items():
        name = scenario.__name__ + version
        setattr(module, name, type(name, (scenario,), {"__module__": scenario.__module__, "program": program,
                                                     "version": version}))


class Gunicorn(server.Server):
    """Started with another configuration or application than the extension, where one is named."""

    def __init__(self, *arguments, configuration=None, application=None, **keywords):
        super().__init__(*arguments, **keywords)
        self.configuration = configuration
        self.application = application

    def command(self):
        # A worker loses a signal that comes between its fork and its own handlers; gunicorn waits so long for it then.
        return [self.program, "-c", self.configuration or "python:" + self.name,
                self.application or self.name + ":application", "--bind", self.address, "--workers",
                str(self.workers), "--graceful-timeout", "5"] + self.options


class GunicornScenario(scenarios.Scenario):
    program = PROGRAMS["Debian"]
    version = "Debian"

    def setUp(self):
        super().setUp()
        self.imports_path = self.directory / "imports"

    def make_server(self, *options, environment=None, **arguments):
        # gunicorn 25.1 and later makes its control socket below HOME.
        own = {"HOME": str(self.directory), "PYTHONPATH": str(self.directory), "IMPORTS": str(self.imports_path)}
        return super().make_server(*options, make=Gunicorn, program=arguments.pop("program", self.program),
                                   environment={**own, **(environment or {})}, **arguments)

    def write(self, name, text):
        path = self.directory / name
        path.write_text(text)
        path.chmod(0o755)
        return str(path)

    def serve_user_application(self, *options, **arguments):
        self.write("user.py", USER_APPLICATION)
        return self.serve(*options, application="user:app", **arguments)

    def imported_by(self):
        """The processes in which the user's own application was imported."""
        return [int(line) for line in self.imports_path.read_text().split()]

    def ready(self):
        """The workers that live, in the order of their readiness."""
        return [event.pid for event in self.trace("WorkerReady") if scenarios.status_of(event.pid)]

    def wait_for_events(self, running, event, count, **fields):
        running.wait_for(lambda: len(self.trace(event, **fields)) >= count, "%d %s" % (count, event))

    def check_forks(self, arbiter):
        """Every announced fork was closed once before the next, and every child heard its story once and in order."""
        bracket = [name for name in self.names(arbiter) if name in ("PreFork", "PostForkParent")]
        self.assertEqual(bracket, ["PreFork", "PostForkParent"] * (len(bracket) // 2))
        born = ["PostFork", "PostWorkerInit", "WorkerReady"]
        for pid in {event.pid for event in self.trace()} - {arbiter}:
            names = self.names(pid)
            self.assertEqual(names[:3], born[:len(names)])
            self.assertIn(names[3:], ([], ["WorkerExit"], ["WorkerAbort"], ["WorkerAbort", "WorkerExit"]))
        forked = len(bracket) // 2
        self.assertEqual(len(self.trace("PostFork")), forked)
        self.check_slots()

    def check_slots(self):
        """No two workers that lived at the same time shared a slot, and a slot counts who filled it."""
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
