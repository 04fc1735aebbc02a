# SPDX-License-Identifier: MIT
"""Pyramid's events from the C++ wiring: payload, predicates, failure, and choosing the container."""

import json
import os
import signal
import unittest

import hosts
from hosts import PROLOGUE

FACTS = PROLOGUE + """
def facts(event):
    keys = ("container", "hook", "role", "pid", "slot", "incarnation", "forked", "app_loaded", "respawn", "late")
    tell("facts", type(event).__name__, os.getpid(), event.registry.settings["colour"], {key: getattr(event, key) for key in keys})
application = make(events.ApplicationPostFork, subscriber=facts, colour="green")
"""

PREDICATE = PROLOGUE + """
class InSlot:
    def __init__(self, slot, config):
        self.slot = slot
    def text(self):
        return "in_slot"
    phash = text
    def __call__(self, event):
        return event.slot == self.slot

config = Configurator()
config.include("forksafe.pyramid")
config.add_subscriber_predicate("in_slot", InSlot)
config.add_subscriber(hear, events.ApplicationPostFork, in_slot=2)
config.add_subscriber(lambda event: tell("interface", os.getpid()), "forksafe.pyramid.interfaces.IApplicationPostFork")
config.add_route("debug", "/")
config.add_view(debug, route_name="debug")
application = config.make_wsgi_app()
"""


