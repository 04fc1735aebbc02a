# SPDX-License-Identifier: MIT
"""FORKSAFE_AUDIT=1 on an application: a worker audits itself at its first request."""

import scenarios


class Audit(scenarios.Scenario):
    def test_clean_worker(self):
        running = self.serve(workers=1, environment={"FORKSAFE_AUDIT": "1"})
        self.assertEqual(running.debug()["findings"], [], running.log_text())
        running.debug()
        self.assertEqual(running.log_text().count("forksafe audit: process"), 1, running.log_text())

    def test_not_asked_for(self):
        running = self.serve(workers=1)
        self.assertEqual(running.debug()["findings"], [])
        self.assertNotIn("forksafe audit", running.log_text())
