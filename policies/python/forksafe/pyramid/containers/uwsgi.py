# SPDX-License-Identifier: MIT
"""uWSGI: ``pyramid.includes = forksafe.pyramid.containers.uwsgi``. Needs ``--master``."""

from typing import TYPE_CHECKING

from forksafe.pyramid import includeme, registry_setup

if TYPE_CHECKING:
    from pyramid.config import Configurator


def configure(config: "Configurator") -> None:
    """Registers the hooks if this process runs in uWSGI; otherwise the debug object's log says why not."""
    from forksafe import core

    registry_setup(config)
    core.uwsgi.attempt()


__all__ = ("configure", "includeme")
