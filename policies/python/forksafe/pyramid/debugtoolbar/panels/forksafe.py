# SPDX-License-Identifier: MIT
from typing import TYPE_CHECKING

from pyramid_debugtoolbar.panels import DebugPanel

if TYPE_CHECKING:
    from pyramid.request import Request


class PyramidForksafeDebugPanel(DebugPanel):
    """Shows the debug object of the process that answers: status, wiring, hooks, all processes, findings."""

    name = "Forksafe"
    has_content = True
    template = "forksafe.pyramid.debugtoolbar.panels:templates/forksafe.dbtmako"
    title = "Forksafe"
    nav_title = "Forksafe"

    def __init__(self, request: "Request") -> None:
        debug = getattr(request.registry, "pyramid_forksafe", None)
        self.data = {"debug": None if debug is None else debug.full()}
