# SPDX-License-Identifier: MIT
"""Subscribers that misbehave, and what prevents the start of a server."""

import os
import signal
import socket
import subprocess
import unittest

import scenarios
from gunicorn_scenario import GunicornScenario, for_each_version


HANGS_IN_THE_FIRST_FORK = """
#include <pthread.h>
#include <unistd.h>
static int forks;
static void count(void) { ++forks; }
static void wait_once(void) { while (forks == 1) pause(); }
__attribute__((constructor)) static void begin(void) { pthread_atfork(count, 0, wait_once); }
"""


@for_each_version
class Trouble(GunicornScenario):
    def check_replaced(self, event, kind, words):
        """One worker fails. The server stays, replaces it, and the replacement serves."""
        running = self.serve(workers=1, settings={"trouble.on": event, "trouble.kind": kind, "trouble.incarnations": 1})
        self.wait_for_events(running, "WorkerReady", 1)
        self.assertEqual([(one.slot, one.incarnation) for one in self.trace("PostFork")], [(1, 1), (1, 2)])
        failed, serving = [one.pid for one in self.trace("PostFork")]
        self.assertEqual(running.get("/"), (200, str(serving)))
        self.assertEqual([one.child for one in self.trace("WorkerReaped")], [failed])
        self.assertRegex(running.log_text(), r"subscriber probe::Trouble failed on %s .*worker.*%s" % (event, words))
        self.assertIn("worker does not serve after its failed %s" % event, running.log_text())
        self.assertEqual(running.stop(), 0)

    def test_throw_after_the_fork(self):
        self.check_replaced("ApplicationPostFork", "throw", "threw: trouble as configured")

    def test_hang_after_the_fork(self):
        self.check_replaced("ApplicationPostFork", "hang", "outlasted its deadline")

    def test_exit_after_the_fork(self):
        self.check_replaced("ApplicationPostFork", "exit", r"called exit\(\)")

    def test_throw_after_the_start_of_a_worker(self):
        self.check_replaced("ApplicationPostWorkerInit", "throw", "threw: trouble as configured")

    def test_death_again_and_again_after_the_fork(self):
        settings = {"trouble.on": "ApplicationPostFork", "trouble.kind": "die", "trouble.slot": 2}
        running = self.make_server(workers=2, settings=settings).start(wait=False)
        self.check_storm_of_deaths(running, 2)

    def test_hang_inside_the_fork(self):
        """Only the arbiter can report it: since version 21 it waits without end for a worker that has never shown life."""
        running = self.serve("--timeout", "2", workers=2, environment=self.preloaded(HANGS_IN_THE_FIRST_FORK))
        incident, = running.wait_for(lambda: self.incidents(running, "never_arrived"), "an incident")
        self.assertEqual(("worker", 1, 1), (incident["role"], incident["slot"], incident["times"]))
        hung = incident["pid"]
        if self.version == "Newest":
            hung, = set(scenarios.descendants(running.pid)) - set(self.ready())
            os.kill(hung, signal.SIGKILL)
        self.assertEqual([], self.trace("PostFork", pid=hung))
        running.wait_for(lambda: self.trace("WorkerReaped", child=hung), "its end")
        self.assertIn("a child has exited before it heard an event (worker 1, pid %d): it ended inside fork()" % hung,
                      running.log_text())
        self.assertIn("; stop that library's threads before the fork, or load it after the fork\n", running.log_text())

    def check_serving(self, event, failures):
        """Subscribers fail in every process that hears the event, and nothing stops."""
        running = self.serve(workers=2, settings={"trouble.on": event})
        self.wait_for_events(running, "WorkerReady", 2)
        os.kill(self.trace("PostFork", slot=1)[0].pid, signal.SIGKILL)
        self.wait_for_events(running, "WorkerReady", 3)
        running.signal(signal.SIGHUP)
        self.wait_for_events(running, "WorkerReady", 5)
        self.wait_for_events(running, "WorkerReaped", 3)
        self.assertEqual(running.get("/")[0], 200)
        self.assertEqual(running.stop(), 0)
        self.assertEqual(running.log_text().count("subscriber probe::Trouble failed on " + event), failures)
        self.check_forks(running.pid)

    def test_throw_before_the_fork(self):
        self.check_serving("ApplicationPreFork", 5)

    def test_throw_in_the_fork_handler(self):
        self.check_serving("ApplicationPostForkParent", 5)

    def test_throw_when_a_worker_is_gone(self):
        self.check_serving("ApplicationWorkerReaped", 5)

    def test_throw_at_the_end_of_a_worker(self):
        self.check_serving("ApplicationWorkerExit", 4)

    def test_throw_at_the_reload(self):
        self.check_serving("ApplicationServerReload", 1)

    def test_throw_at_the_start(self):
        self.check_serving("ApplicationServerStarting", 1)


