# SPDX-License-Identifier: MIT
"""The Celery app of the scenarios: its tasks ask the extension whose name is in EXTENSION, or work beside it."""

import importlib
import json
import os
import subprocess

import celery

extension = importlib.import_module(os.environ.get("EXTENSION", "probe"))

app = celery.Celery("celery_tasks", broker=os.environ["BROKER"], backend="file://" + os.environ["RESULTS"])
app.conf.update(json.loads(os.environ.get("CONFIGURATION", "{}")))


@app.task(name="handle")
def handle(method, target):
    status, body = extension.handle(method, target)
    return status, body.decode()


@app.task(name="fork_by_hand")
def fork_by_hand():
    subprocess.run(["true"], preexec_fn=lambda: None, check=True)
    child = os.fork()
    if child == 0:
        os._exit(0)
    return os.waitpid(child, 0)[1]
