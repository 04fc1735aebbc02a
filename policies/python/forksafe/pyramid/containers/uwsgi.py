# SPDX-License-Identifier: MIT
"""uWSGI: ``pyramid.includes = forksafe.pyramid.containers.uwsgi``. Needs ``--master``."""

from typing import TYPE_CHECKING

from forksafe import core
from forksafe.pyramid import registry_setup

from . import require

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: "Configurator") -> None:
    registry_setup(config)
    configure(config)


def configure(config: "Configurator") -> None:
    """Asks uWSGI to call the hooks, if this process runs in it; else the debug object's log says why not."""
    core.uwsgi.attempt()
    require(config)


__all__ = ("configure", "includeme")
