# SPDX-License-Identifier: MIT
"""The page's metrics, read by the parser of Prometheus."""

import os
import signal

import scenarios
from prometheus_client.openmetrics.parser import text_string_to_metric_families


class Metrics(scenarios.Scenario):
    def test_prometheus_reads_them(self):
        running = self.serve("--workers", "2", settings={"page.path": "/m", "trouble.on": "ApplicationPostFork",
                                                       "trouble.slot": 1, "trouble.incarnations": 1, "trouble.kind": "die"},
                             environment={"FORKSAFE_AUDIT": "1"})
        running.wait_for(lambda: len(self.trace("WorkerReady")) >= 2, "two workers")
        os.kill(self.trace("WorkerReady")[0].pid, signal.SIGKILL)
        running.wait_for(lambda: len(self.trace("WorkerReady")) >= 3, "a replacement")
        families = {family.name: family for family in text_string_to_metric_families(running.get("/m?format=metrics")[1])}

        def value(family, sample, **labels):
            found = [one.value for one in families[family].samples
                     if one.name == sample and all(one.labels.get(key) == text for key, text in labels.items())]
            self.assertTrue(found, (sample, labels))
            return sum(found)

        self.assertEqual({"forksafe", "forksafe_processes", "forksafe_events", "forksafe_events_failed", "forksafe_forks_failed",
                          "forksafe_respawn_storms", "forksafe_deaths_inside_subscriber", "forksafe_slow_starts",
                          "forksafe_never_arrived", "forksafe_journal_written",
                          "forksafe_journal_dropped", "forksafe_journal_torn", "forksafe_unannounced_forks",
                          "forksafe_audit_findings"}, set(families))
        self.assertEqual(1, value("forksafe", "forksafe_info", application="probe"))
        self.assertEqual(2, value("forksafe_processes", "forksafe_processes", role="worker", state="alive"))
        self.assertEqual(2, value("forksafe_processes", "forksafe_processes", role="worker", state="dead"))
        self.assertEqual(4, value("forksafe_events", "forksafe_events_total", event="ApplicationPreFork", hook="pre_fork"))
        self.assertEqual(1, value("forksafe_deaths_inside_subscriber", "forksafe_deaths_inside_subscriber"))
        self.assertEqual("counter", families["forksafe_events"].type)
        self.assertGreater(value("forksafe_journal_written", "forksafe_journal_written_total"), 20)
