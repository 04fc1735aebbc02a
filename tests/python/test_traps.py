# SPDX-License-Identifier: MIT
"""Traps of the original package that this package avoids. Each scenario runs with both, and must distinguish them."""

import os
import signal
import subprocess
import unittest

import hosts
from hosts import PROLOGUE, SEED_APPLICATION


#: The module that the original needs under uWSGI. Debian has it in a separate package.
DECORATORS = """
import uwsgi
chain = []
def call_all():
    for one in chain:
        one()
uwsgi.post_fork_hook = call_all
def postfork(function):
    chain.append(function)
    return function
"""


class Trap(hosts.Case):
    """`check` holds with this package, and fails with the original, because of the trap."""

    def original(self):
        """Uses the original from now on, in an environment in which it works."""
        for left in self.directory.iterdir():
            if left.is_file() and left.name != "conf.py":
                left.unlink()
        self.venv = hosts.ORIGINAL

    def both(self, check, reason):
        check()
        self.original()
        with self.assertRaises((AssertionError, hosts.server.ServerError),
                               msg="the original does not fall into this trap any more") as caught:
            check()
        self.assertRegex(str(caught.exception), reason)


THREE = "events.ApplicationPreFork, events.ApplicationPostFork, events.ApplicationPostWorkerInit"
RAISES = PROLOGUE + """
def broken(event):
    raise ValueError("broken on purpose")

import sys
def application_with(config_event):
    config = Configurator(settings={"forksafe.on_failure": "open"})
    config.include("pyramid_forksafe")
    config.add_subscriber(broken, config_event)
    config.add_subscriber(hear, config_event)
    config.add_route("debug", "/")
    config.add_view(debug, route_name="debug")
    return config.make_wsgi_app()
"""


class Gunicorn(Trap):
    def test_application_is_never_loaded_in_the_arbiter(self):
        def check():
            host = self.serve("gunicorn")
            self.wait_for(host, 2, "ApplicationPostFork")
            loaded = [words[1] for words in self.trace("load")]
            self.assertNotIn(host.pid, loaded, "loaded in the arbiter")
            self.assertEqual(len(loaded), 2)

        self.both(check, "loaded in the arbiter")

    def test_subscriber_that_raises_after_the_fork_hides_no_other_and_stops_nothing(self):
        def check():
            host = self.serve("gunicorn", "--preload",
                              application=RAISES + "application = application_with(events.ApplicationPostFork)\n")
            self.wait_for(host, 2, "ApplicationPostFork")
            self.assertEqual(host.get("/")[0], 200)
            self.assertNotIn(["containers.gunicorn.post_fork", "ApplicationPostFork"], self.debug(host)["executed_hooks"])
            self.assertIn("broken on purpose", host.log_text())

        self.both(check, r"(?s)ended with status 3 .*ValueError: broken on purpose")

    def test_subscriber_that_raises_before_the_fork_stops_nothing(self):
        def check():
            host = self.serve("gunicorn", "--preload",
                              application=RAISES + "application = application_with(events.ApplicationPreFork)\n")
            self.wait_for(host, 2, "ApplicationPreFork")
            self.assertEqual(host.get("/")[0], 200)

        self.both(check, r"(?s)ended with status 255 .*ValueError: broken on purpose")

    def test_reload_doubles_nothing(self):
        """Each SIGHUP executes the configuration file again, which registers its hooks again."""
        self.write("conf.py", hosts.SEED_CONFIGURATION + "try:\n    from forksafe.gunicorn import *\nexcept ImportError:\n    pass\n")

        def check():
            host = self.serve("gunicorn")
            self.wait_for(host, 2, "ApplicationPostFork")
            for reloads in (1, 2):
                host.signal(signal.SIGHUP)
                self.wait_for(host, 2 * (reloads + 1), "ApplicationPostWorkerInit")
            heard = [words[1] for words in self.trace("ApplicationPostFork")]
            self.assertEqual(len(heard), len(set(heard)), "each worker heard of its fork once")
            self.assertEqual(len(heard), 6)
            # Each worker loads it again, as gunicorn does without preload_app.
            self.assertEqual(len(self.trace("load")), 6, "loads")

        self.both(check, "1 != 6 : loads")


