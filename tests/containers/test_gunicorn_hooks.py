# SPDX-License-Identifier: MIT
"""Hooks that gunicorn never calls, because a configuration file has others or none: their events are derived, or reported."""

import unittest

from gunicorn_scenario import GunicornScenario, for_each_version

MISSING = r"this is gunicorn [\d.]+, and none of its hooks call forksafe, so that \d+ subscribers? hears? nothing: start it with " \
          r"-c python:probe"
TAKEN = "gunicorn's %s is another function than forksafe's: "


@for_each_version
class Hooks(GunicornScenario):
    def serve_with(self, *lines, options=(), workers=1, **arguments):
        configuration = self.write("config.py", "\n".join(lines) + "\n")
        return self.serve(*options, workers=workers, configuration=configuration, **arguments)

    def said(self, running):
        return [line for line in running.debug()["autoconfigure.log"] if line.startswith(TAKEN[:len("gunicorn's ")])]

    def test_post_fork_of_another(self):
        running = self.serve_with("from probe import *", "def post_fork(server, worker):", "    server.log.info('mine')",
                                  workers=2)
        self.wait_for_events(running, "WorkerReady", 2)
        log = self.said(running)
        self.assertEqual(len(log), 1, log)
        self.assertTrue(log[0].startswith(TAKEN % "post_fork" + "ApplicationPostFork is heard late"), log)
        self.assertIn(log[0], running.log_text())
        self.assertIn("mine", running.log_text())
        self.assertEqual(running.stop(), 0)
        self.check_forks(running.pid)
        self.assertEqual([(event.hook, event.late, event.role) for event in self.trace("PostFork")],
                         [("post_worker_init", 1, "worker")] * 2)

    def test_pre_fork_of_another(self):
        running = self.serve_with("from probe import *", "def pre_fork(server, worker):", "    server.log.info('mine')",
                                  workers=2)
        self.wait_for_events(running, "WorkerReady", 2)
        self.assertIn(TAKEN % "pre_fork" + "ApplicationPreFork is heard at the fork", running.log_text())
        self.assertEqual(running.stop(), 0)
        self.check_forks(running.pid)
        self.assertEqual([(event.hook, event.pid) for event in self.trace("PreFork")], [("before", running.pid)] * 2)

    def test_hooks_of_the_arbiter_of_another(self):
        running = self.serve_with("from probe import *", "def on_starting(server): pass", "def when_ready(server): pass",
                                  "def post_worker_init(worker): pass")
        self.wait_for_events(running, "PostFork", 1)
        self.assertEqual(running.stop(), 0)
        for hook, event in {"on_starting": "ApplicationServerStarting is not heard",
                            "when_ready": "ApplicationServerReady is not heard",
                            "post_worker_init": "ApplicationPostWorkerInit and ApplicationWorkerReady were not heard"}.items():
            self.assertEqual(running.log_text().count(TAKEN % hook + event), 1, running.log_text())

    def test_functions_that_call_ours_are_no_others(self):
        running = self.serve_with("import probe", "from probe import *", "def post_fork(server, worker):",
                                  "    probe.post_fork(server, worker)", "def pre_fork(server, worker):",
                                  "    probe.pre_fork(server, worker)")
        self.wait_for_events(running, "WorkerReady", 1)
        self.assertEqual(self.said(running), [])
        self.assertEqual(running.stop(), 0)
        self.check_forks(running.pid)
        self.assertEqual([event.late for event in self.trace("PostFork")], [0])

    def check_unheard(self, running):
        debug = running.debug()
        self.assertRegex(running.log_text(), MISSING)
        self.assertRegex(debug["autoconfigure.log"][-1], MISSING)
        self.assertEqual(debug["unannounced_forks"], 1)
        for _ in range(3):
            running.get("/")
        self.assertEqual(running.log_text().count("none of its hooks"), 1, "each worker says it once")
        self.assertEqual(self.trace(), [])

    def test_no_configuration(self):
        self.check_unheard(self.serve_with())

    def test_no_configuration_and_the_application_in_the_arbiter(self):
        self.check_unheard(self.serve_with(options=["--preload"]))

    def test_configuration_of_another(self):
        self.check_unheard(self.serve_with("def post_fork(server, worker): pass", "def post_worker_init(worker): pass"))

    def test_configuration_of_another_and_the_application_in_the_arbiter(self):
        self.check_unheard(self.serve_with("import os", "def post_worker_init(worker): os.getpid()", options=["--preload"]))

    def test_threads_of_a_worker_without_configuration(self):
        self.check_unheard(self.serve_with(options=["--threads", "2", "--preload"]))

    def test_hooks_are_not_missed_where_they_are_called(self):
        for lines in (["from probe import post_worker_init"], ["def post_worker_init(worker):", "    import probe",
                                                               "    probe.post_worker_init(worker)"]):
            for options in ((), ("--preload",)):
                running = self.serve_with(*lines, options=options)
                self.wait_for_events(running, "WorkerReady", 1)
                running.get("/")
                self.assertNotIn("none of its hooks", running.log_text())
                self.assertEqual(running.stop(), 0)
                self.assertEqual([event.late for event in self.trace("PostFork")], [1])
                self.trace_path.unlink()


if __name__ == "__main__":
    unittest.main()
