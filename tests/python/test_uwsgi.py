# SPDX-License-Identifier: MIT
"""The package in the real uWSGI without Pyramid: it finds uWSGI by itself, in each interpreter, in uWSGI's processes only."""

import os
import signal
import unittest

import hosts

PROLOGUE = """
import json, os, sys, types
import forksafe

def tell(*words):
    with open(os.environ["TRACE"], "a") as trace:
        trace.write(json.dumps(words) + "\\n")

def hear(facts):
    tell(facts["event"], os.getpid(), facts["role"], facts["slot"], facts["late"])

def subscribe(*events, callable=hear, **options):
    for event in events:
        forksafe.subscribe("Application" + event, callable, "key", **options)

def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps({**forksafe.debug(), "pid": os.getpid()}, default=sorted).encode()]
"""

AROUND = ("PreFork", "PostForkParent")
WORKER = ("PostFork", "PostWorkerInit", "WorkerReady")
SUBSCRIBED = PROLOGUE + "subscribe(%s)\n" % ", ".join(map(repr, (*AROUND, *WORKER, "WorkerExit")))

#: A worker loses a signal that comes before its handlers are set, so it gets another one soon.
ASKED_AGAIN = ("--worker-reload-mercy", "4")


class Case(hosts.Case):
    def serve(self, kind, *options, **arguments):
        return super().serve(kind, *ASKED_AGAIN, *options, **arguments)

    def heard(self, *events):
        return [words for words in self.trace() if words[0].removeprefix("Application") in events]

    def wait_to_hear(self, host, count, *events):
        host.wait_for(lambda: len(self.heard(*events)) >= count, "%d x %s" % (count, ", ".join(events)))
        return self.heard(*events)

    def heard_by(self, process):
        return sorted(words[0].removeprefix("Application") for words in self.trace() if words[1] == process)


class Found(Case):
    """An application only needs forksafe.subscribe."""

    def test_every_event_of_the_table_is_heard(self):
        host = self.serve("uwsgi", application=SUBSCRIBED)
        ready = self.wait_to_hear(host, 2, "WorkerReady")
        for words in ready:
            self.assertEqual(self.heard_by(words[1]), sorted(WORKER))
        self.assertEqual(self.heard_by(host.pid), sorted(2 * AROUND))
        debug = self.debug(host)
        self.assertEqual((debug["status"], debug["environment"]), ("uWSGI hook configured", "uWSGI"))
        os.kill(ready[0][1], signal.SIGKILL)
        self.assertEqual(self.wait_to_hear(host, 3, "WorkerReady")[2][3], ready[0][3])

    def test_lazy_application_is_loaded_before_its_worker_is_ready(self):
        """A subscriber to an event about the loaded application may use what is defined below it in the module."""
        host = self.serve("uwsgi", "--lazy-apps", application=PROLOGUE + """
subscribe("PostFork")
subscribe("PostWorkerInit", "WorkerReady", callable=lambda facts: tell(facts["event"], os.getpid(), below))
below = "defined"
""")
        ready = self.wait_to_hear(host, 2, "WorkerReady")
        for words in ready:
            self.assertEqual(words[2], "defined")
            self.assertEqual(self.heard_by(words[1]), sorted(WORKER))
        self.assertEqual(self.debug(host)["failures"], [])

    def test_lazy_application_that_keeps_its_frames_is_said_to_have_missed_nothing(self):
        """A traceback that the module keeps holds the frame of its load: the event is raised, or the log reports it missed."""
        host = self.serve("uwsgi", "--lazy-apps", workers=1, application=PROLOGUE + """
subscribe("WorkerReady")
try:
    import there_is_no_such_module
except ImportError as error:
    kept = error
""")
        host.get("/")
        host.wait_for_idle_worker()
        host.stop()
        self.assertTrue(self.heard("WorkerReady") or "core.uwsgi.loaded()" in host.log_text(), host.log_text())

    def test_application_that_subscribes_at_its_first_request(self):
        host = self.serve("uwsgi", workers=1, application="""
def application(environ, start_response):
    if "forksafe" not in globals():
        exec(%r, globals())
        subscribe("PostFork", "PostWorkerInit", "WorkerReady")
    start_response("200 OK", [])
    return [b"ok"]
""" % PROLOGUE)
        host.get("/")
        self.assertEqual(sorted(words[0].removeprefix("Application") for words in self.wait_to_hear(host, 3, *WORKER)),
                         sorted(WORKER))

    def test_mules_and_spoolers_hear_their_fork(self):
        (self.directory / "spool").mkdir()
        for how in ((), ("--lazy-apps",)):
            with self.subTest(how):
                (self.directory / "trace").unlink(missing_ok=True)
                host = self.serve("uwsgi", *how, "--mule", "--spooler", str(self.directory / "spool"), workers=1,
                                  application=SUBSCRIBED)
                told = self.wait_to_hear(host, 1 if how else 3, "PostFork")
                expected = [["worker", 1]] if how else [["mule", 1], ["spooler", 1], ["worker", 1]]
                self.assertEqual(sorted(words[2:4] for words in told), expected)
                host.stop()


