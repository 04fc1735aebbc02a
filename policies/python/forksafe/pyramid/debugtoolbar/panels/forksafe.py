# SPDX-License-Identifier: MIT
from typing import TYPE_CHECKING, Any, Dict, List, Optional

from pyramid_debugtoolbar.panels import DebugPanel

if TYPE_CHECKING:
    from pyramid.request import Request

#: The latest records of the journal that the panel shows.
SHOWN_RECORDS = 50


def _matrix(debug: Dict[str, Any]) -> List[Dict[str, Any]]:
    """The wiring, each row with how often each process has heard the event from that hook."""
    rows = []
    for wire in debug["wiring"]:
        counts = [
            sum(heard["count"] for heard in process["events"] if (heard["event"], heard["hook"]) == (wire["event"], wire["hook"]))
            for process in debug["processes"]
        ]
        rows.append({**wire, "counts": counts})
    return rows


class PyramidForksafeDebugPanel(DebugPanel):
    """Shows the debug object of the process that answers: status, wiring, hooks, all processes, findings.

    The toolbar keeps its requests in the memory of one process, and forgets them in another: under a forking server, start
    one worker to use it. The panel itself shows all processes of the server.
    """

    name = "Forksafe"
    has_content = True
    template = "forksafe.pyramid.debugtoolbar.panels:templates/forksafe.dbtmako"
    title = "Forksafe"
    nav_title = "Forksafe"
    nav_subtitle_style = "progress-bar-danger"

    def __init__(self, request: "Request") -> None:
        found = getattr(request.registry, "pyramid_forksafe", None)
        debug: Optional[Dict[str, Any]] = None if found is None else found.full()
        self.data: Dict[str, Any] = {"debug": debug, "matrix": [], "records": [], "hooks": []}
        if debug is not None:
            self.data["matrix"] = _matrix(debug)
            self.data["records"] = debug["journal"]["records"][-SHOWN_RECORDS:]
            self.data["hooks"] = sorted(debug["executed_hooks"])

    @property
    def nav_subtitle(self) -> str:
        """How many things want a look: failures, incidents and findings; empty if none."""
        debug = self.data["debug"]
        troubles = 0 if debug is None else sum(len(debug[kind]) for kind in ("failures", "incidents", "findings"))
        return str(troubles) if troubles else ""
