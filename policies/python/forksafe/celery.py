# SPDX-License-Identifier: MIT
"""Celery: ``import forksafe.celery`` in the module of the Celery app connects to the signals of its worker, once.

Another program may import that module too, such as a web application that sends tasks. No event is raised there.
"""

from .core import celery as _hooks

_hooks.connect()