class Uwsgi(Trap):
    def original(self):
        super().original()
        self.write("uwsgidecorators.py", DECORATORS)

    def test_original_hears_its_forks(self):
        """Without this case, each of these traps could only show that the original hears nothing."""
        self.original()
        host = self.serve("uwsgi")
        self.wait_for(host, 2, "ApplicationPostFork")
        self.assertIn(["containers.uwsgi.post_fork_hook", "ApplicationPostFork"], self.debug(host)["executed_hooks"])

    def test_lazy_apps_hear_once(self):
        def check():
            host = self.serve("uwsgi", "--lazy-apps")
            heard = self.wait_for(host, 2, "ApplicationPostFork")
            self.assertEqual(len({words[1] for words in heard}), 2)
            os.kill(heard[0][1], signal.SIGKILL)
            heard = self.wait_for(host, 3, "ApplicationPostFork")
            self.assertEqual(len({words[1] for words in heard}), len(heard))

        self.both(check, "waited .* for 2 x ApplicationPostFork")

    def test_subscriber_that_raises_hides_no_other(self):
        def check():
            host = self.serve("uwsgi", application=RAISES + "application = application_with(events.ApplicationPostFork)\n")
            self.wait_for(host, 2, "ApplicationPostFork")
            self.assertEqual(self.debug(host)["executed_hooks"], [])

        self.both(check, r"(?s)waited .* for 2 x ApplicationPostFork.*ValueError: broken on purpose")

    def test_python_thread_of_the_master_hangs_no_worker(self):
        """The thread holds the interpreter's lock at nearly every fork. It does not exist in the child, to release it."""
        def check():
            # A worker that hangs so is killed this many seconds after the server was told to stop.
            host = self.serve("uwsgi", "--enable-threads", "--worker-reload-mercy", "4", wait=False, application=SEED_APPLICATION + """
import threading
def busy():
    while True:
        pass
threading.Thread(target=busy, daemon=True).start()
""")
            heard = self.wait_for(host, 2, "ApplicationPostFork")
            os.kill(heard[0][1], signal.SIGKILL)
            self.wait_for(host, 3, "ApplicationPostFork")
            self.assertEqual(host.get("/")[0], 200)

        self.both(check, "waited .* for [23] x ApplicationPostFork")

    def test_mules_and_spoolers_are_told_apart(self):
        (self.directory / "spool").mkdir()

        def check():
            host = self.serve("uwsgi", "--mule", "--mule", "--spooler", str(self.directory / "spool"))
            heard = self.wait_for(host, 5, "ApplicationPostFork")
            self.assertEqual(sorted(words[2] or "" for words in heard), ["mule", "mule", "spooler", "worker", "worker"])

        self.both(check, r"Lists differ: .*''")

    def test_without_uwsgidecorators(self):
        """Debian has the module in a separate package, which is not installed."""
        missing = subprocess.run([str(self.venv / "bin" / "python"), "-c", "import uwsgidecorators"], capture_output=True,
                                 check=False)
        self.assertNotEqual(missing.returncode, 0, "this machine has uwsgidecorators: the scenario cannot be made here")

        def check():
            host = self.serve("uwsgi")
            self.wait_for(host, 2, "ApplicationPostFork")

        check()
        Trap.original(self)
        with self.assertRaisesRegex(hosts.server.ServerError, "waited .* for 2 x ApplicationPostFork"):
            check()

    def test_hooks_of_uwsgidecorators_run_too(self):
        """A module of that name sets uWSGI's hook and drops what was set before: both are called."""
        self.write("uwsgidecorators.py", DECORATORS)
        host = self.serve("uwsgi", application=PROLOGUE + """
application = make(events.ApplicationPostFork)
from uwsgidecorators import postfork
@postfork
def decorated():
    tell("decorated", os.getpid())
""")
        heard = self.wait_for(host, 2, "decorated")
        self.assertEqual(sorted(words[1] for words in heard),
                         sorted(words[1] for words in self.wait_for(host, 2, "ApplicationPostFork")))


class Anywhere(Trap):
    def test_events_print_nothing(self):
        def check():
            done = subprocess.run([str(self.venv / "bin" / "python"), "-c", "from pyramid_forksafe.events import *; "
                                   "ApplicationPreFork(None), ApplicationPostFork(None), ApplicationPostWorkerInit(None)"],
                                  capture_output=True, text=True, check=True)
            self.assertEqual(done.stdout, "")

        self.both(check, "ApplicationPreFork")

    def test_further_events(self):
        names = ("ApplicationPostForkParent", "ApplicationWorkerReady", "ApplicationWorkerExit", "ApplicationWorkerReaped",
                 "ApplicationServerStarting", "ApplicationServerReady")
        # The server has as many hooks as it reports.
        self.write("conf.py", "import pyramid_forksafe.containers.gunicorn as hooks\n"
                   "globals().update({name: getattr(hooks, name) for name in dir(hooks) if name[0] != '_'})\n")

        def check():
            listening = ", ".join("events." + name for name in names)
            host = self.serve("gunicorn", "--preload", application=PROLOGUE + "application = make(%s)\n" % listening)
            self.wait_for(host, 2, "ApplicationWorkerReady")
            host.stop()
            self.assertEqual({words[0] for words in self.trace()} - {"load"}, set(names))

        self.both(check, "module 'pyramid_forksafe.events' has no attribute 'ApplicationPostForkParent'")


if __name__ == "__main__":
    unittest.main()
