# SPDX-License-Identifier: MIT
"""The life of the embedded server: the events of each process, their order, and what is left over."""

import os
import signal
import threading
import time

import scenarios

MASTER_START = ["ServerStarting", "ServerReady"]
FORK = ["PreFork", "PostForkParent"]
WORKER_START = ["PostFork", "PostWorkerInit", "WorkerReady"]


class StandaloneScenario(scenarios.Scenario):
    def workers(self):
        """The workers that are ready and have not exited, by slot."""
        gone = {one.child for one in self.trace("WorkerReaped")}
        return {one.slot: one for one in self.trace("WorkerReady") if one.pid not in gone}

    def wait_for_workers(self, running, count, condition=lambda workers: True, seconds=30):
        def settled():
            workers = self.workers()
            alone = sorted(one.pid for one in workers.values()) == scenarios.descendants(running.pid)
            return workers if alone and len(workers) == count and condition(workers) else None
        return running.wait_for(settled, "%d workers" % count, seconds)

    def is_pending(self, running, number):
        """Whether a signal is pending in the master."""
        pending = [int(scenarios.status_of(running.pid)[key], 16) for key in ("SigPnd", "ShdPnd")]
        return any(mask >> (number - 1) & 1 for mask in pending)

    def around_forks(self, running):
        wanted = ("PreFork", "PostForkParent", "ForkFailed")
        return [event for event in self.names(running.pid) if event in wanted]


