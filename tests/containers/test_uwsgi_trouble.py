# SPDX-License-Identifier: MIT
"""Failures of subscribers, forks, configurations and helper processes."""

import os
import signal
import socket
import subprocess
import time
import unittest

import scenarios
from uwsgi_scenario import BORN, FORK, NOBODY, START, UwsgiScenario


def set_process_limit(pid, number):
    """Sets the limit as the process's own user: not every root may change the limits of others."""
    subprocess.run(["prlimit", "--pid", str(pid), "--nproc=%d:" % number], check=True, user=NOBODY, group=NOBODY,
                   extra_groups=[])


class Trouble(UwsgiScenario):
    def test_throw_before_the_fork(self):
        running = self.serve(workers=1, settings={"trouble.on": "ApplicationPreFork"})
        self.check_forks(running.pid, 1)
        failure, = running.debug()["failures"]
        self.assertEqual((failure["event"], failure["hook"], failure["role"], failure["pid"], failure["reason"]),
                         ("ApplicationPreFork", "pre_uwsgi_fork", "master", running.pid, "threw: trouble as configured"))
        os.kill(self.live_workers()[1], signal.SIGKILL)
        self.wait_for_trace(running, 2, "WorkerReady")
        self.check_forks(running.pid, 2)

    def fail_in_first_incarnation(self, kind, reason):
        settings = {"trouble.on": "ApplicationPostFork", "trouble.kind": kind, "trouble.incarnations": "1"}
        running = self.serve(workers=1, settings=settings)
        first, second = self.trace("PostFork")
        self.assertEqual((first.incarnation, second.incarnation), (1, 2))
        self.assertEqual(self.names(first.pid), ["PostFork"])
        self.assertEqual(self.names(second.pid), BORN)
        self.assertEqual(running.get("/")[1], str(second.pid))
        line, = [line for line in running.log_text().splitlines() if reason in line]
        for word in "ApplicationPostFork", "post_fork", "worker", str(first.pid):
            self.assertIn(word, line)
        self.assertEqual([event.child for event in self.trace("WorkerReaped")], [first.pid])

    def test_throw_in_a_worker(self):
        self.fail_in_first_incarnation("throw", "trouble as configured")

    def test_hang_in_a_worker(self):
        self.fail_in_first_incarnation("hang", "outlasted its deadline")

    def test_exit_in_a_worker(self):
        self.fail_in_first_incarnation("exit", "called exit()")

    def test_death_again_and_again_in_a_worker(self):
        settings = {"trouble.on": "ApplicationPostFork", "trouble.kind": "die", "trouble.slot": "2"}
        self.check_storm_of_deaths(self.serve(workers=2, settings=settings), 2)

    def test_application_that_cannot_be_loaded(self):
        self.application = "listener"
        environment = {"LISTENER_FAIL": "yes"}
        self.assertIn("listener failed to load: as configured; uWSGI does not start",
                      self.fail_to_start(environment=environment))
        running = self.make_server("--lazy-apps", workers=1, environment=environment).start(wait=False)
        leaving = "listener failed to load: as configured; the worker exits to be replaced"
        started = time.monotonic()
        running.wait_for(lambda: running.log_text().count(leaving) == 3, "two workers that replace others")
        self.assertGreater(time.monotonic() - started, 2)
        self.assertIsNone(running.process.poll())

    def test_helper_processes_are_no_workers(self):
        running = self.serve("--mule", workers=1)
        self.wait_for_trace(running, 2, "PostForkParent")
        before = self.trace()
        for how, seen in {"system": "0", "popen": "0", "posix_spawn": "0", "fork": "1 0", "_Fork": "1 1"}.items():
            self.assertEqual(running.get("/fork?how=" + how), (200, seen), how)
        self.assertEqual(self.trace(), before)

    def test_daemons_and_cron_jobs_are_no_mules(self):
        running = self.serve("--mule", "--attach-daemon", "sleep 1000", "--cron2", "minute=-1,unique=1 true", workers=1)
        self.wait_for_trace(running, 2, "PostFork")
        self.wait_for_trace(running, 1, "ServerReady")
        running.wait_for(lambda: running.get("/")[0] == 200, "an answer")
        self.check_forks(running.pid, 2)

    @unittest.skipUnless(os.getuid() == 0, "needs root to become another user")
    def test_fork_fails(self):
        running = self.serve("--uid", str(NOBODY), "--gid", str(NOBODY), workers=3)
        self.wait_for_trace(running, 3, "WorkerReady")
        workers = self.live_workers()
        set_process_limit(running.pid, 1)
        for slot in 1, 2:
            os.kill(workers[slot], signal.SIGKILL)
            self.wait_for_trace(running, slot, "ForkFailed")
        self.assertEqual(running.get("/")[1], str(workers[3]))
        around = [event.event for event in self.trace(pid=running.pid)][len(START + FORK * 3 + ["ServerReady"]):]
        self.assertEqual(around, ["WorkerReaped", "PreFork", "ForkFailed"] * 2)
        # The second failure leaves errno unchanged, so only the next hook notices it.
        self.assertEqual(self.trace("ForkFailed")[0].hook, "pthread_atfork_parent")
        self.assertIn(self.trace("ForkFailed")[1].hook, ("pthread_atfork_parent", "master_cycle"))
        # The worker that is left shows both.
        told = self.incidents(running, "fork_failed")
        self.assertEqual({(one["role"], one["pid"], one["event"]) for one in told}, {("master", running.pid, "ApplicationForkFailed")})
        self.assertEqual({one["hook"] for one in told}, {one.hook for one in self.trace("ForkFailed")})
        self.assertEqual(sum(one["times"] for one in told), 2)

        set_process_limit(running.pid, 1000)
        os.kill(workers[3], signal.SIGKILL)
        again = self.wait_for_trace(running, 1, "PostFork", incarnation=2)[0]
        self.assertEqual(again.slot, 3)
        self.wait_for_trace(running, 4, "PostForkParent")
        # uWSGI never retries a failed fork; a reload brings all workers back.
        running.signal(signal.SIGHUP)
        self.wait_for_trace(running, 7, "WorkerReady")
        running.stop()
        self.assertEqual(len(self.trace("PreFork")), len(self.trace("PostForkParent")) + len(self.trace("ForkFailed")))

    @unittest.skipUnless(os.getuid() == 0, "needs root to become another user")
    def test_fork_of_a_mule_fails(self):
        touched = self.directory / "touched"
        touched.touch()
        os.utime(touched, (1, 1))
        running = self.serve("--uid", str(NOBODY), "--gid", str(NOBODY), "--mule", "--touch-exec", "%s true" % touched,
                             workers=1)
        mule, = self.wait_for_trace(running, 1, "PostFork", role="mule")
        set_process_limit(running.pid, 1)
        os.kill(mule.pid, signal.SIGKILL)
        failed, = self.wait_for_trace(running, 1, "ForkFailed")
        self.assertEqual((failed.hook, failed.role), ("pthread_atfork_parent", "master"))
        set_process_limit(running.pid, 1000)
        # uWSGI has given this mule up: a command that it runs now must not be taken for the mule.
        os.utime(touched)
        running.wait_for(lambda: "[uwsgi-touch-exec] running" in running.log_text(), "the command")
        running.wait_for(lambda: running.get("/")[0] == 200, "an answer")
        self.assertEqual([event.event for event in self.trace(pid=running.pid)][-3:],
                         ["WorkerReaped", "PreFork", "ForkFailed"])
        # uWSGI would wait for that mule if it were told to stop.
        running.signal(signal.SIGKILL)

    def test_port_in_use(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            log = self.fail_to_start(port=taken.getsockname()[1])
        self.assertIn("Address already in use", log)
        self.assertEqual(self.trace(), [])

    def left_behind(self, running):
        return (scenarios.open_descriptors(running.pid), scenarios.shared_mappings(running.pid),
                len(scenarios.descendants(running.pid)))

    def test_reloads_leave_nothing_behind(self):
        running = self.serve(workers=1)
        for reloads in range(1, 201):
            running.signal(signal.SIGHUP)

            def reloaded():
                # uWSGI looks for dead workers once a second, but at once when it continues after a stop.
                running.signal(signal.SIGSTOP)
                running.signal(signal.SIGCONT)
                return len(self.trace("ServerReady")) > reloads and len(self.trace("WorkerReady")) > reloads

            running.wait_for(reloaded, "reload %d" % reloads)
            if reloads == 5:
                before = self.left_behind(running)
        self.assertEqual(self.left_behind(running), before)
        self.assertEqual(len(self.trace("ServerReload")), 200)
        self.check_forks(running.pid, 201)
        self.check_once()
