# SPDX-License-Identifier: MIT
"""Pools that do not fork, and what is reported of them; forks that are not those of the pool."""

import unittest

from celery_scenario import CeleryScenario, for_each_version

BORN = ["PostFork", "PostWorkerInit", "WorkerReady"]


@for_each_version
class Pools(CeleryScenario):
    def check_settings(self, debug, pool, concurrency="2"):
        """The options of Celery's start are shown if they hold no secret: never its broker."""
        shown = {row["key"]: row["value"] for row in debug["settings"] if row["source"].startswith("celery")}
        self.assertEqual(shown, {"celery.pool": pool, "celery.concurrency": concurrency,
                                 "celery.hostname": "node@localhost"})
        self.assertNotIn(self.broker_address(), str(debug))

    def test_solo(self):
        running = self.serve("--pool", "solo")
        self.assertEqual(self.ask("/"), str(running.pid))
        debug = self.debug()
        self.assertEqual(debug["autoconfigure.log"][2:], [
            "Celery's pool solo forks no worker: the master hears ApplicationPostFork with forked false"])
        self.check_settings(debug, "solo")
        self.stop(running)
        self.assertEqual(self.names(running.pid), ["ServerStarting", *BORN, "ServerReady", "ServerExit"])
        self.assertEqual({(event.pid, event.role, event.forked, event.slot) for event in self.trace()},
                         {(running.pid, "master", 0, 0)})

    def test_threads(self):
        running = self.serve("--pool", "threads")
        self.assertEqual(self.ask("/"), str(running.pid))
        debug = self.debug()
        self.assertEqual(debug["autoconfigure.log"][2:], [
            "Celery's pool threads forks no worker: no process hears ApplicationPostFork, ApplicationPostWorkerInit, "
            "ApplicationWorkerReady and ApplicationWorkerExit"])
        self.assertIn(debug["autoconfigure.log"][2], running.log_text())
        self.check_settings(debug, "threads")
        self.stop(running)
        self.assertEqual([(event.event, event.pid) for event in self.trace()],
                         [(name, running.pid) for name in ("ServerStarting", "ServerReady", "ServerExit")])

    def test_forks_of_others(self):
        running = self.serve("--pool", "threads")
        self.assertEqual(self.send("fork_by_hand").get(timeout=20), 0)
        self.assertEqual(self.ask("/fork?how=fork"), "1 0")
        self.stop(running)
        self.assertEqual(self.names(running.pid), ["ServerStarting", "ServerReady", "ServerExit"])

    def test_forks_inside_a_worker(self):
        running = self.serve(workers=1)
        self.check_settings(self.debug(), "prefork", "1")
        before = self.trace()
        self.assertEqual(self.send("fork_by_hand").get(timeout=20), 0)
        for how, answer in {"system": "0", "posix_spawn": "0", "fork": "1 0", "_Fork": "1 1"}.items():
            self.assertEqual(self.ask("/fork?how=" + how), answer, how)
        self.assertEqual(self.trace(), before)
        self.stop(running)
        self.check_whole_life(running.pid)

    def check_foreign(self, *options):
        running = self.serve(*options, workers=1)
        self.ask("/")
        # Celery itself may take the child's exit for that of the worker, and replace it. Only its own members are compared.
        self.send("fork_and_leave").get(timeout=20, propagate=False)
        self.ask("/")
        self.stop(running)
        members = {running.pid, *(event.pid for event in self.trace("PostFork"))}
        self.assertEqual({event.pid for event in self.trace()}, members)
        return running

    def test_child_of_a_task_leaves_through_the_worker(self):
        running = self.check_foreign()
        self.check_whole_life(running.pid)

    def test_child_of_a_task_leaves_through_the_node(self):
        running = self.check_foreign("--pool", "solo")
        self.assertEqual(self.names(running.pid), ["ServerStarting", *BORN, "ServerReady", "ServerExit"])

    def test_workers_that_are_started_anew(self):
        if self.version == "Debian":
            self.skipTest("Celery before 5.7 starts no worker but by a fork")
        running = self.serve(configuration={"worker_pool_start_method": "spawn"}, workers=1)
        worker = int(self.ask("/"))
        self.assertNotEqual(worker, running.pid)
        self.stop(running)
        self.assertEqual(self.names(running.pid), ["ServerStarting", "ServerReady", "ServerExit"])
        self.assertEqual(self.names(worker)[:3], BORN)
        self.assertEqual({(event.role, event.forked, event.slot) for event in self.trace(pid=worker)}, {("worker", 0, 1)})
        self.assertIn("they hear ApplicationPostFork with forked false", running.log_text())


if __name__ == "__main__":
    unittest.main()
