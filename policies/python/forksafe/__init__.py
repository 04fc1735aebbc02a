# SPDX-License-Identifier: MIT
"""The events around the fork of a pre-forking server, the same in every container.

``subscribe("ApplicationPostFork", function, "key")`` subscribes a function to an event, whose facts it gets as a dict. Pyramid
applications include ``forksafe.pyramid`` and subscribe as they do to other Pyramid events.

The C++ core is loaded at its first use, so that importing the package costs almost nothing.
"""

__version__ = "0.1.0"

#: The events, in the order of the C++ core's tables.
EVENTS = (
    "ApplicationPreFork",
    "ApplicationPostFork",
    "ApplicationPostWorkerInit",
    "ApplicationPostForkParent",
    "ApplicationForkFailed",
    "ApplicationWorkerReady",
    "ApplicationWorkerExit",
    "ApplicationWorkerReaped",
    "ApplicationWorkerAbort",
    "ApplicationServerStarting",
    "ApplicationServerReady",
    "ApplicationServerReload",
    "ApplicationServerExit",
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .core import audit, debug, on_failure, report, subscribe, unsubscribe

__all__ = ("EVENTS", "__version__", "audit", "debug", "on_failure", "report", "subscribe", "unsubscribe")


def __getattr__(name: str) -> object:
    if name in __all__:
        from . import core

        return getattr(core, name)
    raise AttributeError("module 'forksafe' has no attribute %r" % name)


def __dir__() -> "list[str]":
    return sorted({*globals(), *__all__})
