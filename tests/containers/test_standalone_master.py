# SPDX-License-Identifier: MIT
"""The embedded server's master survives troubles, and no worker survives the master."""

import os
import resource
import signal
import socket
import subprocess
import time
import unittest

import scenarios
from test_standalone import StandaloneScenario

HANGS_IN_FORK = """
#include <pthread.h>
#include <unistd.h>
static void wait_forever(void) { for (;;) pause(); }
__attribute__((constructor)) static void begin(void) { pthread_atfork(0, 0, wait_forever); }
"""
READS_STANDARD_INPUT = """
#include <pthread.h>
#include <stdio.h>
static void* read_on(void* unused) { getchar(); return unused; }
__attribute__((constructor)) static void begin(void) { pthread_t thread; pthread_create(&thread, 0, read_on, 0); }
"""
TAKES_A_DESCRIPTOR = """
#include <unistd.h>
__attribute__((constructor)) static void begin(void) { dup(2); }
"""
INHERITS_ORPHANS = """
#include <sys/prctl.h>
#include <unistd.h>
__attribute__((constructor)) static void begin(void) {
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  if (fork() == 0) _exit(7);
}
"""


def state_of(pid):
    return scenarios.status_of(pid).get("State", "gone")[0]


class MasterScenario(StandaloneScenario):
    def trouble(self, event, kind, **more):
        return {"trouble.on": "Application" + event, "trouble.kind": kind,
                **{"trouble." + key: value for key, value in more.items()}}

    def start_by_hand(self, made, stderr=None, **streams):
        made.process = subprocess.Popen(made.command(), env={**os.environ, **made.environment}, start_new_session=True,
                                        stderr=stderr, **streams)
        if not isinstance(stderr, int):
            stderr.close()
        return made


class Log(MasterScenario):
    def check_served_and_reloaded(self, running):
        self.wait_for_workers(running, 2)
        before = {one.pid for one in self.workers().values()}
        running.signal(signal.SIGHUP)
        self.wait_for_workers(running, 2, lambda workers: not before & {one.pid for one in workers.values()})
        self.assertEqual(200, running.get("/")[0])
        self.assertIsNone(running.process.poll())
        broken_pipe = 1 << (signal.SIGPIPE - 1)
        for pid in [running.pid] + [one.pid for one in self.workers().values()]:
            self.assertEqual(0, int(scenarios.status_of(pid)["SigIgn"], 16) & broken_pipe, "programs would inherit that")
        self.assertEqual(0, running.stop())

    def test_its_reader_goes_away(self):
        reader, writer = os.pipe()
        running = self.start_by_hand(self.make_server(workers=2), stderr=writer)
        os.close(writer)
        self.wait_for_workers(running, 2)
        os.close(reader)
        self.check_served_and_reloaded(running)

    def test_its_reader_was_gone_before_the_first_line(self):
        reader, writer = os.pipe()
        os.close(reader)
        running = self.start_by_hand(self.make_server(workers=2), stderr=writer)
        os.close(writer)
        self.check_served_and_reloaded(running)


class NeverReady(MasterScenario):
    def check_replaced(self, running, *texts):
        running.wait_for(lambda: len(self.trace("PostFork", slot=2)) >= 2, "a replacement")
        self.assertEqual((200, str(self.workers()[1].pid)), running.get("/"))
        first = self.trace("PostFork", slot=2)[0]
        self.assertNotEqual("T", state_of(first.pid))
        for text in (*texts, "worker 2 (pid %d) was killed by signal 9; it is replaced" % first.pid):
            self.assertIn(text, running.log_text())

    def test_it_hangs_in_worker_ready(self):
        running = self.serve("--start-timeout", "1", workers=2, settings=self.trouble("WorkerReady", "hang", slot=2))
        self.check_replaced(running, "has not become ready within 1 s of its fork; it is killed - ")

    def test_it_is_stopped(self):
        running = self.serve("--start-timeout", "1", workers=2, settings=self.trouble("PostWorkerInit", "stop", slot=2))
        self.check_replaced(running, "has not become ready within 1 s of its fork; it is killed - ")

    def test_it_is_stopped_while_it_is_idle(self):
        running = self.serve("--timeout", "1", workers=2)
        first = self.wait_for_workers(running, 2)[2]
        os.kill(first.pid, signal.SIGSTOP)
        running.wait_for(lambda: self.trace("WorkerReady", slot=2, incarnation=2), "a replacement")
        self.assertIn("worker 2 (pid %d) has no request and gives no sign of life; it is killed - " % first.pid,
                      running.log_text())
        self.assertEqual(1, len(self.trace("PostFork", slot=1)), "the other one lived")

    def test_a_restart_goes_on_after_one_that_hangs(self):
        settings = self.trouble("WorkerReady", "hang", slot=3, incarnations=1)
        running = self.serve("--start-timeout", "1", workers=2, settings=settings)
        before = {one.pid for one in self.wait_for_workers(running, 2).values()}
        running.signal(signal.SIGHUP)
        self.wait_for_workers(running, 2, lambda workers: not before & {one.pid for one in workers.values()})

    def test_it_hangs_inside_fork(self):
        running = self.make_server("--start-timeout", "1", workers=1, environment=self.preloaded(HANGS_IN_FORK))
        running.start(wait=False)
        running.wait_for(lambda: running.log_text().count("has not come out of fork() within 1 s") >= 2, "replacements")
        self.assertEqual([], self.trace("PostFork"))
        self.assertGreaterEqual(len(self.trace("WorkerReaped")), 1)
        self.assertEqual(0, running.stop())

    def test_the_master_never_waits_for_a_stream(self):
        made = self.make_server(workers=2, environment=self.preloaded(READS_STANDARD_INPUT))
        reader, writer = os.pipe()
        self.addCleanup(os.close, writer)
        running = self.start_by_hand(made, stdin=reader, stderr=made.log.open("wb"))
        os.close(reader)
        os.kill(self.wait_for_workers(running, 2)[1].pid, signal.SIGKILL)
        self.wait_for_workers(running, 2, lambda workers: workers[1].incarnation == 2)
        self.assertEqual(0, running.stop())


