# SPDX-License-Identifier: MIT
"""Subscribers in C++ and in Python of one application, called in their phases."""

import json
import unittest

import hosts
from hosts import PROLOGUE

PHASES = """
import mixed
""" + PROLOGUE + """
import forksafe
for phase in ("threads", "detach", "application", "locks"):
    for name in ("ApplicationPreFork", "ApplicationPostFork"):
        forksafe.subscribe(name, lambda facts: None, "python " + phase, phase)
def journal(request):
    records = request.registry.pyramid_forksafe.full()["journal"]["records"]
    return Response(json.dumps([[one["event"], one["pid"], one["subscriber"]] for one in records]))
debug = journal
application = make(events.ApplicationPreFork, events.ApplicationPostFork)
"""

IN_ORDER = ["python locks", "native reseed", "python detach", "python application", "pyramid", "native threads", "python threads"]


class Mixed(hosts.Case):
    def test_one_phase_order(self):
        self.write("conf.py", "import mixed\n" + hosts.SEED_CONFIGURATION)
        host = self.serve("gunicorn", "--preload", application=PHASES, workers=1,
                          environment={"PYTHONPATH": "%s:%s" % (self.directory, hosts.ARTEFACTS)})
        records = json.loads(host.get("/")[1])
        for event, order in (("ApplicationPostFork", IN_ORDER), ("ApplicationPreFork", IN_ORDER[::-1])):
            heard = [subscriber.split(" app ")[0] for name, _, subscriber in records if name == event]
            self.assertEqual(heard, order)


if __name__ == "__main__":
    unittest.main()