class Gunicorn(hosts.Case):
    def test_facts(self):
        host = self.serve("gunicorn", application=FACTS, workers=1)
        _, name, pid, colour, facts = self.wait_for(host, 1, "facts")[0]
        self.assertEqual((name, colour), ("ApplicationPostFork", "green"))
        self.assertEqual(facts, {"container": "gunicorn", "hook": "post_fork", "role": "worker", "pid": pid, "slot": 1,
                                 "incarnation": 1, "forked": True, "app_loaded": False, "respawn": False, "late": True})

    def test_predicates_and_interfaces(self):
        host = self.serve("gunicorn", "--preload", application=PREDICATE)
        self.wait_for(host, 2, "interface")
        host.get("/")
        self.assertEqual(len(self.trace("ApplicationPostFork")), 1)

    def test_who_hears_all_events_need_name_none(self):
        for everything in ("forksafe.pyramid.interfaces.IApplicationEvent", "forksafe.pyramid.events.ApplicationEvent"):
            with self.subTest(everything):
                self.write("conf.py", "from forksafe.gunicorn import *\n")
                host = self.serve("gunicorn", "--preload", workers=1, application=PROLOGUE + "application = make(%r)\n" % everything)
                self.wait_for(host, 1, "ApplicationWorkerReady")
                host.stop()
                heard = {words[0] for words in self.trace()} - {"load"}
                self.assertLessEqual({"ApplicationPreFork", "ApplicationPostFork", "ApplicationPostWorkerInit",
                                      "ApplicationWorkerReady", "ApplicationWorkerExit", "ApplicationServerExit"}, heard)
                (self.directory / "trace").unlink()

    def test_failed_worker_does_not_serve(self):
        """The default: a worker whose repair failed is replaced, and the server stays."""
        host = self.serve("gunicorn", "--preload", workers=1, wait=False, application=PROLOGUE + """
def broken(event):
    tell("broken", os.getpid())
    if len(open(os.environ["TRACE"]).read().split("broken")) < 4:
        raise ValueError("not yet")
application = make(events.ApplicationPostFork, subscriber=broken)
""")
        broken = self.wait_for(host, 3, "broken")
        self.assertEqual(len({words[1] for words in broken}), 3)
        host.wait_for(lambda: host.get("/")[0] == 200, "the repaired worker's answer")
        self.assertIn("does not serve after its failed ApplicationPostFork", host.log_text())

    def test_second_application_does_not_undo_the_choice_of_the_first(self):
        host = self.serve("gunicorn", "--preload", workers=1, application=PROLOGUE + """
def broken(event):
    tell("broken", os.getpid())
    raise ValueError("on purpose")
application = make(events.ApplicationPostFork, subscriber=broken, **{"forksafe.on_failure": "open"})
another = make(events.ApplicationPostFork)
""")
        self.assertEqual(host.get("/")[0], 200)
        self.assertEqual(len(self.trace("broken")), 1)

    def test_log_holds_no_secret_of_an_exception_and_names_the_setting_that_nothing_reads(self):
        host = self.serve("gunicorn", "--preload", workers=1, application=PROLOGUE + """
import logging
logging.basicConfig()
def broken(event):
    tell("broken", os.getpid())
    raise ValueError("cannot reach postgresql://shop:h@nter/2@db/shop with {'password': 'hidden-3'}")
application = make(events.ApplicationPostFork, subscriber=broken, **{"forksafe.on_failure": "open", "forksafe.on_failur": "x"})
""")
        self.assertEqual(host.get("/")[0], 200)
        self.wait_for(host, 1, "broken")
        host.wait_for(lambda: "subscriber broken failed" in host.log_text(), "the line about the subscriber")
        log = host.log_text()
        self.assertIn("Traceback (most recent call last)", log)
        self.assertIn("nothing reads forksafe.on_failur: did you mean forksafe.on_failure?", log)
        self.assertIn("ValueError: cannot reach postgresql://***@db/shop", log)
        for secret in ("h@nter", "nter/2", "hidden-3"):
            self.assertNotIn(secret, log)

    def test_mistaken_choice_names_the_cure(self):
        host = self.serve("gunicorn", "--preload", wait=False, application=PROLOGUE + """
application = make(**{"forksafe.on_failure": "ajar"})
""")
        host.process.wait(60)
        self.assertIn("forksafe.on_failure = ajar: a failed worker is either 'closed' (it exits and is replaced) or 'open'",
                      host.log_text())

    def test_system_exit_of_a_signal_s_handler_gets_through(self):
        """gunicorn aborts a worker inside a hook by SystemExit. If that were caught, the worker would stay."""
        host = self.serve("gunicorn", "--preload", workers=1, wait=False, application=PROLOGUE + """
import time
def slow(event):
    tell("slow", os.getpid())
    if open(os.environ["TRACE"]).read().count("slow") == 1:
        time.sleep(8)
application = make(events.ApplicationPostWorkerInit, subscriber=slow, **{"forksafe.on_failure": "open"})
""")
        os.kill(self.wait_for(host, 1, "slow")[0][1], signal.SIGABRT)
        self.wait_for(host, 2, "slow")
        host.wait_for(lambda: host.get("/")[0] == 200, "the second worker's answer")
        self.assertIn("interrupted by SystemExit", host.log_text())

    def test_subscriber_may_end_the_worker(self):
        host = self.serve("gunicorn", "--preload", workers=1, application=PROLOGUE + """
def leave(event):
    tell("leave", os.getpid())
    if open(os.environ["TRACE"]).read().count("leave") == 1:
        raise SystemExit(1)
application = make(events.ApplicationPostWorkerInit, subscriber=leave, **{"forksafe.on_failure": "open"})
""")
        self.wait_for(host, 2, "leave")
        self.assertEqual(host.get("/")[0], 200)

    def test_wrong_container_is_refused_by_name(self):
        host = self.serve("gunicorn", wait=False, application=PROLOGUE + """
application = make(**{"forksafe.container": "uwsgi"})
""")
        host.process.wait(60)
        self.assertIn("forksafe.container = uwsgi, but this process runs in gunicorn: start it with uwsgi, or take the setting "
                      "out", host.log_text())

    def test_paste_settings(self):
        self.write("production.ini", """
            [app:main]
            use = call:app:paste
            pyramid.includes = pyramid_forksafe
            colour = blue

            [server:main]
            use = egg:gunicorn
        """)
        self.write("app.py", PROLOGUE + """
def paste(global_config, **settings):
    config = Configurator(settings=settings)
    config.add_subscriber(lambda event: tell(event.registry.settings["colour"], os.getpid()), events.ApplicationPostFork)
    config.add_route("debug", "/")
    config.add_view(debug, route_name="debug")
    return config.make_wsgi_app()
""")
        host = hosts.Host("gunicorn", self.directory, self.venv, ["--paste", str(self.directory / "production.ini")])
        command = [word for word in host.command() if word != "app:application"]
        host.command = lambda: command
        self.addCleanup(host.stop)
        host.start()
        self.wait_for(host, 2, "blue")


    def test_workers_of_gevent_hear_each_event_once(self):
        names = ("ApplicationPostFork", "ApplicationPostWorkerInit", "ApplicationWorkerReady", "ApplicationWorkerExit")
        for options in ([], ["--preload"]):
            with self.subTest(options=options):
                (self.directory / "trace").unlink(missing_ok=True)
                self.write("conf.py", "from forksafe.gunicorn import *\n")
                host = self.serve("gunicorn", "-k", "gevent", *options, application=PROLOGUE
                                  + "application = make(%s)\n" % ", ".join("events." + name for name in names))
                self.wait_for(host, 2, "ApplicationWorkerReady")
                self.assertEqual(host.get("/")[0], 200)
                host.stop()
                for name in names:
                    pids = [words[1] for words in self.trace(name)]
                    self.assertEqual((len(pids), len(set(pids))), (2, 2), name)

    def test_audit_without_a_rebuild(self):
        host = self.serve("gunicorn", "--preload", workers=1, environment={"FORKSAFE_AUDIT": "1"}, application=PROLOGUE + """
import socket
shared = socket.create_server(("127.0.0.1", 0))
connected = socket.create_connection(shared.getsockname())
def findings(request):
    full = request.registry.pyramid_forksafe.full()
    return Response(json.dumps([[one["hazard"], one["repair"]] for one in full["findings"]]))
debug = findings
application = make(events.ApplicationPostFork)
""")
        self.assertIn(["descriptor shared", "DropAndReopen"], json.loads(host.get("/")[1]))

    def test_requests_make_no_events_that_nobody_hears(self):
        host = self.serve("gunicorn", workers=1, application=PROLOGUE + """
from pyramid.events import NewRequest
def listeners(request):
    registry = request.registry
    tell("listeners", registry.has_listeners)
    registry.notify(events.ApplicationPreFork(registry))
    if not registry.has_listeners:
        registry.registerHandler(lambda event: tell("request", os.getpid()), [NewRequest])
    return Response("told")
debug = listeners
application = make(events.ApplicationPreFork)
""")
        host.get("/")
        host.get("/")
        answered = [words[1] for words in self.trace("listeners")]
        self.assertEqual(answered, [False] + [True] * (len(answered) - 1))
        self.assertEqual(len(self.trace("ApplicationPreFork")), len(answered), "what is notified by hand is heard")
        self.assertEqual(len(self.trace("request")), len(answered) - 1, "who subscribes later is heard from then on")

    def test_listener_of_requests_hears_them(self):
        host = self.serve("gunicorn", workers=1, application=PROLOGUE + """
from pyramid.events import NewRequest
application = make(events.ApplicationPostFork, NewRequest)
""")
        host.get("/")
        self.assertGreaterEqual(len(self.trace("NewRequest")), 1)

    def test_hook_that_nobody_hears_is_recorded(self):
        host = self.serve("gunicorn", "--preload", workers=1, application=PROLOGUE + "application = make()\n")
        self.assertCountEqual(self.debug(host)["executed_hooks"], [
            ["containers.gunicorn.pre_fork", "ApplicationPreFork"],
            ["containers.gunicorn.post_fork", "ApplicationPostFork"],
            ["containers.gunicorn.post_worker_init", "ApplicationPostWorkerInit"]])

    def test_application_made_in_a_worker_hears_late_and_once(self):
        host = self.serve("gunicorn", "--preload", workers=1, application=PROLOGUE + """
def another(request):
    make(events.ApplicationPostFork, include="forksafe.pyramid")
    return Response("made")
debug = another
application = make(events.ApplicationPreFork)
""")
        host.get("/")
        host.get("/")
        heard = self.trace("ApplicationPostFork")
        self.assertEqual([words[3] for words in heard], [True] * (len(self.trace("load")) - 1))