class Slots(MasterScenario):
    def test_one_that_waits_holds_up_no_other(self):
        running = self.make_server(workers=2, settings=self.trouble("PostWorkerInit", "die", slot=1)).start()
        running.wait_for(lambda: len(self.trace("PostFork", slot=1)) >= 6, "deaths", 60)
        # The next worker of slot 1 comes 3.2 s after the last one.
        died = len(self.trace("PostFork", slot=1))
        os.kill(self.workers()[2].pid, signal.SIGKILL)
        running.wait_for(lambda: self.trace("PostFork", slot=2, incarnation=2), "the replacement in slot 2")
        replaced = self.trace().index(self.trace("PostFork", slot=2, incarnation=2)[0])
        self.assertEqual(died, len([one for one in self.trace()[:replaced] if (one.event, one.slot) == ("PostFork", 1)]))
        self.assertEqual([], self.trace("PostFork", slot=3), "nobody takes the place of one that waits")
        running.signal(signal.SIGTTIN)
        self.wait_for_events(running, "WorkerReady", 1, slot=3)

    def test_leaving_with_0_right_after_it_was_ready_is_young(self):
        began = time.monotonic()
        running = self.make_server(workers=1, settings=self.trouble("WorkerReady", "leave_later")).start(wait=False)
        running.wait_for(lambda: self.trace("WorkerReady", incarnation=5), "four replacements")
        self.assertGreater(time.monotonic() - began, 0.1 + 0.2 + 0.4 + 0.8)


class Orphans(MasterScenario):
    def test_they_are_buried_and_the_application_s_own_children_are_not(self):
        running = self.serve(workers=1, environment=self.preloaded(INHERITS_ORPHANS))
        worker = self.workers()[1].pid
        own, = set(scenarios.descendants(running.pid)) - {worker}
        self.assertEqual("Z", state_of(own))
        for _ in range(5):
            self.assertEqual((200, "0"), running.get("/fork?how=orphan"))
        self.assertGreater(len(scenarios.descendants(running.pid)), 2)
        running.wait_for(lambda: set(scenarios.descendants(running.pid)) == {worker, own}, "the burial")
        self.assertEqual("Z", state_of(own))
        os.kill(worker, signal.SIGKILL)
        running.wait_for(lambda: self.trace("WorkerReaped", child=worker), "the death of the worker")


class MasterIsGone(MasterScenario):
    def check_they_end(self, running, workers):
        running.process.kill()
        running.process.wait()
        # `wait_for` fails if the server has exited.
        limit = time.monotonic() + 60
        while not {state_of(pid) for pid in workers} <= {"Z", "g"} and time.monotonic() < limit:
            time.sleep(0.02)
        self.assertLessEqual({state_of(pid) for pid in workers}, {"Z", "g"})

    def check_nobody_stays(self, kind):
        if os.geteuid() != 0:
            self.skipTest("only root can become another user")
        self.trace_path.touch()
        self.trace_path.chmod(0o666)
        running = self.serve(workers=2, settings=self.trouble("PostFork", kind))
        workers = [one.pid for one in self.wait_for_workers(running, 2).values()]
        running.wait_for(lambda: {scenarios.status_of(pid)["Uid"].split()[0] for pid in workers} == {"65534"}, "the drop")
        self.check_they_end(running, workers)
        self.assertEqual(2, len(self.trace("WorkerExit")))

    def test_workers_that_are_another_user_leave(self):
        self.check_nobody_stays("drop")

    def test_workers_that_became_another_user_later_leave(self):
        self.check_nobody_stays("drop_later")

    def test_a_worker_that_hangs_is_ended(self):
        running = self.serve("--drain", "1", workers=1)
        worker = self.wait_for_workers(running, 1)[1].pid
        with socket.create_connection(("127.0.0.1", running.port)) as client:
            client.sendall(b"GET /sleep?ms=3600000 HTTP/1.1\r\nHost: a\r\n\r\n")
            running.wait_for(lambda: "a request sleeps" in running.log_text(), "the request")
            self.check_they_end(running, [worker])


class Descriptors(MasterScenario):
    def setUp(self):
        super().setUp()
        if b"__ubsan_handle" in self.make_server().path.read_bytes():
            self.skipTest("the sanitizer that the server is built with needs descriptors of its own")

    def run_with(self, limit, **arguments):
        made = self.make_server(workers=1, **arguments)
        def lower():
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
        self.start_by_hand(made, stderr=made.log.open("wb"), preexec_fn=lower)
        return made

    def test_too_few_to_listen(self):
        made = self.run_with(4, environment=self.preloaded(TAKES_A_DESCRIPTOR))
        self.assertEqual(1, made.process.wait(20))
        self.assertRegex(made.log_text(), "Too many open files - .*ulimit -n")

    def test_too_few_to_serve(self):
        made = self.run_with(6)
        made.wait_for(lambda: "cannot serve: " in made.log_text(), "the complaint")
        self.assertRegex(made.log_text(), "cannot serve: .*ulimit -n")


if __name__ == "__main__":
    unittest.main()
