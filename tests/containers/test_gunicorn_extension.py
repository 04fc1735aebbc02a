# SPDX-License-Identifier: MIT
"""The extension as a Python module, without a server: its exports, and hooks that are called with stand-ins."""

import glob
import inspect
import os
import pathlib
import subprocess
import sys
import unittest

import scenarios
from gunicorn_scenario import VENV

ARTEFACTS = os.environ["FORKSAFE_ARTEFACTS"]
ARITIES = {"on_starting": 1, "when_ready": 1, "on_reload": 1, "pre_fork": 2, "post_fork": 2, "post_worker_init": 1,
           "worker_abort": 1, "worker_exit": 2, "child_exit": 2, "on_exit": 1}
OWN = {"application", "debug", "mark_configured", "report"}


def in_python(program, code, **environment):
    """The output of a separate Python that runs the code with the extension on its path."""
    done = subprocess.run([program, "-W", "error", "-c", code], capture_output=True, text=True,
                          env={**os.environ, "PYTHONPATH": ARTEFACTS, **environment})
    if done.returncode != 0:
        raise AssertionError(done.stdout + done.stderr)
    return done.stdout


class Extension(scenarios.Scenario):
    def test_without_gunicorn(self):
        self.assertEqual(in_python("/usr/bin/python3", """
import probe
debug = probe.debug()
print([debug[key] for key in ("status", "environment", "autoconfigure.log", "executed_hooks")])
probe.mark_configured()
debug = probe.debug()
print([debug[key] for key in ("status", "environment", "autoconfigure.log", "executed_hooks")])
""", PROBE_TRACE=str(self.trace_path)), """\
['attempting auto-configure', None, ['gunicorn not available'], set()]
['gunicorn mark_configured', 'gunicorn', ['gunicorn mark_configured'], set()]
""")
        self.assertEqual(self.trace(), [])

    def test_signatures(self):
        sys.path.insert(0, ARTEFACTS)
        import probe
        names = {name for name in vars(probe) if not name.startswith("__")}
        self.assertEqual(names, set(ARITIES) | OWN)
        for name, arity in ARITIES.items():
            self.assertEqual(len(inspect.signature(getattr(probe, name)).parameters), arity, name)
            self.assertRegex(getattr(probe, name).__doc__, r"Raises Application\w+ \((master|worker)\)")
            with self.assertRaises(TypeError):
                getattr(probe, name)(*[None] * (arity + 1))
        self.assertEqual(str(inspect.signature(probe.application)), "(environ, start_response, /)")
        self.assertEqual(str(inspect.signature(probe.mark_configured)), "(registry=None, /)")
        self.assertIn("after_in_parent", probe.report())

    def test_hooks_only(self):
        names = in_python("/usr/bin/python3", "import hooks_only; print(*dir(hooks_only))").split()
        self.assertEqual({name for name in names if not name.startswith("__")}, set(ARITIES) | OWN - {"application"})

    def test_arity_table_of_gunicorn(self):
        code = """
import sys
sys.path.insert(0, %r)
import gunicorn.config, gunicorn.util, probe
known = gunicorn.config.make_settings()
for name in sys.argv[1:] or %r:
    known[name].set(getattr(probe, name))
for name in set(vars(probe)) & set(known) - set(%r):
    raise SystemExit("gunicorn takes %%s for a setting" %% name)
print(gunicorn.__version__)
"""
        packages = {"Debian": "/usr/lib/python3/dist-packages",
                    "Newest": glob.glob(str(VENV / "lib/python3*/site-packages"))[0]}
        for version, path in packages.items():
            found = in_python(sys.executable, code % (path, list(ARITIES), list(ARITIES)))
            self.assertEqual(found.startswith("20.1"), version == "Debian", found)

    def test_other_pythons(self):
        tried = []
        for program in sorted(glob.glob(os.path.expanduser("~/.pyenv/versions/3.*/bin/python3"))):
            version = tuple(map(int, pathlib.Path(program).parents[1].name.split(".")[:2]))
            if version < (3, 9):
                continue
            tried.append(version)
            answer = in_python(program, """
import io, probe
print(probe.debug()["status"])
print(probe.application({"REQUEST_METHOD": "POST", "PATH_INFO": "/echo", "wsgi.input": io.BytesIO(b"body more"),
                         "CONTENT_LENGTH": "4"}, lambda status, headers: print(status, headers)))
""")
            self.assertEqual(answer, """\
attempting auto-configure
200 OK [('Content-Type', 'text/plain'), ('Content-Length', '52')]
[b'POST /echo path=/echo query= x-probe= headers=1\\nbody']
""", program)
        if not set(tried) - {sys.version_info[:2]}:
            self.skipTest("no CPython beside %d.%d is installed" % sys.version_info[:2])

    def test_worker_that_the_arbiter_finds_gone(self):
        # If a worker's signal does not arrive, gunicorn calls worker_exit in the arbiter, and not child_exit.
        os.environ["PROBE_TRACE"] = str(self.trace_path)
        code = """
import probe
class Object: pass
server, worker = Object(), Object()
server.WORKERS = {}
worker.age, worker.pid = 7, "[booting]"
probe.pre_fork(server, worker)
assert worker.forksafe_slot == 1
worker.pid = 2
server.WORKERS = {2: worker}
probe.worker_exit(server, worker)
server.WORKERS = {}
second = Object()
second.age, second.pid = 8, "[booting]"
probe.pre_fork(server, second)
assert second.forksafe_slot == 1
third = Object()
third.age, third.pid = 9, "[booting]"
server.WORKERS = {3: second}
probe.pre_fork(server, third)
assert third.forksafe_slot == 2
probe.on_exit(server)
"""
        in_python(sys.executable, code, PROBE_TRACE=str(self.trace_path))
        self.assertEqual([(event.event, event.role, event.child) for event in self.trace()],
                         [("PreFork", "master", 0), ("WorkerReaped", "master", 2)] +
                         [("PostForkParent", "master", 0), ("PreFork", "master", 0)] * 2 +
                         [("PostForkParent", "master", 0), ("ServerExit", "master", 0)])

    def test_strange_arguments_do_no_harm(self):
        in_python(sys.executable, """
import probe
class Hostile:
    def __getattr__(self, name):
        raise KeyError(name)
class Slotted:
    __slots__ = ("age", "pid")
slotted = Slotted()
slotted.age, slotted.pid = 2 ** 80, 2 ** 80
for argument in (None, 1, Hostile(), slotted, type, object()):
    for name, arity in %r.items():
        assert getattr(probe, name)(*[argument] * arity) is None
slotted.age = 3
probe.pre_fork(Hostile(), slotted)
""" % ARITIES)

    def test_imported_again(self):
        in_python(sys.executable, """
import sys, probe
probe.mark_configured()
del sys.modules["probe"]
import probe
assert probe.debug()["status"] == "gunicorn mark_configured"
""")


if __name__ == "__main__":
    unittest.main()
