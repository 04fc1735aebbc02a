# SPDX-License-Identifier: MIT
"""The Celery app of both nodes: a task asks the C++ library, sleeps, and notes in the ledger that it is done."""

import json
import os
import time

import celery
import mint

app = celery.Celery("tasks", broker=os.environ["BROKER"], backend="rpc://")
app.conf.update(
    # A task that did not finish returns to the queue, whether its worker died or the whole node.
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
)


def write_down(what, **facts):
    """Appends a line by one write, so that lines of several processes do not mix."""
    file = os.open(os.environ["LEDGER"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(file, (json.dumps({"what": what, "pid": os.getpid(), **facts}) + "\n").encode())
    os.close(file)


@app.task(name="strike", bind=True, ignore_result=True)
def strike(task, number):
    node = task.request.hostname.partition("@")[0]
    write_down("begun", number=number, node=node)
    _, coin = mint.handle("GET", "/coin?" + ("gold", "silver", "copper")[number % 3])
    time.sleep(0.1)
    write_down("done", number=number, node=node, coin=json.loads(coin))


@app.task(name="debug")
def debug():
    return mint.handle("GET", "/debug")[1].decode()