@for_each_version
class Start(GunicornScenario):
    def refused(self, *options, wait=60, **arguments):
        """The exit status and the log of a server that must not start."""
        running = self.make_server(*options, **arguments)
        running.start(wait=False)
        status = running.process.wait(wait)
        self.assertEqual(scenarios.descendants(running.pid), [])
        self.assertEqual(self.trace(), [])
        return status, running.log_text()

    def check_refused_settings(self, location, words):
        environment = {"FORKSAFE_SETTINGS": location}
        for name, hooks, status in (("extension", "from probe import *\n", 1),
                                    ("in arbiter", "from probe import pre_fork, post_fork, post_worker_init\n", 1),
                                    ("in worker", "from probe import post_fork\n", 4)):
            with self.subTest(name):
                configuration = self.write("config.py", hooks)
                found, log = self.refused(environment=environment, configuration=configuration, workers=1)
                self.assertEqual(found, status, log)
                self.assertRegex(log, words)
                self.assertNotIn("Traceback", log)
                (self.directory / "log").unlink()

    def test_missing_settings(self):
        self.check_refused_settings("/nonexistent/shop.ini", "/nonexistent/shop.ini")

    def test_malformed_settings(self):
        path = self.write("shop.ini", "[app:main]\nno value here\n")
        self.check_refused_settings(path, "shop.ini:2: ")

    def test_missing_section(self):
        path = self.write("shop.ini", "[app:main]\nkey = value\n")
        self.check_refused_settings(path + "#other", "other")

    def test_unreadable_settings(self):
        (self.directory / "shop.ini").mkdir()
        self.check_refused_settings(str(self.directory / "shop.ini"), "shop.ini")

    def test_huge_settings(self):
        lines = ["key%d = %s\n" % (number, "x" * 1000) for number in range(2000)]
        path = self.write("shop.ini", "[app:main]\n" + "".join(lines))
        self.check_refused_settings(path, "shop.ini: is larger than 1 MiB")
        self.write("shop.ini", "[app:main]\n" + "".join(lines[:1000]))
        running = self.serve(environment={"FORKSAFE_SETTINGS": path})
        self.assertEqual(running.get("/settings?name=key999")[0], 200)
        self.assertEqual(running.stop(), 0)

    def test_settings_without_hooks(self):
        # gunicorn calls no hook of forksafe, so that the server starts. It answers each request with an error.
        running = self.make_server(environment={"FORKSAFE_SETTINGS": "/nonexistent/shop.ini"},
                                   configuration=self.write("config.py", "\n")).start(wait=False)
        running.wait_for(lambda: running.get("/")[0] == 500, "an error")
        self.assertIn("/nonexistent/shop.ini", running.log_text())

    def test_application_that_cannot_be_loaded(self):
        self.write("broken.py", "raise RuntimeError('as broken as it was meant to be')\n")
        running = self.make_server(application="broken:app", workers=1)
        running.start(wait=False)
        self.assertEqual(running.process.wait(60), 3)
        self.assertIn("as broken as it was meant to be", running.log_text())
        self.assertEqual([one.hook for one in self.trace("WorkerExit")], ["worker_exit"])
        self.assertNotIn("is another function than forksafe's", running.log_text())

    def test_port_in_use(self):
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            running = self.make_server(port=other.getsockname()[1])
            running.start(wait=False)
            self.assertEqual(running.process.wait(60), 1)
        self.assertRegex(running.log_text(), "(?i)address already in use|connection in use")
        self.assertEqual(self.names(running.pid), ["ServerStarting"])

    def test_check_of_the_configuration(self):
        running = self.make_server("--check-config")
        self.assertEqual(subprocess.run(running.command(), env={**os.environ, "PYTHONPATH": str(running.path.parent)},
                                        capture_output=True, timeout=60).returncode, 0)
        self.assertEqual(self.trace(), [])


if __name__ == "__main__":
    unittest.main()
