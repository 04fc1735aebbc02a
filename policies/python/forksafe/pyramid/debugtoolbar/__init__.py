# SPDX-License-Identifier: MIT
"""The panel of pyramid_debugtoolbar: ``debugtoolbar.includes = forksafe.pyramid.debugtoolbar``."""

from typing import TYPE_CHECKING

from .panels.forksafe import PyramidForksafeDebugPanel

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: "Configurator") -> None:
    config.add_debugtoolbar_panel(PyramidForksafeDebugPanel)
