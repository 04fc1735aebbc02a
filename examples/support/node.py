# SPDX-License-Identifier: MIT
"""Starts one worker node of Celery with a forksafe extension. Used by examples/celery/spread.py and by the tests."""

import os

import server


class Node(server.Server):
    """A Celery worker: a master with a pool, under a node name. `application` is the module of the Celery app."""

    def __init__(self, *arguments, application, broker, node="node", mingle=False, **keywords):
        super().__init__(*arguments, **keywords)
        self.alone = [] if mingle else ["--without-mingle"]
        self.application = application
        self.node = node
        self.environment["BROKER"] = broker

    def command(self):
        return [self.program or "/usr/bin/python3", "-m", "celery", "-A", self.application, "worker",
                "--hostname", self.node + "@localhost", "--concurrency", str(self.workers), "--loglevel", "INFO",
                "--without-gossip", "--without-heartbeat"] + self.alone + self.options

    def start(self, wait=True):
        self.environment["PYTHONPATH"] = os.pathsep.join(
            filter(None, [str(self.path.parent), self.environment.get("PYTHONPATH"), os.environ.get("PYTHONPATH")]))
        super().start(wait=False)
        if wait:
            self.wait_for(lambda: self.node + "@localhost ready." in self.log_text(), "the node to be ready")
        return self
