# SPDX-License-Identifier: MIT
"""The embedded server when subscribers, handlers, workers or the system fail."""

import contextlib
import os
import resource
import signal
import subprocess
import threading
import time

import scenarios
from scenarios import server
from test_standalone import FORK, MASTER_START, WORKER_START, StandaloneScenario


class Subscribers(StandaloneScenario):
    def trouble(self, event, kind="throw", **more):
        more = {"trouble." + key: value for key, value in more.items()}
        return {"trouble.on": "Application" + event, "trouble.kind": kind, **more}

    def check_closed(self, event, kind, what):
        running = self.serve(workers=2, settings=self.trouble(event, kind, slot=2))
        running.wait_for(lambda: len(self.trace("PostFork", slot=2)) >= 3, "two replacements")
        self.assertEqual([], self.trace("WorkerReady", slot=2))
        self.assertEqual({str(self.workers()[1].pid)}, {running.get("/")[1] for _ in range(5)})
        self.assertIn(what, running.log_text())
        self.assertIn("subscriber probe::Trouble failed on Application" + event, running.log_text())
        rows = [row for row in running.debug()["processes"] if row["slot"] == 2]
        self.assertTrue(rows)
        failed = [one for row in rows for one in row["events"] if one["event"] == "Application" + event]
        self.assertTrue(any(one["failed"] for one in failed), rows)
        self.assertEqual([1, 2, 3], [one.incarnation for one in self.trace("PostFork", slot=2)][:3])
        return running

    def test_throw_in_post_fork(self):
        running = self.check_closed("PostFork", "throw", "threw: trouble as configured")
        self.assertIn("exited with status 70; it is replaced", running.log_text())

    def test_exit_in_post_fork(self):
        self.check_closed("PostFork", "exit", "called exit()")

    def test_hang_in_post_fork(self):
        self.check_closed("PostFork", "hang", "outlasted its deadline")

    def test_every_worker_sees_what_became_of_the_others(self):
        running = self.check_closed("PostFork", "hang", "outlasted its deadline")

        def incidents(what):
            return [one for one in running.debug()["incidents"] if one["what"] == what]

        storm, = running.wait_for(lambda: incidents("respawn_storm"), "a respawn storm")
        self.assertEqual(("worker", 2), (storm["role"], storm["slot"]))
        self.assertGreaterEqual(storm["times"], 5)
        outlasted = [one for one in running.debug()["journal"]["records"] if one["outcome"] == "outlasted"]
        self.assertEqual({("ApplicationPostFork", "post_fork", 2)}, {(one["event"], one["hook"], one["slot"]) for one in outlasted})
        self.assertEqual([], incidents("died_inside"))

    def test_death_inside_a_subscriber_is_told_by_who_lives(self):
        running = self.serve(workers=2, settings=self.trouble("PostWorkerInit", "die", slot=2))
        died = running.wait_for(lambda: [one for one in running.debug()["incidents"] if one["what"] == "died_inside"],
                                "a death in the journal")
        self.assertEqual(("worker", 2, "ApplicationPostWorkerInit", "probe::Trouble"),
                         tuple(died[0][key] for key in ("role", "slot", "event", "subscriber")))
        self.assertIn(died[0]["pid"], [one.pid for one in self.trace("PostFork", slot=2)])

    def test_throw_in_post_worker_init(self):
        self.check_closed("PostWorkerInit", "throw", "threw: trouble as configured")

    def test_replacements_come_less_and_less_often(self):
        running = self.make_server(workers=1, settings=self.trouble("PostFork"))
        began = time.monotonic()
        running.start(wait=False)
        running.wait_for(lambda: len(self.trace("PostFork")) >= 5, "four replacements")
        # Each failed worker waits before its exit, twice as long as the one before.
        self.assertGreater(time.monotonic() - began, 0.1 + 0.2 + 0.4 + 0.8)
        self.assertIn("after failure number 4", running.log_text())

    def test_master_waits_longer_and_longer(self):
        running = self.make_server(workers=1, settings=self.trouble("PostWorkerInit", "hang"))
        began = time.monotonic()
        running.start(wait=False)
        for incarnation in range(1, 5):
            running.wait_for(lambda: self.trace("PostFork", incarnation=incarnation), "a worker")
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.trace("PostFork", incarnation=incarnation)[0].pid, signal.SIGKILL)
        running.wait_for(lambda: self.trace("PostFork", incarnation=5), "a worker")
        self.assertGreater(time.monotonic() - began, 0.1 + 0.2 + 0.4 + 0.8)

    def test_second_incarnation_serves(self):
        running = self.serve(workers=1, settings=self.trouble("PostFork", incarnations=1))
        self.assertEqual(2, self.wait_for_workers(running, 1)[1].incarnation)

    def test_throw_in_pre_fork(self):
        running = self.serve(workers=2, settings=self.trouble("PreFork"))
        self.wait_for_workers(running, 2)
        self.assertEqual(2, running.log_text().count("failed on ApplicationPreFork"))
        self.assertEqual(0, running.stop())
        self.assertEqual(MASTER_START + FORK * 2, self.names(running.pid)[:6])

    def test_hang_in_pre_fork_is_told(self):
        running = self.make_server(workers=1, settings=self.trouble("PreFork", "hang")).start(wait=False)
        running.wait_for(lambda: "outlasted its deadline" in running.log_text(), "the complaint")
        running.process.kill()

    def test_exit_in_pre_fork_leaves_no_orphans(self):
        running = self.make_server(workers=1, settings=self.trouble("PreFork", "exit")).start(wait=False)
        self.assertEqual(3, running.process.wait(60))
        self.assertIn("called exit()", running.log_text())

    def test_throw_in_worker_exit(self):
        running = self.serve(workers=2, settings=self.trouble("WorkerExit"))
        self.assertEqual(0, running.stop())
        self.assertEqual(2, len(self.trace("WorkerExit")))

    def test_hang_in_worker_exit_ends_at_the_deadline(self):
        running = self.serve("--drain", "1", workers=1, settings=self.trouble("WorkerExit", "hang"))
        self.assertEqual(0, running.stop())
        self.assertIn("has not exited in time; it is killed - raise --drain", running.log_text())
        self.assertEqual("ServerExit", self.names(running.pid)[-1])


