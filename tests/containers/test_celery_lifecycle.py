# SPDX-License-Identifier: MIT
"""The order of Celery's signals from start to end, with both of its prefork pools, and the slots of its workers."""

import os
import signal
import unittest

from celery_scenario import CeleryScenario, for_each_version


class Lifecycle(CeleryScenario):
    def hook_of_fork(self):
        native = self.version == "Newest" and self.broker != "filesystem"
        return "worker_before_create_process" if native else "before"

    def test_start_work_and_stop(self):
        running = self.serve(workers=2)
        answered = {self.ask("/") for _ in range(3)}
        workers = [str(event.pid) for event in self.trace("PostFork")]
        self.assertLessEqual(answered, set(workers))
        self.assertEqual(len(workers), 2)
        debug = self.debug()
        self.assertEqual((debug["status"], debug["environment"]), ("Celery hook configured", "Celery"))
        self.assertEqual(debug["autoconfigure.log"], ["Celery available", "Celery hook configured"])
        self.stop(running)
        self.check_whole_life(running.pid)
        self.assertEqual([event.event for event in self.trace(pid=running.pid)],
                         ["ServerStarting"] + ["PreFork", "PostForkParent"] * 2 + ["ServerReady"] +
                         ["WorkerReaped"] * 2 + ["ServerExit"])
        self.assertEqual({event.hook for event in self.trace("PreFork")}, {self.hook_of_fork()})
        self.assertEqual(len(self.trace("WorkerExit")), 2)

    def test_workers_leave_after_their_tasks(self):
        running = self.serve("--max-tasks-per-child", "1", workers=2)
        served = [self.ask("/") for _ in range(4)]
        self.assertEqual(len(set(served)), 4)
        self.wait_for_events(running, "WorkerReady", 6)
        self.stop(running)
        self.check_whole_life(running.pid)
        self.assertGreaterEqual(len(self.trace("WorkerExit")), 6)

    def test_killed_worker_is_replaced_in_its_slot(self):
        running = self.serve(workers=2)
        self.wait_for_events(running, "WorkerReady", 2)
        killed = self.trace("PostFork", slot=2)[0].pid
        os.kill(killed, signal.SIGKILL)
        self.wait_for_events(running, "WorkerReady", 3)
        self.assertEqual([event.child for event in self.trace("WorkerReaped")], [killed])
        replacement = self.trace("PostFork")[2]
        self.assertEqual((replacement.slot, replacement.incarnation, replacement.respawn), (2, 2, 1))
        if self.broker == "filesystem":
            # A worker that waits for a task in the blocking pool may die with its lock (billiard 4.1, SimpleQueue).
            running.signal(signal.SIGKILL)
            running.process.wait()
            return
        self.assertEqual(self.debug()["incidents"], [])
        self.stop(running)
        self.check_whole_life(running.pid)
        self.assertEqual(self.names(killed), ["PostFork", "PostWorkerInit", "WorkerReady"])


@for_each_version
class Redis(Lifecycle):
    broker = "redis"


@for_each_version
class Filesystem(Lifecycle):
    broker = "filesystem"


@for_each_version
class RabbitMQ(Lifecycle):
    broker = "rabbitmq"


del Lifecycle

if __name__ == "__main__":
    unittest.main()
