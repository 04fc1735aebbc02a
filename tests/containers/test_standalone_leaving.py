# SPDX-License-Identifier: MIT
"""A draining worker of the embedded server loses no request, on new connections and on kept ones."""

import os
import signal
import time

from hammer import Hammer
from test_standalone import StandaloneScenario

# A slow handler: a signal can come between the kernel's accept and the answer.
TARGET = "/sleep?ms=1"
SECONDS = float(os.environ.get("FORKSAFE_HAMMER_SECONDS", "20"))


class Leaving(StandaloneScenario):
    def assert_nothing_lost(self, hammer, running):
        for kind, counts in hammer.counts.items():
            self.assertEqual({}, hammer.lost(kind), (kind, counts, running.log_text()[-1000:]))
            self.assertGreater(counts[200], 500, kind)

    def test_reloads(self):
        running = self.serve(workers=2)
        self.wait_for_workers(running, 2)
        end = time.monotonic() + SECONDS
        with Hammer(running.port, TARGET) as hammer:
            while time.monotonic() < end:
                running.signal(signal.SIGHUP)
                time.sleep(0.1)
        self.assert_nothing_lost(hammer, running)
        self.assertGreater(len(self.trace("WorkerExit")), SECONDS / 2)

    def test_share_of_requests(self):
        running = self.serve("--max-requests", "50", workers=2)
        self.wait_for_workers(running, 2)
        with Hammer(running.port, TARGET) as hammer:
            running.wait_for(lambda: len(self.trace("WorkerExit")) > 60, "workers that have done their share", 120)
        self.assert_nothing_lost(hammer, running)

    def test_stop(self):
        running = self.serve(workers=2)
        self.wait_for_workers(running, 2)
        with Hammer(running.port, TARGET, new=0, kept=8) as hammer:
            before = len(self.trace())
            time.sleep(0.5)
            self.assertEqual(before, len(self.trace()))
            self.assertEqual(0, running.stop())
        self.assertEqual({"refused"}, set(hammer.lost("kept")))
        self.assertEqual(2, len(self.trace("WorkerExit")))

    def test_idle_connection_is_told(self):
        """A client that does not ask at once must not lose the connection without notice."""
        running = self.serve(workers=1)
        clients = [Hammer(running.port) for _ in range(8)]
        connections = [client.ask(None, True)[1] for client in clients]
        worker, = self.wait_for_workers(running, 1).values()
        running.signal(signal.SIGHUP)
        running.wait_for(lambda: len(self.trace("WorkerReady")) == 2, "a new worker")
        os.kill(worker.pid, 0)
        for client, connection in zip(clients, connections):
            self.assertEqual((200, None), client.ask(connection, True))
        self.wait_for_workers(running, 1, lambda workers: worker.pid not in {one.pid for one in workers.values()})
