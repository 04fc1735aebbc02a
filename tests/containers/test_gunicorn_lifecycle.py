# SPDX-License-Identifier: MIT
"""The order of gunicorn's hooks, from start to end, and the slots of its workers."""

import os
import signal
import unittest

import scenarios
from gunicorn_scenario import GunicornScenario, for_each_version

BORN = ["PostFork", "PostWorkerInit", "WorkerReady"]


@for_each_version
class Lifecycle(GunicornScenario):
    def live(self, *options):
        """Start, HUP, TTIN, TTOU, QUIT and ABRT to a worker, TERM: each after the effect of the one before."""
        running = self.serve_user_application(*options, workers=1)
        reaped = 0

        def wait(ready, gone):
            nonlocal reaped
            reaped += gone
            self.wait_for_events(running, "WorkerReaped", reaped)
            running.wait_for(lambda: len(self.ready()) == ready and len(self.trace("WorkerReady")) == ready + reaped,
                             "%d workers" % ready)

        wait(1, 0)
        running.signal(signal.SIGHUP)
        wait(1, 1)
        running.signal(signal.SIGTTIN)
        wait(2, 0)
        running.signal(signal.SIGTTOU)
        wait(1, 1)
        os.kill(self.ready()[0], signal.SIGQUIT)
        wait(1, 1)
        os.kill(self.ready()[0], signal.SIGABRT)
        wait(1, 1)
        self.assertEqual(running.stop(), 0)
        return running.pid

    def check_order(self, arbiter, preload):
        bracket = ["PreFork", "PostForkParent"]
        self.assertEqual(self.names(arbiter),
                         ["ServerStarting", "ServerReady"] + bracket + ["ServerReload"] + bracket + ["WorkerReaped"] +
                         bracket + ["WorkerReaped"] + ["WorkerReaped"] + bracket + ["WorkerReaped"] + bracket +
                         ["WorkerReaped", "ServerExit"])
        workers = [event.pid for event in self.trace("PostFork")]
        exits = [["WorkerExit"]] * 5
        exits[3] = ["WorkerAbort", "WorkerExit"]
        # TTOU ends the oldest worker, which is the one that HUP has started.
        self.assertEqual([self.names(pid)[3:] for pid in workers], exits)
        self.assertEqual({tuple(self.names(pid)[:3]) for pid in workers}, {tuple(BORN)})
        self.assertEqual([event.child for event in self.trace("WorkerReaped")], workers)
        self.check_forks(arbiter)
        for event in self.trace():
            self.assertEqual(event.role, "master" if event.pid == arbiter else "worker")
            self.assertEqual(event.forked, event.pid != arbiter)
            self.assertEqual(event.late, 0)
            if event.pid != arbiter:
                self.assertEqual(event.parent, arbiter)
            self.assertEqual(event.app_loaded, preload or event.pid != arbiter and event.event != "PostFork", event)

    def test_application_is_loaded_in_each_worker(self):
        arbiter = self.live()
        self.check_order(arbiter, preload=False)
        self.assertEqual(self.imported_by(), [event.pid for event in self.trace("PostFork")])

    def test_application_is_loaded_in_the_arbiter(self):
        arbiter = self.live("--preload")
        self.check_order(arbiter, preload=True)
        self.assertEqual(self.imported_by(), [arbiter])

    def test_slots_over_reloads(self):
        running = self.serve(workers=3)
        for turn in range(1, 6):
            self.wait_for_events(running, "WorkerReady", 3 * turn)
            running.signal(signal.SIGHUP)
            self.wait_for_events(running, "WorkerReaped", 3 * turn)
        self.wait_for_events(running, "WorkerReady", 18)
        slots = [event.slot for event in self.trace("PostFork")]
        self.assertEqual([sorted(slots[turn:turn + 3]) for turn in range(0, 18, 3)], [[1, 2, 3], [4, 5, 6]] * 3)
        self.assertEqual(running.stop(), 0)
        self.check_forks(running.pid)

    def test_killed_worker_is_replaced_in_its_slot(self):
        running = self.serve(workers=2)
        self.wait_for_events(running, "WorkerReady", 2)
        killed = self.trace("PostFork", slot=2)[0].pid
        os.kill(killed, signal.SIGKILL)
        self.wait_for_events(running, "WorkerReady", 3)
        self.assertEqual([event.child for event in self.trace("WorkerReaped")], [killed])
        replacement = self.trace("PostFork")[2]
        self.assertEqual((replacement.slot, replacement.incarnation, replacement.respawn), (2, 2, 1))
        self.assertEqual(running.stop(), 0)
        self.check_forks(running.pid)

    def test_worker_that_hangs_in_a_request_is_replaced(self):
        # Python calls worker_abort between two of its own instructions, so not while the handler runs.
        running = self.serve("--timeout", "1", workers=1)
        with self.assertRaises(OSError):
            running.get("/sleep?ms=60000")
        self.wait_for_events(running, "WorkerReady", 2)
        self.assertEqual(self.names(self.trace("PostFork")[0].pid), BORN)
        self.assertEqual([(event.slot, event.incarnation) for event in self.trace("PostFork")], [(1, 1), (1, 2)])
        self.assertEqual(running.get("/")[0], 200)

    def test_workers_leave_after_max_requests(self):
        running = self.serve("--max-requests", "3", workers=2)
        served = {running.wait_for(lambda: running.get("/"), "an answer")[1] for _ in range(30)}
        self.assertGreater(len(served), 5)
        self.wait_for_events(running, "WorkerReaped", 5)
        self.assertEqual(running.stop(), 0)
        self.check_forks(running.pid)

    def test_binary_upgrade_starts_a_server_of_its_own(self):
        running = self.serve(workers=1)
        self.wait_for_events(running, "WorkerReady", 1)
        running.signal(signal.SIGUSR2)
        self.wait_for_events(running, "WorkerReady", 2)
        second = self.trace("ServerStarting")[1].pid
        self.assertEqual(self.names(second)[:2], ["ServerStarting", "ServerReady"])
        self.assertEqual(self.trace("WorkerReady")[1].parent, second)
        self.assertEqual(self.trace("WorkerReady")[1].slot, 1)
        self.assertEqual(len(self.trace("PostFork")), 2)
        os.kill(second, signal.SIGTERM)
        running.wait_for(lambda: not scenarios.status_of(second), "the end of the second arbiter")
        self.assertEqual(running.stop(), 0)


if __name__ == "__main__":
    unittest.main()
