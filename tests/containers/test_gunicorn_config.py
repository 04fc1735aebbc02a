# SPDX-License-Identifier: MIT
"""The ways to name an application in gunicorn's configuration, and what the application reports of itself."""

import json
import signal
import unittest

from gunicorn_scenario import GunicornScenario, for_each_version

SEED_HOOKS = "from probe import pre_fork, post_fork, post_worker_init\n"
PAIRS_OF_SEED = {("containers.gunicorn.pre_fork", "ApplicationPreFork"),
                 ("containers.gunicorn.post_fork", "ApplicationPostFork"),
                 ("containers.gunicorn.post_worker_init", "ApplicationPostWorkerInit")}
PAIR_IN_FORK_HANDLER = ("containers.gunicorn.after_in_parent", "ApplicationPostForkParent")
PAIR_READY = ("containers.gunicorn.post_worker_init", "ApplicationWorkerReady")

DEBUGGING_APPLICATION = """
import json, probe
def app(environ, start_response):
    debug = probe.debug()
    assert isinstance(debug["executed_hooks"], set), debug["executed_hooks"]
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(dict(debug, executed_hooks=sorted(debug["executed_hooks"]))).encode()]
"""


@for_each_version
class Config(GunicornScenario):
    def debug_of(self, running):
        running.wait_for(lambda: len(self.trace("WorkerReady")) == running.workers, "all workers")
        debug = json.loads(running.get("/")[1])
        self.assertEqual((debug["status"], debug["environment"], debug["autoconfigure.log"]),
                         ("gunicorn mark_configured", "gunicorn", ["gunicorn mark_configured"]))
        # The first worker was forked before the first fork had ended in the arbiter, and cannot know of it.
        return {tuple(pair) for pair in debug["executed_hooks"]} - {PAIR_IN_FORK_HANDLER}

    def serve_debug(self, configuration=None):
        self.write("debugging.py", DEBUGGING_APPLICATION)
        return self.serve(application="debugging:app", configuration=configuration)

    def test_extension_is_the_configuration(self):
        pairs = self.debug_of(self.serve_debug())
        self.assertEqual(pairs, PAIRS_OF_SEED | {
            PAIR_READY, ("containers.gunicorn.on_starting", "ApplicationServerStarting"),
            ("containers.gunicorn.when_ready", "ApplicationServerReady")})

    def test_three_hooks_in_a_configuration_file(self):
        running = self.serve_debug(self.write("config.py", SEED_HOOKS))
        self.assertEqual(self.debug_of(running), PAIRS_OF_SEED | {PAIR_READY})
        running.signal(signal.SIGHUP)
        self.wait_for_events(running, "WorkerReady", 4)
        # The old workers have exited when only new ones answer. child_exit, which would show it, is not imported.
        old = [event.pid for event in self.trace("PostFork")[:2]]
        running.wait_for(lambda: not set(old) & set(self.ready()), "the end of the old workers")
        running.signal(signal.SIGHUP)
        self.wait_for_events(running, "WorkerReady", 6)
        running.wait_for(lambda: len(self.ready()) == 2, "the end of the second workers")
        self.assertEqual(running.stop(), 0)
        slots = [(event.slot, event.incarnation) for event in self.trace("PostFork")]
        self.assertEqual([sorted(slots[turn:turn + 2]) for turn in (0, 2, 4)],
                         [[(1, 1), (2, 1)], [(3, 1), (4, 1)], [(1, 2), (2, 2)]])
        self.assertEqual({event.event for event in self.trace()},
                         {"PreFork", "PostForkParent", "PostFork", "PostWorkerInit", "WorkerReady"})
        arbiter = [name for name in self.names(running.pid)]
        self.assertEqual(arbiter, ["PreFork", "PostForkParent"] * 6)

    def test_only_post_fork_in_a_configuration_file(self):
        running = self.serve(configuration=self.write("config.py", "from probe import post_fork\n"))
        running.signal(signal.SIGHUP)
        self.wait_for_events(running, "PostFork", 4)
        self.assertEqual(running.stop(), 0)
        self.assertEqual({(event.event, event.slot, event.forked) for event in self.trace()}, {("PostFork", 0, 1)})

    def test_no_hook_at_all(self):
        running = self.serve(configuration=self.write("config.py", "\n"))
        self.assertEqual(running.debug()["status"], "attempting auto-configure")
        self.assertEqual(running.debug()["autoconfigure.log"][0], "gunicorn not available")
        self.assertEqual(running.get("/settings?name=trace")[1].split()[0], str(self.trace_path))
        self.assertEqual(running.stop(), 0)
        self.assertEqual(self.trace(), [])

    def test_hooks_by_name_and_inside_functions(self):
        running = self.serve(configuration=self.write("config.py", """
import probe
probe.mark_configured()
pre_fork = "probe.pre_fork"
def post_fork(server, worker):
    probe.post_fork(server, worker)
    probe.post_fork(server, worker)
def post_worker_init(worker):
    assert worker.forksafe_slot in (1, 2), worker.forksafe_slot
    probe.post_worker_init(worker)
from probe import child_exit, on_exit
"""))
        self.wait_for_events(running, "WorkerReady", 2)
        self.assertEqual(running.stop(), 0)
        self.check_forks(running.pid)
        self.assertEqual(self.names(running.pid)[-3:], ["WorkerReaped", "WorkerReaped", "ServerExit"])

    def test_configuration_file_runs_again_at_every_reload(self):
        runs = self.directory / "runs"
        running = self.serve(workers=1, configuration=self.write("config.py", """
with open(%r, "a") as runs:
    runs.write("run\\n")
from probe import *
""" % str(runs)))
        for turn in range(1, 4):
            running.signal(signal.SIGHUP)
            self.wait_for_events(running, "WorkerReaped", turn)
            self.wait_for_events(running, "WorkerReady", turn + 1)
        self.assertEqual(running.stop(), 0)
        self.assertEqual(runs.read_text().count("run"), 4)
        self.assertEqual(len(self.trace("ServerReload")), 3)
        self.check_forks(running.pid)

    def test_settings_of_gunicorn(self):
        running = self.serve("--timeout", "41", "--threads", "2", workers=2)
        worker_class = {"Debian": "threads", "Newest": "gthread"}[self.version]
        expected = {"workers": "2", "timeout": "41", "bind": running.address, "worker_class": worker_class}
        for name, value in expected.items():
            self.assertEqual(running.get("/settings?name=gunicorn." + name)[1], "%s from gunicorn %s" % (value, name))

    def test_settings_of_gunicorn_after_a_reload(self):
        configuration = self.write("config.py", "from probe import *\ntimeout = 41\n")
        running = self.serve(workers=1, configuration=configuration)
        self.assertEqual(running.get("/settings?name=gunicorn.timeout")[1].split()[0], "41")
        self.write("config.py", "from probe import *\ntimeout = 42\n")
        running.signal(signal.SIGHUP)
        self.wait_for_events(running, "WorkerReaped", 1)
        running.wait_for(lambda: running.get("/settings?name=gunicorn.timeout")[1].split()[0] == "42", "42")

    def test_settings_file(self):
        path = self.write("shop.ini", "[app:main]\nshop.url = http://shop.example/\n")
        running = self.serve(environment={"FORKSAFE_SETTINGS": path})
        self.assertEqual(running.get("/settings?name=shop.url")[1], "http://shop.example/ from %s:2" % path)

    def test_settings_of_paste(self):
        # Only the file is PasteDeploy's. A stand-in replaces the package that would load a Python application from it.
        (self.directory / "paste" / "deploy").mkdir(parents=True)
        self.write("paste/__init__.py", "")
        self.write("paste/deploy/__init__.py", "import probe\ndef loadapp(*_, **__):\n    return probe.application\n")
        path = self.write("shop.ini", "[app:shop]\nuse = egg:shop\nshop.url = http://shop.example/\n")
        running = self.serve("--paste", path + "#shop")
        self.assertEqual(running.get("/settings?name=shop.url")[1], "http://shop.example/ from %s:3" % path)


if __name__ == "__main__":
    unittest.main()
