# SPDX-License-Identifier: MIT
"""gunicorn's configuration: ``gunicorn --paste production.ini -c config.py``."""

from forksafe.pyramid.containers.gunicorn import post_fork, post_worker_init, pre_fork  # noqa: F401

preload_app = True