class Strangers(Case):
    """A process that the application's own code forks is not one of uWSGI's."""

    def test_fork_while_the_application_is_loaded(self):
        for fork in ("os.fork()", "__import__('ctypes').CDLL(None).fork()"):
            with self.subTest(fork):
                (self.directory / "trace").unlink(missing_ok=True)
                host = self.serve("uwsgi", application=SUBSCRIBED + """
child = %s
if child == 0:
    tell("child", os.getpid())
    sys.exit(0)
os.waitpid(child, 0)
""" % fork)
                self.wait_to_hear(host, 2, "WorkerReady")
                host.stop()
                (child,) = [words[1] for words in self.trace("child")]
                self.assertEqual(self.heard_by(child), ["child"])
                self.assertEqual(self.heard_by(host.pid), sorted(2 * AROUND))

    def test_fork_in_a_request_and_in_a_mule(self):
        self.write("mule.py", """
            import app, os, sys, uwsgi
            if os.fork() == 0:
                app.tell("child", os.getpid())
                sys.exit(0)
            os.wait()
            while True:
                uwsgi.mule_get_msg()
        """)
        host = self.serve("uwsgi", "--mule=" + str(self.directory / "mule.py"), workers=1, application=SUBSCRIBED + """
answer = application
def application(environ, start_response):
    if environ["PATH_INFO"] == "/fork":
        child = os.fork()
        if child == 0:
            tell("child", os.getpid())
            forksafe.subscribe("ApplicationPostFork", hear, "of the child")
            sys.exit(0)
        os.waitpid(child, 0)
    return answer(environ, start_response)
""")
        host.get("/fork")
        host.wait_for(lambda: len(self.trace("child")) == 2, "both children")
        host.stop()
        for _, child in self.trace("child"):
            self.assertEqual(self.heard_by(child), ["child"])


class Hooks(Case):
    """uWSGI has room for one function in each hook."""

    def test_hooks_of_others_run_too(self):
        host = self.serve("uwsgi", "--enable-threads", application=PROLOGUE + """
import uwsgi
uwsgi.post_fork_hook = lambda: tell("before", os.getpid())
subscribe("PostFork", "WorkerExit")
ours = uwsgi.post_fork_hook
def after():
    ours()
    tell("after", os.getpid())
uwsgi.post_fork_hook = after
uwsgi.atexit = lambda: tell("at exit", os.getpid())
""")
        host.wait_for(lambda: len(self.trace("after")) == 2, "the hooks of both workers")
        host.get("/")
        host.wait_for_idle_worker()
        host.stop()
        for _, worker in self.trace("after"):
            heard = self.heard_by(worker)
            self.assertEqual([word for word in heard if word != "WorkerExit" and word != "at exit"],
                             sorted(["PostFork", "before", "after"]))
            self.assertEqual("WorkerExit" in heard, "at exit" in heard)
        self.assertTrue(self.heard("WorkerExit"))

    def test_hook_that_replaces_ours_is_called_after_it(self):
        host = self.serve("uwsgi", workers=1, application=PROLOGUE + """
import uwsgi
subscribe("PostFork")
uwsgi.post_fork_hook = lambda: tell("theirs", os.getpid())
""")
        host.wait_for(lambda: self.trace("theirs"), "their hook")
        self.assertEqual([words[0] for words in self.trace()], ["ApplicationPostFork", "theirs"])


class Interrupted(Case):
    def test_what_a_subscriber_of_the_master_raises_ends_no_worker(self):
        for raised in ("SystemExit(3)", "KeyboardInterrupt()", "GeneratorExit()"):
            for event in AROUND:
                with self.subTest(raised=raised, event=event):
                    (self.directory / "trace").unlink(missing_ok=True)
                    host = self.serve("uwsgi", workers=1, application=PROLOGUE + """
import uwsgi
def leave(facts):
    raise %s
uwsgi.post_fork_hook = lambda: tell("earlier", os.getpid())
subscribe(%r, callable=leave)
subscribe("PostFork")
""" % (raised, event))
                    first = self.wait_to_hear(host, 1, "PostFork")[0][1]
                    os.kill(first, signal.SIGKILL)
                    self.wait_to_hear(host, 2, "PostFork")
                    host.wait_for(lambda: host.get("/")[0] == 200, "the second worker's answer")
                    self.assertEqual(len(self.trace("earlier")), 2)
                    self.assertIn("interrupted by " + raised.partition("(")[0], host.log_text())
                    host.stop()

    def test_what_is_no_exit_leaves_the_hooks_of_others(self):
        host = self.serve("uwsgi", workers=1, application=PROLOGUE + """
import uwsgi
def interrupt(facts):
    raise KeyboardInterrupt
uwsgi.post_fork_hook = lambda: tell("earlier", os.getpid())
subscribe("WorkerReady", callable=interrupt)
""")
        host.wait_for(lambda: self.trace("earlier"), "the earlier hook")
        self.assertEqual(host.get("/")[0], 200)
        self.assertIn("interrupted by KeyboardInterrupt", host.log_text())


if __name__ == "__main__":
    unittest.main()
