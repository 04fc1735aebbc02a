# SPDX-License-Identifier: MIT
"""gunicorn: import the hooks into its configuration file; the more of them, the more events.

The application is loaded where gunicorn loads it, never by a hook: without ``preload_app`` the arbiter does not have it, and
a worker's application hears of its fork when it is loaded, marked as late.
"""

from typing import TYPE_CHECKING

import forksafe.gunicorn as _all_hooks
from forksafe.core import gunicorn as _hooks
from forksafe.gunicorn import (
    child_exit,
    on_exit,
    on_reload,
    on_starting,
    post_fork,
    post_worker_init,
    pre_fork,
    when_ready,
    worker_abort,
    worker_exit,
)

if TYPE_CHECKING:
    from pyramid.registry import Registry


def mark_configured(registry: "Registry") -> None:
    """Says that gunicorn calls the hooks, before it does."""
    _hooks.mark_configured(registry)


__all__ = [*_all_hooks.__all__, "mark_configured"]