class Life(StandaloneScenario):
    def test_start_and_stop(self):
        running = self.serve(workers=2)
        workers = self.wait_for_workers(running, 2)
        self.assertEqual([1, 2], sorted(workers))
        self.assertEqual(0, running.stop())
        self.assertEqual(MASTER_START + FORK * 2 + ["WorkerReaped"] * 2 + ["ServerExit"], self.names(running.pid))
        for slot, worker in workers.items():
            self.assertEqual(WORKER_START + ["WorkerExit"], self.names(worker.pid))
            self.assertEqual(("worker", 1, running.pid, 1, 0), worker[2:3] + worker[4:5] + worker[6:8] + worker[9:10])
        reaped = self.trace("WorkerReaped")
        self.assertEqual(sorted(one.pid for one in workers.values()), sorted(one.child for one in reaped))
        self.assertEqual([0, 1], [self.trace(name)[0].app_loaded for name in ("ServerStarting", "ServerReady")])
        self.assertEqual([0], list({one.forked for one in self.trace(pid=running.pid)}))
        self.assertEqual([0] * 2, [one.child for one in self.trace("PreFork")])
        self.assertEqual(sorted(one.pid for one in self.trace("PostFork")),
                         sorted(one.child for one in self.trace("PostForkParent")))

    def test_signals_of_the_master_never_end_in_a_thread_of_the_application(self):
        # Worker 1 reports that it is ready while the master is busy, and does not wait for signals.
        running = self.serve(workers=2, settings={"thread": "1", "trouble.on": "ApplicationPreFork", "trouble.kind": "delay"})
        self.wait_for_workers(running, 2)
        running.signal(signal.SIGHUP)
        self.wait_for_workers(running, 2, lambda workers: len(self.trace("WorkerReady")) == 4)
        self.assertEqual(0, running.stop())
        self.assertEqual("ServerExit", self.names(running.pid)[-1])

    def test_a_signal_while_the_master_is_held_up_is_obeyed_later(self):
        running = self.serve(workers=2, settings={"thread": "1", "trouble.on": "ApplicationPreFork", "trouble.kind": "delay"})
        os.kill(self.wait_for_workers(running, 2)[1].pid, signal.SIGKILL)
        running.wait_for(lambda: "was killed by signal 9; it is replaced" in running.log_text(), "the death")
        # The master announces the next fork, which takes half a second, and does not wait for signals.
        time.sleep(0.1)
        running.signal(signal.SIGHUP)
        running.wait_for(lambda: self.trace("ServerReload"), "the reload")

    def test_each_fork_is_announced_and_closed(self):
        running = self.serve(workers=3)
        os.kill(self.wait_for_workers(running, 3)[2].pid, signal.SIGKILL)
        self.wait_for_workers(running, 3, lambda workers: workers[2].incarnation == 2)
        running.signal(signal.SIGHUP)
        self.wait_for_workers(running, 3, lambda workers: len(self.trace("WorkerReady")) == 7)
        running.stop()
        around = self.around_forks(running)
        self.assertEqual(FORK * 7, around)
        forked = [one.pid for one in self.trace("PostFork")]
        self.assertEqual(7, len(set(forked)))
        self.assertEqual(sorted(forked), sorted(one.child for one in self.trace("PostForkParent")))
        self.assertEqual(sorted(forked), sorted(one.child for one in self.trace("WorkerReaped")))

    def test_killed_worker_is_replaced_in_its_slot(self):
        running = self.serve(workers=2)
        killed = self.wait_for_workers(running, 2)[1]
        os.kill(killed.pid, signal.SIGKILL)
        workers = self.wait_for_workers(running, 2, lambda workers: workers[1].pid != killed.pid)
        self.assertEqual((2, 1), (workers[1].incarnation, workers[1].respawn))
        self.assertEqual((1, 0), (workers[2].incarnation, workers[2].respawn))
        self.assertEqual(WORKER_START, self.names(killed.pid))
        self.assertIn("(pid %d) was killed by signal 9; it is replaced" % killed.pid, running.log_text())

    def test_reload_replaces_slot_by_slot(self):
        running = self.serve(workers=2)
        before = {one.pid for one in self.wait_for_workers(running, 2).values()}
        running.signal(signal.SIGHUP)
        after = self.wait_for_workers(running, 2, lambda workers: not before & {one.pid for one in workers.values()})
        self.assertEqual([1, 3], sorted(after))
        self.assertEqual(1, len(self.trace("ServerReload")))
        for pid in before:
            self.assertEqual(WORKER_START + ["WorkerExit"], self.names(pid))
        self.assert_never_fewer_than(2)
        self.assert_no_slot_is_shared()

    def test_one_worker_more_and_fewer(self):
        running = self.serve(workers=1)
        running.signal(signal.SIGTTIN)
        more = self.wait_for_workers(running, 2)
        running.signal(signal.SIGTTOU)
        fewer = self.wait_for_workers(running, 1)
        self.assertEqual(more[1].pid, fewer[1].pid)
        self.assertEqual(WORKER_START + ["WorkerExit"], self.names(more[2].pid))
        running.signal(signal.SIGTTOU)
        running.wait_for(lambda: not self.is_pending(running, signal.SIGTTOU), "the master's look at the signal")
        # A later signal is handled later: if the last worker had been told to exit, there would be a second exit.
        running.signal(signal.SIGTTIN)
        self.assertEqual(fewer[1].pid, self.wait_for_workers(running, 2)[1].pid)
        self.assertEqual([more[2].pid], [one.pid for one in self.trace("WorkerExit")])
        self.assertEqual([], self.trace("ServerReload"))

    def test_interrupt_stops_as_terminate_does(self):
        running = self.serve(workers=2)
        self.wait_for_workers(running, 2)
        os.killpg(running.pid, signal.SIGINT)
        self.assertEqual(0, running.process.wait(60))
        self.assertEqual(2, len(self.trace("WorkerExit")))
        self.assertEqual("ServerExit", self.names(running.pid)[-1])

    def test_workers_leave_when_the_master_is_gone(self):
        running = self.serve(workers=2)
        workers = self.wait_for_workers(running, 2)
        running.process.kill()
        running.process.wait()
        deadline = time.monotonic() + 20
        while any(scenarios.status_of(one.pid).get("State", "Z")[0] != "Z" for one in workers.values()):
            self.assertLess(time.monotonic(), deadline, "a worker outlives its master")
            time.sleep(0.02)
        for worker in workers.values():
            self.assertEqual(WORKER_START + ["WorkerExit"], self.names(worker.pid))

    def test_helpers_are_no_workers(self):
        running = self.serve(workers=1)
        self.wait_for_workers(running, 1)
        for how, answer in (("system", "0"), ("popen", "0"), ("posix_spawn", "0"), ("fork", "1 0"), ("_Fork", "1 1"),
                            ("terminated", "15")):
            self.assertEqual((200, answer), running.get("/fork?how=" + how), how)
        self.assertEqual((200, "1 0"), running.get("/fork?how=fork"))
        self.assertEqual(1, len(self.trace("PostFork")))
        self.assertEqual(MASTER_START + FORK, self.names(running.pid))

    def test_subscriber_added_at_load_is_in_time(self):
        self.assertEqual((200, "1 0"), self.serve(workers=1).get("/late"))

    def test_debug_object(self):
        running = self.serve(workers=2)
        self.wait_for_workers(running, 2)
        debug = running.debug()
        self.assertEqual("standalone hook configured", debug["status"])
        self.assertEqual("standalone", debug["environment"])
        self.assertEqual(["standalone available", "standalone hook configured"], debug["autoconfigure.log"])
        self.assertIn("containers.standalone.post_fork", str(debug["executed_hooks"]))

    def assert_never_fewer_than(self, count):
        ready = leaving = 0
        for one in self.trace():
            ready += one.event == "WorkerReady"
            leaving += one.event == "WorkerExit"
            if ready >= count:
                self.assertGreaterEqual(ready - leaving, count)

    def assert_no_slot_is_shared(self):
        taken = {}
        for one in self.trace():
            if one.event == "PostFork":
                self.assertNotIn(one.slot, taken)
                taken[one.slot] = one.pid
            elif one.event == "WorkerReaped":
                taken = {slot: pid for slot, pid in taken.items() if pid != one.child}


