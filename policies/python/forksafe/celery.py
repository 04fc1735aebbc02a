# SPDX-License-Identifier: MIT
"""Celery: ``import forksafe.celery`` in the module of the Celery app connects to the signals of its worker, once.

Where that module is imported by something else than a worker, as by a web application that sends tasks, nothing is heard.
"""

from .core import celery as _hooks

_hooks.connect()
