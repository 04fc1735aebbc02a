# SPDX-License-Identifier: MIT
"""The Celery app of the scenarios. Its tasks ask the extension whose name is in EXTENSION, or work without it."""

import importlib
import json
import os
import subprocess
import sys

import celery
import celery.signals

extension = importlib.import_module(os.environ.get("EXTENSION", "probe"))

app = celery.Celery("celery_tasks", broker=os.environ["BROKER"], backend="file://" + os.environ["RESULTS"])
app.conf.update(json.loads(os.environ.get("CONFIGURATION", "{}")))


if os.environ.get("DIE_AT_FIRST"):
    # Connected after the extension's receiver.
    celery.signals.worker_process_init.connect(lambda **_: os._exit(7), weak=False)


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


@app.task(name="fork_and_leave")
def fork_and_leave():
    """Forks a child that returns through the frames of its parent, as a worker does, or as the node."""
    child = os.fork()
    if child == 0:
        sys.exit(0)
    os.waitpid(child, 0)
    return child
