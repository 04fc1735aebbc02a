# SPDX-License-Identifier: MIT
import os
import reprlib
from typing import TYPE_CHECKING, Any, Dict, List

from pyramid_debugtoolbar.panels import DebugPanel

if TYPE_CHECKING:
    from pyramid.request import Request
    from pyramid.response import Response

#: How many of the latest records of the journal the panel shows.
SHOWN_RECORDS = 50

#: The reasons why there is no debug object to show.
NOT_INCLUDED = "not included"
NOT_ANSWERED = "not answered"

#: Makes the text of an application's object, and never raises. The toolbar keeps the text: the object may change or be large.
_shown = reprlib.Repr()
_shown.maxdict = _shown.maxlist = _shown.maxtuple = _shown.maxset = 50
_shown.maxstring = _shown.maxother = 200


def _heard(process: Dict[str, Any], wire: Dict[str, Any]) -> Dict[str, int]:
    rows = [row for row in process["events"] if (row["event"], row["hook"]) == (wire["event"], wire["hook"])]
    return {what: sum(row[what] for row in rows) for what in ("count", "failed")}


def _matrix(debug: Dict[str, Any]) -> List[Dict[str, Any]]:
    """The wiring. Each row has the number of times that each process has heard the event from the hook."""
    return [{**wire, "heard": [_heard(process, wire) for process in debug["processes"]]} for wire in debug["wiring"]]


def _snapshot(own: Dict[str, Any]) -> Dict[str, Any]:
    """The values to show, as copies that do not change later."""
    from forksafe import core

    debug = core.debug()
    hooks = sorted(debug.pop("executed_hooks"))
    journal = debug["journal"]
    journal["records"] = journal["records"][-SHOWN_RECORDS:]
    return {
        "debug": debug,
        "absent": None,
        "matrix": _matrix(debug),
        "hooks": hooks,
        "own": [{"key": str(key), "value": _shown.repr(value)} for key, value in own.items()],
        "pid": os.getpid(),
    }


class PyramidForksafeDebugPanel(DebugPanel):
    """Shows the debug object of the process that answered, as it was after the answer; all processes are in it.

    The toolbar keeps its requests in the memory of one process, and switches itself off if the server reports several
    (``wsgi.multiprocess``): start one worker to use it.
    """

    name = "Forksafe"
    has_content = True
    template = "forksafe.pyramid.debugtoolbar.panels:templates/forksafe.dbtmako"
    title = "Forksafe"
    nav_title = "Forksafe"
    nav_subtitle_style = "progress-bar-danger"

    def __init__(self, request: "Request") -> None:
        self._found = getattr(request.registry, "pyramid_forksafe", None)
        included = hasattr(self._found, "own")
        self.data: Dict[str, Any] = {"debug": None, "absent": NOT_ANSWERED if included else NOT_INCLUDED}

    def process_response(self, response: "Response") -> None:
        # The snapshot is made after the answer, because the worker audits itself at its first request.
        if self._found is not None and self.data["absent"] != NOT_INCLUDED:
            self.data = _snapshot(self._found.own)

    @property
    def nav_subtitle(self) -> str:
        """The number of failures, incidents, and findings above the severity info; empty if it is 0."""
        debug = self.data["debug"]
        if debug is None:
            return ""
        findings = [finding for finding in debug["findings"] if finding["severity"] != "info"]
        return str(len(debug["failures"]) + len(debug["incidents"]) + len(findings) or "")
