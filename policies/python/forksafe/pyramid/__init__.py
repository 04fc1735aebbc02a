# SPDX-License-Identifier: MIT
"""Events around the fork for Pyramid applications: ``config.include("forksafe.pyramid")``.

The events are those of :mod:`forksafe.pyramid.events`; subscribe to them by ``config.add_subscriber``. The debug object is
``registry.pyramid_forksafe``. Settings: ``forksafe.on_failure`` (``closed``, the default, or ``open``) and
``forksafe.container`` (``uwsgi`` or ``gunicorn``: refuse to start in any other container).
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyramid.config import Configurator

__VERSION__ = "0.1.0"

__all__ = ("__VERSION__", "includeme", "registry_setup")


def registry_setup(config: "Configurator") -> None:
    """Gives the registry its debug object, and subscribes it to the events. Each ``includeme`` begins with this call."""
    from ._registry import join

    join(config)


def includeme(config: "Configurator") -> None:
    """Finds the container: uWSGI by the functions of its module, or the debug object's log says why not; gunicorn and Celery
    when they call their first hook.
    """
    registry_setup(config)
    from forksafe import core

    core.uwsgi.attempt()
    if "forksafe.container" in (config.registry.settings or {}):
        from .containers import require

        require(config)
