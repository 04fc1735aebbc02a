# SPDX-License-Identifier: MIT
"""gunicorn with the hooks of the package, with those of others, and with none; without Pyramid and with it."""

import json
import re
import unittest

import hosts

PLAIN = """
import json, os
import forksafe

def tell(facts):
    with open(os.environ["TRACE"], "a") as trace:
        trace.write(json.dumps([facts["event"], os.getpid(), facts["hook"], facts["late"], facts.get("child")]) + "\\n")

for event in forksafe.EVENTS:
    forksafe.subscribe(event, tell, "tell")

def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "application/json")])
    debug = forksafe.debug()
    return [json.dumps({key: debug[key] for key in ("status", "autoconfigure.log", "unannounced_forks")}).encode()]
"""

CURE = "start it with -c python:forksafe.gunicorn"


class Unheard(hosts.Case):
    def check(self, application, *options, configuration=""):
        self.write("conf.py", configuration)
        host = self.serve("gunicorn", *options, application=application, workers=1)
        debug = self.debug(host)
        line = debug["autoconfigure.log"][-1]
        self.assertRegex(line, r"^this is gunicorn [\d.]+, and none of its hooks call forksafe, so that \d+ subscribers? hears? "
                         r"nothing: ")
        self.assertIn(CURE, line)
        self.assertEqual(host.log_text().count("none of its hooks"), 1, host.log_text())
        self.assertEqual([words for words in self.trace() if words[0] != "load"], [])
        return debug

    def test_plain(self):
        self.assertEqual(self.check(PLAIN)["unannounced_forks"], 1)

    def test_plain_in_the_arbiter(self):
        debug = self.check(PLAIN, "--preload")
        self.assertEqual(debug["unannounced_forks"], 1)
        self.assertIn("so that 13 subscribers hear nothing", debug["autoconfigure.log"][-1])

    def test_plain_with_hooks_of_another(self):
        self.check(PLAIN, "--preload", configuration="def post_fork(server, worker): server.log.info('mine')\n")

    def test_pyramid(self):
        self.check(hosts.SEED_APPLICATION)

    def test_pyramid_in_the_arbiter(self):
        self.check(hosts.SEED_APPLICATION, "--preload")

    def test_mark_configured_is_no_hook(self):
        self.check(hosts.SEED_APPLICATION + "from pyramid_forksafe.containers.gunicorn import mark_configured\n"
                   "mark_configured(application.registry)\n", "--preload")

    def test_nothing_is_said_where_there_is_no_subscriber(self):
        self.write("conf.py", "")
        host = self.serve("gunicorn", application=hosts.PROLOGUE + "application = make()\n", workers=1)
        self.assertEqual(self.debug(host)["autoconfigure.log"], ["uWSGI not available"])

    def test_nothing_is_said_where_hooks_are_called(self):
        for configuration in ("from forksafe.gunicorn import post_worker_init\n",
                              "def post_worker_init(worker):\n    from forksafe.gunicorn import post_worker_init as ours\n"
                              "    ours(worker)\n"):
            for options in ((), ("--preload",)):
                self.write("conf.py", configuration)
                host = self.serve("gunicorn", *options, application=PLAIN, workers=1)
                self.assertEqual(self.debug(host)["status"], "gunicorn mark_configured")
                self.assertNotIn("none of its hooks", host.log_text())
                host.stop()


class NeverRaised(hosts.Case):
    LINE = ("subscriber tell never hears ApplicationForkFailed in this container: the arbiter stops when fork fails, and calls "
            "no hook")

    def test_event_that_gunicorn_never_raises(self):
        self.write("conf.py", "from forksafe.gunicorn import *\n")
        for options in (["--preload"], []):
            host = self.serve("gunicorn", *options, application=PLAIN, workers=1)
            self.assertIn(self.LINE, self.debug(host)["autoconfigure.log"])
            self.assertEqual(host.log_text().count("never hears"), 1, host.log_text())
            host.stop()
            host.log.unlink()


class Install(hosts.Case):
    THEIRS = """
import json, os

def mine(hook):
    with open(os.environ["TRACE"], "a") as trace:
        trace.write(json.dumps(["mine " + hook, os.getpid()]) + "\\n")

def pre_fork(server, worker):
    mine("pre_fork")

def post_fork(server, worker):
    mine("post_fork")

def child_exit(server, worker):
    mine("child_exit")

def on_starting(server):
    mine("on_starting")
"""
    INSTALL = "\nimport forksafe.gunicorn\nforksafe.gunicorn.install(globals())\n"

    def check(self, configuration, missed=()):
        self.write("conf.py", configuration)
        host = self.serve("gunicorn", "--preload", application=PLAIN, workers=2)
        for name, count in {"ApplicationWorkerReady": 2, "mine post_fork": 2}.items():
            self.wait_for(host, count, name)
        self.assertEqual(re.findall("gunicorn's (.*) is another function", host.log_text()), list(missed))
        host.signal(1)
        self.wait_for(host, 4, "ApplicationWorkerReady")
        self.wait_for(host, 2, "mine child_exit")
        host.stop()
        counts = {"ApplicationPreFork": 4, "ApplicationPostForkParent": 4, "ApplicationPostFork": 4,
                  "ApplicationPostWorkerInit": 4, "ApplicationWorkerReady": 4, "ApplicationWorkerReaped": 4,
                  "ApplicationServerReady": 1, "ApplicationServerReload": 1, "ApplicationServerExit": 1, "mine pre_fork": 4,
                  "mine post_fork": 4, "mine child_exit": 4}
        self.assertEqual({name: len(self.trace(name)) for name in counts}, counts)
        self.assertEqual({words[3] for words in self.trace("ApplicationPostFork")}, {False})
        self.assertEqual(len(self.trace("mine on_starting")), 1)
        self.assertEqual({words[4]["parent"] for words in self.trace("ApplicationWorkerReaped")}, {host.pid})
        return [words[0] for words in self.trace() if words[1] == host.pid]

    def test_after_theirs(self):
        told = self.check(self.THEIRS + self.INSTALL)
        self.assertEqual(told[:2], ["ApplicationServerStarting", "mine on_starting"])
        self.assertLess(told.index("mine pre_fork"), told.index("ApplicationPreFork"))

    def test_before_theirs(self):
        """These functions replace what install() has set. The first hook that is left notices it."""
        self.check(self.INSTALL + self.THEIRS, missed=["on_starting"])

    def test_hooks_imported_over_theirs(self):
        for module in ("forksafe.gunicorn", "pyramid_forksafe.containers.gunicorn"):
            self.check(self.THEIRS + "from %s import *\n" % module)
            (self.directory / "trace").unlink()

    def test_twice_and_over_imported_hooks(self):
        self.check("from forksafe.gunicorn import *\n" + self.THEIRS + self.INSTALL + self.INSTALL)


if __name__ == "__main__":
    unittest.main()
