# SPDX-License-Identifier: MIT
"""gunicorn: import the hooks into its configuration file; the more of them, the more events.

gunicorn loads the application, never a hook. Without ``preload_app`` the arbiter does not have it, and a worker's application
hears of its fork when it is loaded, marked as late.
"""

import sys
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
    """Records that gunicorn calls the hooks, before it does, in a process of gunicorn. In another container it only adds a line
    to the debug object's log. Outside of all containers it marks the debug object, as the original does.
    """
    words = "gunicorn mark_configured"
    debug = registry.pyramid_forksafe
    if "gunicorn.arbiter" in sys.modules and debug["environment"] in (None, "gunicorn"):
        if debug["status"] != words:
            _hooks.mark_configured(registry)
    elif debug["environment"] is None and not str(debug["status"]).endswith(" error"):
        debug["autoconfigure.log"].append(words)
        debug.update(environment="gunicorn", status=words)
    else:
        debug["autoconfigure.log"].append(words + ", but this process does not run in gunicorn")


__all__ = _all_hooks.Names([*_all_hooks.HOOKS, "mark_configured"])
