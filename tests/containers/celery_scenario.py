# SPDX-License-Identifier: MIT
"""The common parts of Celery's scenarios: its two versions, its brokers, and a client that sends tasks."""

import json
import os
import pathlib
import sys

import celery

import scenarios

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "examples" / "support"))

from node import Node  # noqa: E402

VENV = pathlib.Path(os.environ.get("FORKSAFE_CELERY_VENV", ""))
PROGRAMS = {"Debian": "/usr/bin/python3", "Newest": str(VENV / "bin" / "python")}

for_each_version = scenarios.for_each_version(PROGRAMS)


class CeleryScenario(scenarios.Scenario):
    program = PROGRAMS["Debian"]
    version = "Debian"
    # Redis and RabbitMQ are asynchronous transports, for which Celery uses AsynPool. With files it uses the blocking pool.
    broker = "redis"

    def setUp(self):
        super().setUp()
        for name in ("results", "messages", "control"):
            (self.directory / name).mkdir()
        self.client = celery.Celery(broker=self.broker_address(), backend="file://%s" % (self.directory / "results"))
        self.client.conf.update(self.configuration())
        self.addCleanup(self.client.close)

    def broker_address(self):
        if self.broker == "redis":
            return "redis://%s/0" % os.environ["FORKSAFE_TEST_REDIS"]
        return os.environ["FORKSAFE_TEST_RABBITMQ"] + "//" if self.broker == "rabbitmq" else "filesystem://"

    def configuration(self, **more):
        if self.broker != "filesystem":
            return more
        folders = {"data_folder_in": "messages", "data_folder_out": "messages", "control_folder": "control"}
        return {"broker_transport_options": {"polling_interval": 0.1,
                                             **{key: str(self.directory / name) for key, name in folders.items()}}, **more}

    def make_server(self, *options, environment=None, configuration=None, **arguments):
        own = {"PYTHONPATH": os.path.dirname(os.path.abspath(__file__)), "RESULTS": str(self.directory / "results"),
               "EXTENSION": self.application, "CONFIGURATION": json.dumps(self.configuration(**(configuration or {})))}
        return super().make_server(*options, make=Node, application="celery_tasks", broker=self.broker_address(),
                                   program=self.program, environment={**own, **(environment or {})}, **arguments)

    def send(self, task, *arguments):
        return self.client.send_task(task, arguments)

    def ask(self, target, seconds=120):
        """The application's answer in one of the workers."""
        status, body = self.send("handle", "GET", target).get(timeout=seconds, interval=0.05)
        self.assertEqual(status, 200)
        return body

    def debug(self):
        return json.loads(self.ask("/debug"))

    def stop(self, running):
        self.assertEqual(running.stop(), 0, running.log_text()[-4000:])

    def check_whole_life(self, master):
        """Does check_forks, and checks that each forked worker is reaped once, before the master's end."""
        self.check_forks(master)
        names = self.names(master)
        self.assertEqual(names[0], "ServerStarting")
        self.assertEqual(names[-1], "ServerExit")
        self.assertEqual(names.count("ServerReady"), 1)
        forked = sorted(event.pid for event in self.trace("PostFork"))
        self.assertEqual(sorted(event.child for event in self.trace("WorkerReaped")), forked)
        for event in self.trace():
            self.assertEqual(event.role, "master" if event.pid == master else "worker")
            self.assertEqual((event.forked, event.app_loaded, event.late), (event.pid != master, 1, 0))
            if event.pid != master:
                self.assertEqual(event.parent, master)
