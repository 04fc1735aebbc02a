# SPDX-License-Identifier: MIT
"""Several applications in one uWSGI, with and without Pyramid: each subscriber is called in the interpreter that made it."""

import os
import signal
import unittest

import hosts
import test_uwsgi
from test_uwsgi import AROUND, ASKED_AGAIN, PROLOGUE, WORKER

#: A module of which each interpreter has a copy, like an application's module with its engine.
MOUNTED = PROLOGUE + """
module = sys.modules["state"] = types.ModuleType("state")
module.who = "{who}"

def where(facts):
    import state
    tell(facts["event"], os.getpid(), "{who}", state.who)

subscribe("ServerStarting", "PreFork", "PostForkParent", "PostFork", "PostWorkerInit", "WorkerReady", callable=where)
"""

ONLY_ANSWERS = """
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"ok"]
"""


class Mounts(test_uwsgi.Case):
    """Several applications in one server, each in a separate interpreter."""

    def mount(self, *options, second=MOUNTED, first=MOUNTED):
        self.write("one.py", first.replace("{who}", "one"))
        self.write("two.py", second.replace("{who}", "two"))
        host = hosts.Host("uwsgi", self.directory, self.venv, [
            "--manage-script-name", "--mount", "/one=" + str(self.directory / "one.py"),
            "--mount", "/two=" + str(self.directory / "two.py"), *ASKED_AGAIN, *options])
        command = host.command()
        place = command.index("--wsgi-file")
        del command[place:place + 2]
        host.command = lambda: command
        self.addCleanup(host.stop)
        host.start(False)
        for path in ("/one", "/two"):
            host.wait_for(lambda: host.get(path)[0] == 200, "an answer to " + path)
        return host

    def test_each_subscriber_is_called_in_its_own_interpreter(self):
        for options in ((), ("--lazy-apps",), ("--enable-threads",), ("--threads", "2"), ("--threads", "2", "--lazy-apps")):
            with self.subTest(options):
                (self.directory / "trace").unlink(missing_ok=True)
                host = self.mount(*options)
                events = WORKER if "--lazy-apps" in options else (*WORKER, "ServerStarting", *AROUND)
                once = len(events) - 3
                count = 4 * len(WORKER) + (0 if not once else 2 + 8)
                told = self.wait_to_hear(host, count, *events)
                host.stop()
                self.assertEqual(len(told), count)
                self.assertEqual([words for words in told if words[2] != words[3]], [])
                for worker in {words[1] for words in told} - {host.pid}:
                    self.assertEqual(self.heard_by(worker), sorted(2 * WORKER))

    def test_single_interpreter(self):
        host = self.mount("--single-interpreter")
        told = self.wait_to_hear(host, 6, *WORKER)
        # In one interpreter they share one module, and one key.
        self.assertEqual({tuple(words[2:]) for words in told}, {("two", "two")})

    def test_only_the_second_application_subscribes(self):
        for options in ((), ("--lazy-apps",)):
            with self.subTest(options):
                (self.directory / "trace").unlink(missing_ok=True)
                host = self.mount(*options, first=ONLY_ANSWERS)
                told = self.wait_to_hear(host, 6, *WORKER)
                host.stop()
                self.assertEqual({tuple(words[2:]) for words in told}, {("two", "two")})

    def test_pyramid_in_each(self):
        application = hosts.PROLOGUE + "application = make(events.ApplicationServerStarting, events.ApplicationPostFork)\n"
        for options in ((), ("--lazy-apps",)):
            with self.subTest(options):
                (self.directory / "trace").unlink(missing_ok=True)
                host = self.mount(*options, first=application, second=application)
                self.wait_to_hear(host, 4, "PostFork")
                host.stop()

    def test_exit_ends_the_worker_as_in_the_first(self):
        host = self.mount(first=ONLY_ANSWERS, second=PROLOGUE + """
def leave(facts):
    tell("leave", os.getpid())
    if facts["incarnation"] == 1:
        raise SystemExit(5)
subscribe("WorkerReady", callable=leave)
""")
        host.wait_for(lambda: len(self.trace("leave")) >= 4, "the replacements")
        self.assertEqual(len(self.trace("leave")), 4)
        self.assertIn("interrupted by SystemExit", host.log_text())

    def test_thread_of_a_second_application_holds_no_worker_up(self):
        host = self.mount("--enable-threads", second=MOUNTED + """
import threading, time
def busy():
    while True:
        sum(range(10_000))
        time.sleep(0)
threading.Thread(target=busy, daemon=True).start()
""")
        told = self.wait_to_hear(host, 4, "WorkerReady")
        os.kill(told[0][1], signal.SIGKILL)
        self.wait_to_hear(host, 6, "WorkerReady")
        self.assertEqual([words for words in self.trace() if words[2] != words[3]], [])


if __name__ == "__main__":
    unittest.main()
