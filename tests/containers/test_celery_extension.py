# SPDX-License-Identifier: MIT
"""The extension as a Python module, without a worker: its exports, and the signals to which it connects."""

import inspect
import os
import subprocess
import sys
import unittest

import scenarios
from celery_scenario import PROGRAMS

ARTEFACTS = os.environ["FORKSAFE_ARTEFACTS"]
SIGNALS = {"celeryd_init", "worker_before_create_process", "worker_process_init", "worker_process_shutdown", "worker_ready",
           "worker_shutdown"}
OWN = {"connect", "debug", "handle", "report"}


def in_python(program, code, **environment):
    """The output of a separate Python that runs the code with the extension on its path."""
    done = subprocess.run([program, "-c", code], capture_output=True, text=True,
                          env={**os.environ, "PYTHONPATH": ARTEFACTS, **environment})
    if done.returncode != 0:
        raise AssertionError(done.stdout + done.stderr)
    return done.stdout


class Extension(scenarios.Scenario):
    def test_methods(self):
        sys.path.insert(0, ARTEFACTS)
        import probe
        self.assertEqual({name for name in vars(probe) if not name.startswith("__")}, SIGNALS | OWN)
        for name in SIGNALS:
            self.assertEqual(str(inspect.signature(getattr(probe, name))), "(*args, **kwargs)", name)
            self.assertRegex(getattr(probe, name).__doc__, r"Raises Application\w+ \((master|worker)")
        self.assertIn("after_in_parent", probe.report())

    def test_without_a_worker(self):
        for version, program in PROGRAMS.items():
            with self.subTest(version):
                self.assertEqual(in_python(program, """
import os, subprocess, probe
subprocess.run(["true"], preexec_fn=lambda: None, check=True)
debug = probe.debug()
print([debug[key] for key in ("status", "environment", "autoconfigure.log", "executed_hooks")])
print(probe.handle("POST", "/echo?key=value", b"body"))
try:
    probe.handle("GET")
except TypeError:
    print("TypeError")
""", PROBE_TRACE=str(self.trace_path)), """\
['attempting auto-configure', None, ['Celery not available'], set()]
(200, b'POST /echo?key=value path=/echo query=key=value x-probe= headers=0\\nbody')
TypeError
""")
        self.assertEqual(self.trace(), [])

    def test_without_celery(self):
        self.assertEqual(in_python("/usr/bin/python3", """
import sys
sys.modules["celery"] = None
import probe
probe.connect()
print(probe.debug()["status"])
"""), "attempting auto-configure\n")

    def test_connected_strongly_and_once(self):
        code = """
import gc, sys
import celery.signals as signals
before = {name: len(getattr(signals, name).receivers) for name in sys.argv[1:]}
import probe
probe.connect()
del sys.modules["probe"]
import probe
probe.connect()
del sys.modules["probe"], probe
gc.collect()
for name in sys.argv[1:]:
    receivers = getattr(signals, name).receivers[before[name]:]
    assert len(receivers) == 1, (name, receivers)
    assert type(receivers[0][1]).__name__ == "builtin_function_or_method", receivers
"""
        for version, program in PROGRAMS.items():
            names = sorted(SIGNALS - ({"worker_before_create_process"} if version == "Debian" else set()))
            with self.subTest(version):
                in_python(program, "import sys\nsys.argv[1:] = %r\n%s" % (names, code))

    def test_strange_keywords_do_no_harm(self):
        in_python("/usr/bin/python3", """
import probe
class Hostile:
    def __getattr__(self, name):
        raise KeyError(name)
for argument in (None, 1, Hostile(), object()):
    for name in %r:
        assert getattr(probe, name)() is None
        assert getattr(probe, name)(signal=None, sender=argument, instance=argument, pid=argument) is None
""" % sorted(SIGNALS))


if __name__ == "__main__":
    unittest.main()
