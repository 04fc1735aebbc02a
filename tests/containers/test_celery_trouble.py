# SPDX-License-Identifier: MIT
"""Subscribers that misbehave, Celery's limit for the start of a worker, and what prevents that start."""

import os
import signal
import unittest

import scenarios
from celery_scenario import CeleryScenario, for_each_version


class Misbehaving(CeleryScenario):
    def check_replaced(self, event, kind, words):
        """One worker fails. The node stays, replaces it, and the replacement serves."""
        running = self.serve(workers=1, settings={"trouble.on": event, "trouble.kind": kind, "trouble.incarnations": 1})
        self.wait_for_events(running, "WorkerReady", 1)
        self.assertEqual([(one.slot, one.incarnation) for one in self.trace("PostFork")], [(1, 1), (1, 2)])
        failed, serving = [one.pid for one in self.trace("PostFork")]
        self.assertEqual(self.ask("/"), str(serving))
        self.assertEqual([one.child for one in self.trace("WorkerReaped")], [failed])
        self.assertRegex(running.log_text(), r"subscriber probe::Trouble failed on %s .*worker.*%s" % (event, words))
        self.assertIn("worker does not serve after its failed %s" % event, running.log_text())
        self.assertNotIn("UP message", running.log_text())
        self.stop(running)

    def test_throw_after_the_fork(self):
        self.check_replaced("ApplicationPostFork", "throw", "threw: trouble as configured")

    def test_hang_after_the_fork(self):
        self.check_replaced("ApplicationPostFork", "hang", "outlasted its deadline")

    def test_exit_after_the_start(self):
        self.check_replaced("ApplicationPostWorkerInit", "exit", r"called exit\(\)")

    def check_serving(self, event, failures):
        """Subscribers fail in every process that hears the event, and nothing stops."""
        running = self.serve(workers=2, settings={"trouble.on": event})
        self.wait_for_events(running, "WorkerReady", 2)
        os.kill(self.trace("PostFork", slot=1)[0].pid, signal.SIGKILL)
        self.wait_for_events(running, "WorkerReady", 3)
        self.ask("/")
        self.stop(running)
        self.assertEqual(running.log_text().count("subscriber probe::Trouble failed on " + event), failures)
        self.check_whole_life(running.pid)

    def test_throw_before_the_fork(self):
        self.check_serving("ApplicationPreFork", 3)

    def test_throw_when_a_worker_is_gone(self):
        self.check_serving("ApplicationWorkerReaped", 3)

    def test_throw_at_the_end_of_a_worker(self):
        self.check_serving("ApplicationWorkerExit", 2)


@for_each_version
class Trouble(Misbehaving):
    pass


@for_each_version
class Limit(CeleryScenario):
    """worker_proc_alive_timeout: Celery kills a worker that is not ready in time, then its replacement, and so on."""

    def reaped(self, running):
        return running.log_text().count("it exits to be replaced")

    def check_no_kill(self, running):
        self.assertNotIn("UP message", running.log_text())
        self.assertNotIn("SIGKILL", running.log_text())

    def test_failures_in_a_row_leave_before_they_are_killed(self):
        # From the fourth worker on, the back-off before the exit would exceed the limit.
        running = self.serve(workers=1, configuration={"worker_proc_alive_timeout": 0.7},
                             settings={"trouble.on": "ApplicationPostFork", "trouble.kind": "throw"})
        running.wait_for(lambda: self.reaped(running) >= 5, "five workers to fail")
        self.check_no_kill(running)
        self.stop(running)

    def test_exit_in_a_row_is_slowed_down(self):
        running = self.serve(workers=1, settings={"trouble.on": "ApplicationPostFork", "trouble.kind": "exit"})
        running.wait_for(lambda: self.reaped(running) >= 4, "four workers to fail")
        self.assertLess(self.reaped(running), 6)
        self.check_no_kill(running)
        self.stop(running)


