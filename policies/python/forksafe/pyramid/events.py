# SPDX-License-Identifier: MIT
"""The events, as Pyramid raises them: subscribe by ``config.add_subscriber(function, ApplicationPostFork)``."""

from typing import TYPE_CHECKING, Any, Mapping, Optional

from zope.interface import implementer

from . import interfaces

if TYPE_CHECKING:
    from pyramid.registry import Registry

    from forksafe.core import Child


@implementer(interfaces.IApplicationEvent)
class ApplicationEvent:
    """What all events have in common; see :class:`forksafe.pyramid.interfaces.IApplicationEvent`."""

    container: Optional[str] = None
    hook: Optional[str] = None
    role: Optional[str] = None
    pid: Optional[int] = None
    parent: Optional[int] = None
    slot: Optional[int] = None
    incarnation: Optional[int] = None
    forked: Optional[bool] = None
    app_loaded: Optional[bool] = None
    respawn: Optional[bool] = None
    late: bool = False
    child: "Optional[Child]" = None

    def __init__(self, registry: "Registry", facts: Optional[Mapping[str, Any]] = None) -> None:
        if facts is not None:
            self.__dict__.update(facts)
        self.registry = registry


@implementer(interfaces.IApplicationPreFork)
class ApplicationPreFork(ApplicationEvent):
    """In the parent, before each fork of a worker: flush, close, stop threads."""


@implementer(interfaces.IApplicationPostFork)
class ApplicationPostFork(ApplicationEvent):
    """In the child, as early as its identity is known: drop what was inherited, reseed, make anew."""


@implementer(interfaces.IApplicationPostWorkerInit)
class ApplicationPostWorkerInit(ApplicationEvent):
    """In the child, after the application is loaded in it: warm up, start threads."""


@implementer(interfaces.IApplicationPostForkParent)
class ApplicationPostForkParent(ApplicationEvent):
    """In the parent, after each fork: undo what ApplicationPreFork did."""


@implementer(interfaces.IApplicationForkFailed)
class ApplicationForkFailed(ApplicationEvent):
    """In the parent, when the fork made no child: undo what ApplicationPreFork did."""

    error: int = 0


@implementer(interfaces.IApplicationWorkerReady)
class ApplicationWorkerReady(ApplicationEvent):
    """In the child, when it begins to accept requests."""


@implementer(interfaces.IApplicationWorkerExit)
class ApplicationWorkerExit(ApplicationEvent):
    """In the child, at its orderly end. Best effort: a killed process does not run it."""


@implementer(interfaces.IApplicationWorkerReaped)
class ApplicationWorkerReaped(ApplicationEvent):
    """In the parent, when a child is gone: the only clean-up that can be relied on."""

    status: Optional[int] = None


@implementer(interfaces.IApplicationWorkerAbort)
class ApplicationWorkerAbort(ApplicationEvent):
    """When a worker is ended for taking too long."""


@implementer(interfaces.IApplicationServerStarting)
class ApplicationServerStarting(ApplicationEvent):
    """In the parent, once, before it opens its sockets."""


@implementer(interfaces.IApplicationServerReady)
class ApplicationServerReady(ApplicationEvent):
    """In the parent, once, when the sockets are open."""


@implementer(interfaces.IApplicationServerReload)
class ApplicationServerReload(ApplicationEvent):
    """In the parent, when it was told to replace its workers."""


@implementer(interfaces.IApplicationServerExit)
class ApplicationServerExit(ApplicationEvent):
    """In the parent, once, at its orderly end."""


#: By name, as the C++ core knows them.
BY_NAME = {
    "ApplicationPreFork": ApplicationPreFork,
    "ApplicationPostFork": ApplicationPostFork,
    "ApplicationPostWorkerInit": ApplicationPostWorkerInit,
    "ApplicationPostForkParent": ApplicationPostForkParent,
    "ApplicationForkFailed": ApplicationForkFailed,
    "ApplicationWorkerReady": ApplicationWorkerReady,
    "ApplicationWorkerExit": ApplicationWorkerExit,
    "ApplicationWorkerReaped": ApplicationWorkerReaped,
    "ApplicationWorkerAbort": ApplicationWorkerAbort,
    "ApplicationServerStarting": ApplicationServerStarting,
    "ApplicationServerReady": ApplicationServerReady,
    "ApplicationServerReload": ApplicationServerReload,
    "ApplicationServerExit": ApplicationServerExit,
}

__all__ = (
    "ApplicationEvent",
    "ApplicationForkFailed",
    "ApplicationPostFork",
    "ApplicationPostForkParent",
    "ApplicationPostWorkerInit",
    "ApplicationPreFork",
    "ApplicationServerExit",
    "ApplicationServerReady",
    "ApplicationServerReload",
    "ApplicationServerStarting",
    "ApplicationWorkerAbort",
    "ApplicationWorkerExit",
    "ApplicationWorkerReady",
    "ApplicationWorkerReaped",
    "BY_NAME",
)
