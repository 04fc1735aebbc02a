# SPDX-License-Identifier: MIT
"""Forks that make no worker, and forks that fail."""

import os
import unittest

import scenarios
from gunicorn_scenario import GunicornScenario, for_each_version

WITH_TWO_PROCESSES = """#!/usr/bin/python3
import os, random, resource, sys
if os.getuid() == 0:
    user = random.randrange(20000, 60000)
    os.setgid(user)
    os.setuid(user)
resource.setrlimit(resource.RLIMIT_NPROC, (2, 2))
os.execv(%r, [%r, *sys.argv[1:]])
"""


@for_each_version
class Forks(GunicornScenario):
    def test_forks_inside_a_worker(self):
        running = self.serve(workers=1)
        self.wait_for_events(running, "WorkerReady", 1)
        before = self.trace()
        for how, answer in {"system": "0", "popen": "0", "posix_spawn": "0", "fork": "1 0", "_Fork": "1 1"}.items():
            self.assertEqual(running.get("/fork?how=" + how), (200, answer), how)
        self.assertEqual(self.trace(), before)
        self.assertEqual(running.debug()["unannounced_forks"], 0)

    def test_fork_inside_a_worker_that_knows_of_pre_fork_only(self):
        running = self.serve(workers=1, configuration=self.write("config.py", "from probe import pre_fork\n"))
        self.assertEqual(running.get("/fork?how=fork"), (200, "1 0"))
        self.assertEqual(running.stop(), 0)
        self.assertEqual([(event.event, event.pid) for event in self.trace()],
                         [("PreFork", running.pid), ("PostForkParent", running.pid)])

    def check_foreign(self, path, *options):
        """A process that a request forks calls gunicorn's hooks when it exits, but is not a member of the server."""
        running = self.serve_user_application(*options, workers=1)
        self.wait_for_events(running, "WorkerReady", 1)
        before = self.trace()
        worker = int(running.get("/")[1])
        # With the newest gunicorn the child answers this request, and the worker waits for its exit.
        running.get(path)
        child, = running.wait_for(lambda: [one for one in self.imported_by() if one not in (worker, running.pid)], "a child")
        running.wait_for(lambda: not scenarios.status_of(child), "the end of the child")
        self.assertEqual(int(running.get("/")[1]), worker)
        self.assertEqual(self.trace(), before)
        self.assertEqual(running.stop(), 0)
        self.assertEqual(self.trace(pid=child), [])
        self.assertEqual([event.child for event in self.trace("WorkerReaped")], [worker])
        self.check_forks(running.pid)

    def test_child_of_a_request_leaves_through_the_worker(self):
        self.check_foreign("/fork-exit")
        self.assertIn("Worker exiting", (self.directory / "log").read_text())

    def test_child_of_a_request_is_aborted(self):
        self.check_foreign("/fork-abort")

    def test_child_of_a_request_in_a_thread_is_aborted(self):
        self.check_foreign("/fork-abort", "--threads", "2")

    def test_fork_in_a_hook_of_the_arbiter_is_no_worker(self):
        told = self.directory / "told"
        running = self.serve(workers=2, configuration=self.write("config.py", """
import os, subprocess
from probe import *
import probe
def others(when):
    subprocess.run(["true"], preexec_fn=lambda: None, check=True)
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    with open(%r, "a") as told, open(%r) as trace:
        told.write("%%s %%d\\n" %% (when, trace.read().count("PostForkParent")))
def pre_fork(server, worker):
    probe.pre_fork(server, worker)
    others("between")
def child_exit(server, worker):
    others("at the end")
    probe.child_exit(server, worker)
""" % (str(told), str(self.trace_path))))
        self.wait_for_events(running, "WorkerReady", 2)
        self.assertEqual(running.stop(), 0)
        self.check_forks(running.pid)
        self.assertEqual(told.read_text().splitlines()[:2], ["between 0", "between 1"])

    def test_subprocess_inside_a_worker(self):
        running = self.serve_user_application(workers=1)
        self.wait_for_events(running, "WorkerReady", 1)
        before = self.trace()
        self.assertEqual(running.get("/subprocess")[0], 200)
        self.assertEqual(self.trace(), before)

    def test_subprocess_inside_the_arbiter(self):
        running = self.serve(workers=1, configuration=self.write("config.py", """
import subprocess
from probe import *
import probe
def helper():
    subprocess.run(["true"], preexec_fn=lambda: None, check=True)
def when_ready(server):
    helper()
    probe.when_ready(server)
    helper()
def pre_fork(server, worker):
    helper()
    probe.pre_fork(server, worker)
def on_exit(server):
    helper()
    probe.on_exit(server)
"""))
        self.wait_for_events(running, "WorkerReady", 1)
        self.assertEqual(running.stop(), 0)
        self.check_forks(running.pid)
        self.assertEqual(len(self.trace("PreFork")), 1)

    def test_fork_that_fails(self):
        # The limit counts the processes of a user, and does not apply to the superuser.
        program = self.write("gunicorn", WITH_TWO_PROCESSES % (self.program, self.program))
        running = self.make_server(workers=3, program=program)
        running.start(wait=False)
        # gunicorn stops: OSError leaves the main loop, and on_exit is not called.
        self.assertEqual(running.process.wait(60), 255)
        self.assertIn("Unhandled exception in main loop", running.log_text())
        forked = len(self.trace("PostFork"))
        self.assertEqual(forked, 1 if os.getuid() == 0 else 0)
        arbiter = [name for name in self.names(running.pid) if name != "WorkerReaped"]
        self.assertEqual(arbiter, ["ServerStarting", "ServerReady"] + ["PreFork", "PostForkParent"] * (forked + 1))
        self.assertEqual(scenarios.descendants(running.pid), [])


if __name__ == "__main__":
    unittest.main()