class Workers(StandaloneScenario):
    def ask_in_vain(self, running):
        """A request that is not answered before the server ends: its thread, and its result."""
        outcome = []

        def ask():
            try:
                outcome.append(running.get("/sleep?ms=60000"))
            except (OSError, scenarios.server.http.client.HTTPException) as error:
                outcome.append(error)

        thread = threading.Thread(target=ask)
        thread.start()
        return thread, outcome

    def assert_no_answer(self, asked):
        thread, outcome = asked
        thread.join()
        self.assertEqual(1, len(outcome))
        self.assertIsInstance(outcome[0], Exception)

    def test_request_handler_throws(self):
        running = self.serve(workers=1)
        pid = running.get("/")[1]
        self.assertEqual((500, "Internal Server Error\n"), running.get("/throw"))
        self.assertEqual((200, pid), running.get("/"))
        self.assertIn("the request handler failed on /throw: it threw: as asked", running.log_text())

    def test_hanging_worker_is_aborted(self):
        # The event is raised in a signal handler, and the probe allocates there. SIGKILL would end a deadlock.
        running = self.serve("--timeout", "1", workers=1, environment={"TSAN_OPTIONS": "report_signal_unsafe=0"})
        pid = int(running.get("/")[1])
        with self.assertRaises((OSError, scenarios.server.http.client.HTTPException)):
            running.get("/sleep?ms=60000")
        self.assertNotEqual(str(pid), running.get("/")[1])
        self.assertEqual(WORKER_START + ["WorkerAbort", "WorkerExit"], self.names(pid))
        self.assertIn("has been busy with one request for more than 1 s; it is ended - raise --timeout", running.log_text())
        self.assertEqual(2, self.wait_for_workers(running, 1)[1].incarnation)

    def test_abort_of_a_stranger_is_no_event(self):
        running = self.serve(workers=1)
        worker = self.wait_for_workers(running, 1)[1]
        os.kill(worker.pid, signal.SIGABRT)
        self.wait_for_workers(running, 1, lambda workers: workers[1].incarnation == 2)
        self.assertEqual(WORKER_START, self.names(worker.pid))

    def test_graceful_stop_finishes_a_slow_request(self):
        running = self.serve(workers=1)
        answers = []
        slow = threading.Thread(target=lambda: answers.append(running.get("/sleep?ms=1500")))
        slow.start()
        running.wait_for(lambda: "a request sleeps" in running.log_text(), "the request")
        self.assertEqual(0, running.stop())
        slow.join()
        self.assertEqual([200], [status for status, _ in answers])
        self.assertEqual(1, len(self.trace("WorkerExit")))

    def test_stop_ends_at_the_deadline(self):
        running = self.serve("--drain", "1", workers=1)
        slow = self.ask_in_vain(running)
        running.wait_for(lambda: "a request sleeps" in running.log_text(), "the request")
        self.assertEqual(0, running.stop())
        self.assert_no_answer(slow)
        self.assertEqual(["WorkerReaped", "ServerExit"], self.names(running.pid)[-2:])

    def test_second_signal_stops_at_once(self):
        running = self.serve("--drain", "3600", workers=1)
        slow = self.ask_in_vain(running)
        running.wait_for(lambda: "a request sleeps" in running.log_text(), "the request")
        running.signal(signal.SIGTERM)
        running.wait_for(lambda: "stopping" in running.log_text(), "the stop")
        running.signal(signal.SIGINT)
        self.assertEqual(0, running.process.wait(60))
        self.assert_no_answer(slow)
        self.assertEqual("ServerExit", self.names(running.pid)[-1])


