# SPDX-License-Identifier: MIT
"""The resources that a long life leaks."""

import signal
import unittest

import scenarios
from gunicorn_scenario import GunicornScenario, for_each_version

RELOADS = 200


@for_each_version
class Reloads(GunicornScenario):
    def test_reloads_leave_nothing_behind(self):
        running = self.serve(workers=1, configuration=self.write("config.py", "from probe import *\n"))

        def reload(turn):
            running.signal(signal.SIGHUP)
            self.wait_for_events(running, "WorkerReaped", turn)
            self.wait_for_events(running, "WorkerReady", turn + 1)

        def held():
            return (scenarios.open_descriptors(running.pid), scenarios.shared_mappings(running.pid),
                    len(scenarios.descendants(running.pid)), len(running.debug()["processes"]) < 512)

        for turn in range(1, 6):
            reload(turn)
        running.wait_for(lambda: len(scenarios.descendants(running.pid)) == 1, "one worker")
        before = held()
        for turn in range(6, RELOADS + 1):
            reload(turn)
        running.wait_for(lambda: len(scenarios.descendants(running.pid)) == 1, "one worker")
        self.assertEqual(held(), before)
        self.assertEqual(running.stop(), 0)
        self.check_forks(running.pid)
        self.assertEqual({event.slot for event in self.trace("PostFork")}, {1, 2})


if __name__ == "__main__":
    unittest.main()
