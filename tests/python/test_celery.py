# SPDX-License-Identifier: MIT
"""The package in a real Celery worker, whose tasks use a Pyramid application."""

import os
import pathlib
import signal
import subprocess
import unittest

import hosts
from hosts import PROLOGUE

TASKS = PROLOGUE + """
import celery
import forksafe.celery
import forksafe.celery as imported_again

folder = os.environ["FOLDER"]
app = celery.Celery("tasks", broker="filesystem://")
app.conf.update(broker_transport_options={"data_folder_in": folder, "data_folder_out": folder}, worker_pool=os.environ["POOL"])
pyramid = make(events.ApplicationPreFork, events.ApplicationPostFork, events.ApplicationPostWorkerInit,
               events.ApplicationServerReady, events.ApplicationServerExit)
tell("debug", dict(pyramid.registry.pyramid_forksafe)["status"])

@app.task(name="look")
def look():
    tell("looked", os.getpid(), dict(pyramid.registry.pyramid_forksafe)["status"])
"""


class Celery(hosts.Case):
    def work(self, pool, tasks=TASKS):
        self.write("tasks.py", tasks)
        folder = self.directory / "broker"
        folder.mkdir(exist_ok=True)
        environment = {**os.environ, "TRACE": str(self.directory / "trace"), "PYTHONPATH": str(self.directory),
                       "FOLDER": str(folder), "POOL": pool, "C_FORCE_ROOT": "1"}
        python = str(pathlib.Path(self.venv) / "bin" / "python")
        log = open(self.directory / "log", "wb")
        self.addCleanup(log.close)
        worker = subprocess.Popen([python, "-m", "celery", "-A", "tasks", "worker", "--concurrency", "2", "--without-mingle",
                                   "--without-gossip"], env=environment, cwd=self.directory, stdout=log, stderr=log)
        self.addCleanup(worker.wait)
        self.addCleanup(worker.terminate)
        self.environment = environment
        return worker

    def send(self):
        subprocess.run([str(pathlib.Path(self.venv) / "bin" / "python"), "-c", "import tasks; tasks.look.delay()"],
                       env={**self.environment, "TRACE": os.devnull}, cwd=self.directory, check=True)

    def wait(self, worker, name, count=1):
        import time
        for _ in range(600):
            if len(self.trace(name)) >= count:
                return self.trace(name)
            self.assertIsNone(worker.poll(), (self.directory / "log").read_text())
            time.sleep(0.05)
        self.fail("%s was not heard %d times: %s" % (name, count, self.trace()))

    def test_prefork(self):
        worker = self.work("prefork")
        self.wait(worker, "ApplicationServerReady")
        self.send()
        looked = self.wait(worker, "looked")[0]
        self.assertEqual(looked[2], "Celery hook configured")
        heard = [words[1] for words in self.trace("ApplicationPostFork")]
        self.assertEqual((len(heard), len(set(heard))), (2, 2))
        self.assertIn(looked[1], heard)
        self.assertEqual([words[1] for words in self.trace("ApplicationPreFork")], [worker.pid] * 2)
        self.assertEqual(self.trace("debug")[0][1], "attempting auto-configure")
        worker.send_signal(signal.SIGTERM)
        worker.wait(60)
        self.assertEqual([words[1] for words in self.trace("ApplicationServerExit")], [worker.pid])

    def test_interruption_around_a_fork_is_left_to_no_later_hook(self):
        for event in ("PreFork", "PostForkParent"):
            with self.subTest(event):
                (self.directory / "trace").unlink(missing_ok=True)
                worker = self.work("prefork", TASKS + """
import forksafe
def interrupt(facts):
    tell("interrupted", os.getpid())
    raise KeyboardInterrupt
forksafe.subscribe("Application%s", interrupt, "interrupt")
""" % event)
                self.wait(worker, "ApplicationServerReady")
                self.send()
                self.wait(worker, "looked")
                self.assertEqual([words[1] for words in self.trace("interrupted")], [worker.pid] * 2)
                worker.send_signal(signal.SIGTERM)
                worker.wait(20)
                self.assertIn("interrupted by KeyboardInterrupt", (self.directory / "log").read_text())

    def test_solo(self):
        worker = self.work("solo")
        self.wait(worker, "ApplicationServerReady")
        self.assertEqual([words[1] for words in self.trace("ApplicationPostFork")], [worker.pid])
        self.assertEqual(self.trace("ApplicationPreFork"), [])


if __name__ == "__main__":
    unittest.main()