@for_each_version
class SlowStart(CeleryScenario):
    application = "sleeper"

    def settings(self, milliseconds):
        return {"SLEEPER_SLEEP": str(milliseconds)}

    def test_slow_subscriber_is_warned_of_and_serves(self):
        # The warning comes after 3 of the 4 seconds, the failure after 3.5.
        running = self.serve("--max-tasks-per-child", "1", workers=1, environment=self.settings(3200))
        first, second = [self.debug() for _ in range(2)]
        self.assertNotIn("UP message", running.log_text())
        self.assertEqual(running.log_text().count("subscriber Slow is slow on ApplicationPostFork"), 2, running.log_text())
        self.assertIn("(worker_proc_alive_timeout); raise that, or let the subscriber do less; ", running.log_text())
        for seen, times in ((first, 1), (second, 2)):
            self.assertEqual([(row["what"], row["subscriber"], row["event"], row["times"]) for row in seen["incidents"]],
                             [("slow_start", "Slow", "ApplicationPostFork", times)])
        self.assertEqual({record["outcome"] for record in second["journal"]["records"] if record["subscriber"] == "Slow"},
                         {"slow"})

    def test_subscriber_that_is_slower_than_the_limit_fails_and_is_not_killed(self):
        running = self.serve(workers=1, environment=self.settings(60_000), configuration={"worker_proc_alive_timeout": 1})
        running.wait_for(lambda: running.log_text().count("it exits to be replaced") >= 4, "four workers to fail")
        log = running.log_text()
        self.assertLess(log.index("Slow is slow on ApplicationPostFork"), log.index("Slow failed on ApplicationPostFork"))
        self.assertNotIn("UP message", log)
        self.assertNotIn("SIGKILL", log)
        running.stop()


@for_each_version
class SlowStartOfFiles(CeleryScenario):
    application = "sleeper"
    broker = "filesystem"

    def test_no_limit_with_the_blocking_pool(self):
        running = self.serve(workers=1, environment={"SLEEPER_SLEEP": "1200"}, configuration={"worker_proc_alive_timeout": 1})
        self.assertEqual(self.debug()["incidents"], [])
        self.assertNotIn("is slow", running.log_text())


@for_each_version
class FirstStart(CeleryScenario):
    """Celery ends a node if one of its first workers has exited before its event loop begins."""

    def check_node_lives_on(self, kind, words):
        # The node first asks other nodes, so that its workers exit before its event loop begins.
        running = self.serve("--pool", "prefork", workers=2, mingle=True, settings={
            "trouble.on": "ApplicationPostFork", "trouble.kind": kind, "trouble.incarnations": 1})
        self.wait_for_events(running, "WorkerReady", 2)
        self.assertIn(int(self.ask("/")), [event.pid for event in self.trace("WorkerReady")])
        self.assertRegex(running.log_text(), words)
        self.assertIn("2 of Celery's first workers exited because a subscriber failed", running.log_text())
        self.stop(running)
        self.assertEqual(sorted((one.slot, one.incarnation) for one in self.trace("WorkerReady")), [(1, 2), (2, 2)])

    def test_throw(self):
        self.check_node_lives_on("throw", "subscriber probe::Trouble failed on ApplicationPostFork")

    def test_exit(self):
        self.check_node_lives_on("exit", r"called exit\(\)")

    def test_death(self):
        self.check_node_lives_on("die", "the node goes on")

    def test_what_others_do_ends_it(self):
        """If a worker's death has another cause than a subscriber, Celery's own check decides."""
        running = self.make_server("--pool", "prefork", workers=1, mingle=True, environment={"DIE_AT_FIRST": "1"})
        running.start(wait=False)
        running.process.wait(60)
        self.assertIn("Could not start worker processes", running.log_text())


class Start(CeleryScenario):
    def test_missing_settings(self):
        running = self.make_server(environment={"FORKSAFE_SETTINGS": "/nonexistent/shop.ini"})
        running.start(wait=False)
        self.assertEqual(running.process.wait(60), 1)
        self.assertIn("/nonexistent/shop.ini", running.log_text())
        self.assertNotIn("Traceback", running.log_text())
        self.assertEqual(self.trace(), [])
        self.assertEqual(scenarios.descendants(running.pid), [])


del Misbehaving

if __name__ == "__main__":
    unittest.main()