class UnprivilegedServer(server.Server):
    """Root is exempt from the limit of processes. This user has no other processes than those of the server."""

    user = 2_000_000_000 + os.getpid()

    def as_user(self, command):
        become = ["setpriv", "--reuid", str(self.user), "--regid", str(self.user), "--clear-groups", "--"]
        return (become if os.geteuid() == 0 else []) + command

    def command(self):
        return self.as_user(super().command())

    def limit_processes(self, number):
        subprocess.run(self.as_user(["prlimit", "--pid", str(self.pid), "--nproc=%s:" % number]), check=True)


class ForkFailure(StandaloneScenario):
    def test_server_outlives_it(self):
        running = self.make_server(workers=2, make=UnprivilegedServer).start()
        workers = self.wait_for_workers(running, 2)
        running.limit_processes(1)
        os.kill(workers[2].pid, signal.SIGKILL)
        running.wait_for(lambda: len(self.trace("ForkFailed")) >= 3, "failures of fork")
        self.assertEqual((200, str(workers[1].pid)), running.get("/"))
        self.assertIn("cannot fork a worker: Resource temporarily unavailable", running.log_text())
        _, hard = resource.getrlimit(resource.RLIMIT_NPROC)
        running.limit_processes("unlimited" if hard == resource.RLIM_INFINITY else hard)
        self.wait_for_workers(running, 2, lambda workers: workers[2].incarnation == 2)
        told, = [one for one in running.debug()["incidents"] if one["what"] == "fork_failed"]
        self.assertEqual(("master", running.pid, "fork_failed"), (told["role"], told["pid"], told["hook"]))
        self.assertEqual(len(self.trace("ForkFailed")), told["times"])
        around = self.around_forks(running)
        self.assertEqual({"PreFork"}, set(around[::2]))
        self.assertEqual(len(around[::2]), len([event for event in around[1::2] if event != "PreFork"]))
        self.assertEqual(3, around.count("PostForkParent"))
        self.assertEqual(0, running.stop())
