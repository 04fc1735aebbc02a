# SPDX-License-Identifier: MIT
"""Every hook of gunicorn: ``gunicorn -c python:forksafe.gunicorn``, or imported into a configuration file."""

from .core import gunicorn as _hooks

on_starting = _hooks.on_starting
when_ready = _hooks.when_ready
on_reload = _hooks.on_reload
on_exit = _hooks.on_exit
pre_fork = _hooks.pre_fork
post_fork = _hooks.post_fork
post_worker_init = _hooks.post_worker_init
worker_abort = _hooks.worker_abort
worker_exit = _hooks.worker_exit
child_exit = _hooks.child_exit

__all__ = [
    "child_exit",
    "on_exit",
    "on_reload",
    "on_starting",
    "post_fork",
    "post_worker_init",
    "pre_fork",
    "when_ready",
    "worker_abort",
    "worker_exit",
]
