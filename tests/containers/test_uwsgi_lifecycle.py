# SPDX-License-Identifier: MIT
"""The events of each process and their order, from start to end, in the modes of uWSGI."""

import contextlib
import os
import signal
import threading

from uwsgi_scenario import BORN, FORK, START, UwsgiScenario, WithoutMaster, server


class Lifecycle(UwsgiScenario):
    def spooler(self):
        path = self.directory / "spool"
        path.mkdir()
        return ["--spooler", str(path)]

    def test_every_kind_of_process(self):
        running = self.serve("--mule", *self.spooler())
        master = running.pid
        self.wait_for_trace(running, 4, "PostFork")
        self.wait_for_trace(running, 2, "WorkerReady")
        first = {(event.role, event.slot): event.pid for event in self.trace("PostFork")}
        self.assertEqual(sorted(first), [("mule", 1), ("spooler", 1), ("worker", 1), ("worker", 2)])

        for kind in ("worker", 1), ("mule", 1), ("spooler", 1):
            os.kill(first[kind], signal.SIGKILL)
            again = self.wait_for_trace(running, 2, "PostFork", role=kind[0], slot=1)[-1]
            self.assertEqual((again.incarnation, again.respawn, again.forked, again.app_loaded), (2, 1, 1, 1))
            self.assertEqual(again.parent, master)
        self.wait_for_trace(running, 3, "WorkerReady")
        self.wait_for_trace(running, 7, "PostForkParent")
        running.wait_for(lambda: running.get("/")[0] == 200, "an answer")

        self.check_forks(master, 7)
        self.check_once()
        kinds = {event.pid: event.role for event in self.trace("PostFork")}
        for pid, role in kinds.items():
            self.assertEqual(self.names(pid), BORN if role == "worker" else ["PostFork"], role)
        self.assertEqual([(event.hook, event.child) for event in self.trace("WorkerReaped")],
                         [("pre_uwsgi_fork", first["worker", 1]), ("pthread_atfork_prepare", first["mule", 1]),
                          ("pthread_atfork_prepare", first["spooler", 1])])
        self.assertEqual([event.hook for event in self.trace("PreFork")],
                         ["pthread_atfork_prepare", "pre_uwsgi_fork", "pre_uwsgi_fork", "pthread_atfork_prepare",
                          "pre_uwsgi_fork", "pthread_atfork_prepare", "pthread_atfork_prepare"])
        self.assertEqual(self.names(master)[:10], START + FORK * 4 + ["ServerReady"])
        self.assertEqual(self.names(master)[10:], (["WorkerReaped"] + FORK) * 3)

    def test_from_start_to_end(self):
        running = self.serve(workers=1)
        self.assertEqual(running.stop(), 0)
        master, worker = running.pid, self.trace("PostFork")[0].pid
        self.assertEqual(self.names(master), START + FORK + ["ServerReady", "WorkerReaped", "ServerExit"])
        self.assertEqual(self.names(worker), BORN + ["WorkerExit"])
        hooks = {event.event: event.hook for event in self.trace()}
        self.assertEqual(hooks, {
            "ServerStarting": "init", "PreFork": "pre_uwsgi_fork", "PostForkParent": "post_uwsgi_fork",
            "ServerReady": "master_cycle", "PostFork": "post_fork", "PostWorkerInit": "fixup",
            "WorkerReady": "hijack_worker", "WorkerExit": "atexit", "WorkerReaped": "master_cycle",
            "ServerExit": "master_cleanup"})
        self.assertEqual([event.child for event in self.trace("WorkerReaped")], [worker])
        loaded = {event.event: event.app_loaded for event in self.trace(pid=master)}
        self.assertEqual((loaded["ServerStarting"], loaded["PreFork"]), (0, 1))

    def test_lazy_applications(self):
        running = self.serve("--lazy-apps", "--mule", workers=1)
        self.assertEqual(running.get("/late"), (200, "1 1"))
        self.wait_for_trace(running, 2, "PostFork")
        self.assertEqual({(event.role, event.app_loaded) for event in self.trace("PostFork")},
                         {("mule", 0), ("worker", 0)})
        self.assertEqual([event.app_loaded for event in self.trace("PostWorkerInit")], [1])
        self.assertEqual([event.app_loaded for event in self.trace("PreFork")], [0, 0])
        self.assertEqual(self.names(self.live_workers()[1]), BORN)

    def test_application_loaded_by_the_master(self):
        self.assertEqual(self.serve(workers=1).get("/late"), (200, "1 0"))

    def test_debug_object(self):
        debug = self.serve(workers=1).debug()
        self.assertEqual(debug["status"], "uWSGI hook configured")
        self.assertEqual(debug["environment"], "uWSGI")
        self.assertEqual(debug["autoconfigure.log"], ["uWSGI available", "uWSGI hook configured"])
        self.assertIn(["containers.uwsgi.post_fork_hook", "ApplicationPostFork"], debug["executed_hooks"])
        self.assertEqual(debug["failures"], [])
        self.assertEqual(debug["unannounced_forks"], 0)

    def test_without_master(self):
        running = self.serve(make=WithoutMaster)
        self.wait_for_trace(running, 2, "WorkerReady")
        first, second = sorted(self.trace("PostFork"), key=lambda event: event.slot)
        self.assertEqual((first.slot, first.pid, first.forked), (1, running.pid, 0))
        self.assertEqual((second.slot, second.parent, second.forked), (2, running.pid, 1))
        self.assertEqual(self.names(first.pid), START + FORK + BORN)
        self.assertEqual(self.names(second.pid), BORN)
        debug = running.debug()
        self.assertEqual(debug["status"], "uWSGI error")
        self.assertIsNone(debug["environment"])
        self.assertEqual(debug["autoconfigure.log"],
                         ["uWSGI error: you have to enable the uWSGI master process to use this module"])

    def test_reload_of_the_master(self):
        running = self.serve(workers=1)
        before = self.trace("PostFork")[0].pid
        running.signal(signal.SIGHUP)
        self.wait_for_trace(running, 2, "WorkerReady")
        running.wait_for(lambda: len(self.trace("ServerReady")) == 2, "the master's second start")
        self.assertEqual(self.names(running.pid),
                         START + FORK + ["ServerReady", "WorkerReaped", "ServerExit"] +
                         START + ["ServerReload"] + FORK + ["ServerReady"])
        self.assertEqual(self.names(before), BORN + ["WorkerExit"])
        self.assertEqual(self.names(self.live_workers()[1]), BORN)
        self.assertEqual(running.get("/")[1], str(self.live_workers()[1]))

    def test_inherited_reload_counter_is_no_reload(self):
        self.serve(workers=1, environment={"UWSGI_RELOADS": "3", "FORKSAFE_UWSGI_PROCESS": "1"})
        self.assertEqual(self.trace("ServerReload"), [])

    def test_chain_reload(self):
        touched = self.directory / "touched"
        touched.touch()
        os.utime(touched, (1, 1))
        running = self.serve("--touch-chain-reload", str(touched))
        self.wait_for_trace(running, 2, "WorkerReady")
        first = self.live_workers()
        # A touch before the master's first look at the file is not a change for uWSGI.
        for time_of_change in range(2, 6):
            os.utime(touched, (time_of_change, time_of_change))
            with contextlib.suppress(server.ServerError):
                running.wait_for(lambda: self.trace("WorkerExit"), "the first worker's end", 20)
                break
        self.wait_for_trace(running, 4, "WorkerReady")
        running.wait_for(lambda: len(self.trace("PostForkParent")) == 4, "four forks")
        self.check_forks(running.pid, 4)
        self.check_once()
        for slot, pid in first.items():
            self.assertEqual(self.names(pid), BORN + ["WorkerExit"])
            self.assertEqual(self.names(self.live_workers()[slot]), BORN)
        self.assertEqual(sorted(event.child for event in self.trace("WorkerReaped")), sorted(first.values()))

    def test_cheaper_workers_come_and_go(self):
        running = self.serve("--cheaper", "1", "--cheaper-initial", "1", "--cheaper-step", "2",
                             "--cheaper-overload", "1", workers=3)
        self.assertEqual(len(self.trace("PostFork")), 1)
        busy = [threading.Thread(target=running.get, args=("/sleep?ms=2500",)) for _ in range(6)]
        for thread in busy:
            thread.start()
        self.wait_for_trace(running, 2, "PostFork")
        for thread in busy:
            thread.join()
        self.wait_for_trace(running, 1, "WorkerReaped")
        running.stop()
        born = [event.pid for event in self.trace("PostFork")]
        self.check_forks(running.pid, len(born))
        self.check_once()
        for pid in born:
            self.assertEqual(self.names(pid), BORN + ["WorkerExit"])
        self.assertEqual(sorted(event.child for event in self.trace("WorkerReaped")), sorted(born))

    def test_harakiri(self):
        running = self.serve("--harakiri", "1", workers=1)
        victim = self.live_workers()[1]
        thread = threading.Thread(target=self.ignore_errors, args=(running.get, "/sleep?ms=20000"))
        thread.start()
        self.wait_for_trace(running, 2, "WorkerReady")
        thread.join()
        abort, = self.trace("WorkerAbort")
        self.assertEqual((abort.hook, abort.pid, abort.role, abort.child), ("harakiri", running.pid, "master", victim))
        self.assertEqual(self.names(victim), BORN)
        self.assertEqual(self.names(running.pid)[-4:], ["WorkerAbort", "WorkerReaped"] + FORK)

    @staticmethod
    def ignore_errors(function, *arguments):
        try:
            function(*arguments)
        except OSError:
            pass
        except Exception as error:  # http.client's errors have no common base but this
            if type(error).__module__ != "http.client":
                raise