class Endurance(StandaloneScenario):
    def test_reload_under_load_loses_no_request(self):
        running = self.serve(workers=2)
        self.wait_for_workers(running, 2)
        stop, failures, answers = threading.Event(), [], []

        def hammer():
            while not stop.is_set():
                try:
                    answers.append(running.get("/")[0])
                except OSError as error:
                    failures.append(error)

        threads = [threading.Thread(target=hammer) for _ in range(4)]
        for thread in threads:
            thread.start()
        try:
            for _ in range(5):
                before = {one.pid for one in self.workers().values()}
                running.signal(signal.SIGHUP)
                self.wait_for_workers(running, 2, lambda workers: not before & {one.pid for one in workers.values()})
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        self.assertEqual([], failures)
        self.assertEqual({200}, set(answers))
        self.assertEqual(12, len(self.trace("WorkerReady")))

    def test_many_reloads_leave_nothing_behind(self):
        running = self.serve(workers=1)
        self.wait_for_workers(running, 1)

        def traces():
            worker, = self.workers().values()
            pids = (running.pid, worker.pid)
            return [scenarios.open_descriptors(pid) for pid in pids] + [scenarios.shared_mappings(pid) for pid in pids]

        def reload():
            old, = self.workers().values()
            running.signal(signal.SIGHUP)
            self.wait_for_workers(running, 1, lambda workers: old.pid not in {one.pid for one in workers.values()})

        reload()
        before = traces()
        times = int(os.environ.get("FORKSAFE_RELOADS", "200"))
        for _ in range(times):
            reload()
        self.assertEqual(before, traces())
        self.assertEqual(times + 1, len(self.trace("ServerReload")))
        self.assertEqual(times + 2, len(self.trace("PostFork")))
        self.assertEqual(1, len(scenarios.descendants(running.pid)))

    def test_worker_leaves_after_its_share(self):
        running = self.serve("--max-requests", "3", workers=1)
        pids = [running.get("/")[1] for _ in range(8)]
        self.assertGreaterEqual(len(set(pids)), 3)
        self.assertEqual(3, max(pids.count(pid) for pid in pids))
        self.wait_for_workers(running, 1)
        for worker in self.trace("WorkerExit"):
            self.assertEqual(WORKER_START + ["WorkerExit"], self.names(worker.pid))
        self.assertNotIn("it is replaced", running.log_text())
