# SPDX-License-Identifier: MIT
"""The check of the setting ``forksafe.container``."""

import os
from typing import TYPE_CHECKING

from forksafe import core
from pyramid.exceptions import ConfigurationError

if TYPE_CHECKING:
    from pyramid.config import Configurator


def _running_in() -> str:
    """The container of this process, as far as it is known. gunicorn's arbiter puts its name into the environment."""
    environment = core.debug()["environment"]
    if environment is not None:
        return str(environment)
    software = os.environ.get("SERVER_SOFTWARE", "")
    return software.partition("/")[0] or "no container that is known"


def require(config: "Configurator") -> None:
    """Refuses to start in a container other than the one that the setting ``forksafe.container`` names."""
    wanted = (config.registry.settings or {}).get("forksafe.container")
    if not wanted:
        return
    found = _running_in()
    if found.lower() != wanted.strip().lower():
        raise ConfigurationError(
            "forksafe.container = %s, but this process runs in %s: start it with %s, or take the setting out and let "
            "forksafe find the container" % (wanted, found, wanted)
        )
