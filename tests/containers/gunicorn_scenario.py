# SPDX-License-Identifier: MIT
"""The common parts of gunicorn's scenarios: its two versions, ways to start it, and a look at its processes."""

import os
import pathlib

import scenarios
import server

VENV = pathlib.Path(os.environ.get("FORKSAFE_GUNICORN_VENV", ""))
PROGRAMS = {"Debian": "/usr/bin/gunicorn", "Newest": str(VENV / "bin" / "gunicorn")}

USER_APPLICATION = """
import os, signal, subprocess, sys
with open(os.environ["IMPORTS"], "a") as imports:
    imports.write("%d\\n" % os.getpid())

def app(environ, start_response):
    if environ["PATH_INFO"] == "/subprocess":
        subprocess.run(["true"], preexec_fn=lambda: None, check=True)
    answer = os.getpid()
    if environ["PATH_INFO"].startswith("/fork-"):
        answer = os.fork()
        if answer == 0:
            with open(os.environ["IMPORTS"], "a") as imports:
                imports.write("%d\\n" % os.getpid())
            # Whatever becomes of it, it does not stay.
            signal.alarm(5)
            if environ["PATH_INFO"] == "/fork-exit":
                sys.exit(0)
            os.kill(os.getpid(), signal.SIGABRT)
        os.waitpid(answer, 0)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(answer).encode()]
"""


for_each_version = scenarios.for_each_version(PROGRAMS)


class Gunicorn(server.Server):
    """Starts gunicorn with another configuration or application than the extension, if one is given."""

    def __init__(self, *arguments, configuration=None, application=None, **keywords):
        super().__init__(*arguments, **keywords)
        self.configuration = configuration
        self.application = application

    def command(self):
        # A worker loses a signal that comes between its fork and its handlers. gunicorn then waits so long for it.
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

    def serve_user_application(self, *options, **arguments):
        self.write("user.py", USER_APPLICATION)
        return self.serve(*options, application="user:app", **arguments)

    def imported_by(self):
        """The processes that have imported the user's application."""
        return [int(line) for line in self.imports_path.read_text().split()]

    def ready(self):
        """The living workers, in the order in which they became ready."""
        return [event.pid for event in self.trace("WorkerReady") if scenarios.status_of(event.pid)]
