# SPDX-License-Identifier: MIT
"""Runs a Pyramid application in each container that runs Python, with this package or the original in its environment."""

import os
import pathlib
import re
import sys
import tempfile
import textwrap
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "examples" / "support"))

import server  # noqa: E402

OURS = pathlib.Path(os.environ["FORKSAFE_PYTHON_VENV"])
ORIGINAL = pathlib.Path(os.environ.get("FORKSAFE_ORIGINAL_VENV", ""))
ARTEFACTS = pathlib.Path(os.environ.get("FORKSAFE_ARTEFACTS", ""))

#: The beginning of every application: a trace to which all processes write.
PROLOGUE = """
import json, os
from pyramid.config import Configurator
from pyramid.response import Response
from pyramid_forksafe import events

def tell(*words):
    with open(os.environ["TRACE"], "a") as trace:
        trace.write(json.dumps(words) + "\\n")

def hear(event):
    tell(type(event).__name__, os.getpid(), getattr(event, "role", None), getattr(event, "late", None))

def debug(request):
    return Response(json.dumps(dict(request.registry.pyramid_forksafe), default=sorted))

def make(*events, include="pyramid_forksafe", subscriber=hear, **settings):
    tell("load", os.getpid())
    config = Configurator(settings=settings)
    config.include(include)
    for event in events:
        config.add_subscriber(subscriber, event)
    config.add_route("debug", "/")
    config.add_view(debug, route_name="debug")
    return config.make_wsgi_app()
"""

SEED_APPLICATION = PROLOGUE + """
application = make(events.ApplicationPreFork, events.ApplicationPostFork, events.ApplicationPostWorkerInit)
"""

SEED_CONFIGURATION = """
from pyramid_forksafe.containers.gunicorn import pre_fork, post_fork, post_worker_init
"""


class Host(server.Server):
    """`kind` is uwsgi, gunicorn or waitress; the application is `app:application` in the directory."""

    def __init__(self, kind, directory, venv, options=(), environment=None, master=True, workers=2):
        self.master, self.venv, self.directory = master, venv, directory
        super().__init__("gunicorn", directory, "app", directory / "log", workers=workers, options=options,
                         environment={"TRACE": str(directory / "trace"), "PYTHONPATH": str(directory), "HOME": str(directory),
                                      **(environment or {})})
        self.kind = kind

    def command(self):
        if self.kind == "uwsgi":
            base = ["uwsgi", "--plugin", "python3", "--virtualenv", str(self.venv), "--http-socket", self.address,
                    "--processes", str(self.workers), "--wsgi-file", str(self.directory / "app.py"), "--die-on-term"]
            base += ["--master"] if self.master else []
        elif self.kind == "gunicorn":
            base = [str(self.venv / "bin" / "gunicorn"), "-c", str(self.directory / "conf.py"), "-b", self.address,
                    "-w", str(self.workers), "--graceful-timeout", "5", "app:application"]
        else:
            base = [str(self.venv / "bin" / "waitress-serve"), "--listen", self.address, "app:application"]
        return base + self.options

    def wait_for(self, condition, what, seconds=None):
        """Waits a shorter time for what the original never does."""
        return super().wait_for(condition, what, seconds or (6 if self.venv == ORIGINAL else 30))


    def wait_for_idle_worker(self):
        """uWSGI's Python plugin runs no exit handler in a worker that is busy, and a worker is busy until after its answer and
        the line about it: the worker sleeps then."""
        def is_idle():
            answered = re.search(r"^\[pid: (\d+)\|.* generated ", self.log_text(), re.MULTILINE)
            status = answered and pathlib.Path("/proc/%s/stat" % answered[1]).read_text()
            return status and status.rpartition(")")[2].split()[0] == "S"
        self.wait_for(is_idle, "the end of the first request")


class Case(unittest.TestCase):
    venv = OURS

    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="forksafe-")
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)
        self.write("conf.py", SEED_CONFIGURATION)

    def write(self, name, text):
        (self.directory / name).write_text(textwrap.dedent(text))

    def serve(self, kind, *options, application=SEED_APPLICATION, wait=True, **arguments):
        self.write("app.py", application)
        host = Host(kind, self.directory, self.venv, options, **arguments)
        self.addCleanup(host.stop)
        return host.start(wait)

    def debug(self, host):
        import json
        status, body = host.get("/")
        self.assertEqual(status, 200, host.log_text())
        return json.loads(body)

    def trace(self, name=None):
        import json
        path = self.directory / "trace"
        lines = path.read_text().splitlines() if path.exists() else []
        told = [json.loads(line) for line in lines]
        return [words for words in told if name in (None, words[0])]

    def wait_for(self, host, count, name):
        return host.wait_for(lambda: len(self.trace(name)) >= count and self.trace(name), "%d x %s" % (count, name))
