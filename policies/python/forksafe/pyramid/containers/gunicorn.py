# SPDX-License-Identifier: MIT
"""gunicorn: import the hooks into its configuration file; the more of them, the more events.

The application is loaded where gunicorn loads it, never by a hook: without ``preload_app`` the arbiter does not have it, and
a worker's application hears of its fork when it is loaded, marked as late.
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
    """Says that gunicorn calls the hooks, before it does: where it is there. In another container it says so in the debug
    object's log only, and outside of all it marks the debug object, as the original does.
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