class Uwsgi(hosts.Case):
    def test_facts_of_a_replacement(self):
        host = self.serve("uwsgi", application=FACTS, workers=1)
        first = self.wait_for(host, 1, "facts")[0]
        self.assertEqual(first[4], {"container": "uwsgi", "hook": "post_fork", "role": "worker", "pid": first[2], "slot": 1,
                                    "incarnation": 1, "forked": True, "app_loaded": True, "respawn": False, "late": False})
        os.kill(first[2], signal.SIGKILL)
        second = self.wait_for(host, 2, "facts")[1]
        self.assertEqual((second[4]["slot"], second[4]["incarnation"], second[4]["respawn"]), (1, 2, True))

    def test_each_slot_counts_its_own_workers(self):
        for how in ((), ("--lazy-apps",)):
            with self.subTest(how):
                host = self.serve("uwsgi", *how, application=FACTS, workers=3)
                told = self.wait_for(host, 3, "facts")
                self.assertEqual(sorted((words[4]["slot"], words[4]["incarnation"]) for words in told),
                                 [(1, 1), (2, 1), (3, 1)])
                os.kill(next(words[2] for words in told if words[4]["slot"] == 2), signal.SIGKILL)
                last = self.wait_for(host, 4, "facts")[3][4]
                self.assertEqual((last["slot"], last["incarnation"], last["respawn"]), (2, 2, True))
                host.stop()
                (self.directory / "trace").unlink()

    def test_around_the_fork_in_the_master(self):
        host = self.serve("uwsgi", workers=1, application=PROLOGUE + "application = make(events.ApplicationPreFork, "
                          "events.ApplicationPostForkParent, events.ApplicationWorkerExit)\n")
        host.wait_for_idle_worker()
        host.stop()
        around = [words[0] for words in self.trace() if words[1] == host.pid and words[0] != "load"]
        self.assertEqual(around, ["ApplicationPreFork", "ApplicationPostForkParent"])
        self.assertEqual(len(self.trace("ApplicationWorkerExit")), 1)

    def test_without_master_only_the_forked_say_so(self):
        host = self.serve("uwsgi", application=FACTS, master=False)
        heard = {words[4]["slot"]: words[4]["forked"] for words in self.wait_for(host, 2, "facts")}
        self.assertEqual(heard, {1: False, 2: True})


if __name__ == "__main__":
    unittest.main()
