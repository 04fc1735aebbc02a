# SPDX-License-Identifier: MIT
"""The Celery app of the first page: a task draws a token in C++."""

import os

import celery
import tokens

app = celery.Celery("draws", broker=os.environ.get("BROKER", "amqp://guest:guest@127.0.0.1//"))


@app.task
def draw():
    status, body = tokens.handle("GET", "/")
    return body.decode()
