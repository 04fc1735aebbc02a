# SPDX-License-Identifier: MIT
"""The common parts of uWSGI's scenarios."""

import collections
import os
import pathlib
import struct

import scenarios
from scenarios import server

PLUGIN = pathlib.Path(os.environ["FORKSAFE_ARTEFACTS"])
PYTHON_PLUGIN = pathlib.Path("/usr/lib/uwsgi/plugins/python3_plugin.so")
MODIFIER = int(os.environ.get("FORKSAFE_UWSGI_MODIFIER", "177"))
BORN = ["PostFork", "PostWorkerInit", "WorkerReady"]
FORK = ["PreFork", "PostForkParent"]
START = ["ServerStarting"]
# A user without other processes: its limit of processes counts those of the test alone.
NOBODY = 54321


class WithoutMaster(server.Server):
    def command(self):
        return [word for word in super().command() if word != "--master"]


def uwsgi_packet(modifier, **variables):
    """A request in uWSGI's own protocol, in which the client chooses the modifier."""
    body = b"".join(struct.pack("<H", len(text)) + text
                    for pair in variables.items() for text in map(str.encode, pair))
    return struct.pack("<BHB", modifier, len(body), 0) + body


class UwsgiScenario(scenarios.Scenario):
    def check_forks(self, parent, forks):
        """Each fork is announced once and closed once, in order, and has made one process."""
        around = [event.event for event in self.trace(pid=parent)
                  if event.event in ("PreFork", "PostForkParent", "ForkFailed")]
        self.assertEqual(around, FORK * forks)

    def check_once(self):
        """No process hears an event twice that is raised once in its life."""
        heard = collections.Counter((one.pid, one.event) for one in self.trace() if one.event in BORN + ["WorkerExit"])
        self.assertEqual([key for key, count in heard.items() if count > 1], [])

    def live_workers(self):
        """The pid of the latest process in each worker's slot."""
        return {event.slot: event.pid for event in self.trace("WorkerReady")}

    def wait_for_trace(self, running, count, event, **fields):
        return running.wait_for(lambda: len(self.trace(event, **fields)) >= count and self.trace(event, **fields),
                                "%d x %s %s" % (count, event, fields))

    def fail_to_start(self, *options, **arguments):
        """The log of a uWSGI that must end by itself with status 1, and in which no worker must hear an event."""
        running = self.make_server(*options, **arguments).start(wait=False)
        self.assertEqual(running.process.wait(60), 1, running.log_text())
        self.assertEqual(self.trace("PostFork"), [])
        return running.log_text()
