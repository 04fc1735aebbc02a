# SPDX-License-Identifier: MIT
"""The interfaces of the events, for ``config.add_subscriber`` and ``zope.interface``."""

from zope.interface import Attribute, Interface


class IApplicationEvent(Interface):
    """What each event tells; where the container does not, the value is None."""

    registry = Attribute("The registry of the application that hears the event")
    container = Attribute("The container's name: 'uwsgi', 'gunicorn', ...")
    hook = Attribute("What the container called: 'post_fork', ...")
    role = Attribute("What the process is there for: 'master', 'worker', 'mule' or 'spooler'")
    pid = Attribute("The process that hears the event")
    parent = Attribute("Its parent")
    slot = Attribute("The small number, from 1, that a replacement inherits")
    incarnation = Attribute("How many times the slot was filled, from 1")
    forked = Attribute("Whether a fork really made this process")
    app_loaded = Attribute("Whether the container had loaded the application")
    respawn = Attribute("Whether this process replaces an earlier one")
    late = Attribute("Whether the event had passed before the application was loaded")
    child = Attribute("Of an event in the parent about one child: its role, pid, slot and incarnation, as a dict")


class IApplicationPreFork(IApplicationEvent):
    """In the parent, before each fork of a worker: flush, close, stop threads."""


class IApplicationPostFork(IApplicationEvent):
    """In the child, as early as its identity is known: drop what was inherited, reseed, make anew."""


class IApplicationPostWorkerInit(IApplicationEvent):
    """In the child, after the application is loaded in it: warm up, start threads."""


class IApplicationPostForkParent(IApplicationEvent):
    """In the parent, after each fork: undo what ApplicationPreFork did."""


class IApplicationForkFailed(IApplicationEvent):
    """In the parent, when the fork made no child: undo what ApplicationPreFork did."""

    error = Attribute("The errno of the fork, 0 where the container does not tell")


class IApplicationWorkerReady(IApplicationEvent):
    """In the child, when it begins to accept requests."""


class IApplicationWorkerExit(IApplicationEvent):
    """In the child, at its orderly end. Best effort: a killed process does not run it."""


class IApplicationWorkerReaped(IApplicationEvent):
    """In the parent, when a child is gone: the only clean-up that can be relied on."""

    status = Attribute("The wait status of the child, None where the container does not tell")


class IApplicationWorkerAbort(IApplicationEvent):
    """When a worker is ended for taking too long."""


class IApplicationServerStarting(IApplicationEvent):
    """In the parent, once, before it opens its sockets."""


class IApplicationServerReady(IApplicationEvent):
    """In the parent, once, when the sockets are open."""


class IApplicationServerReload(IApplicationEvent):
    """In the parent, when it was told to replace its workers."""


class IApplicationServerExit(IApplicationEvent):
    """In the parent, once, at its orderly end."""


__all__ = (
    "IApplicationEvent",
    "IApplicationForkFailed",
    "IApplicationPostFork",
    "IApplicationPostForkParent",
    "IApplicationPostWorkerInit",
    "IApplicationPreFork",
    "IApplicationServerExit",
    "IApplicationServerReady",
    "IApplicationServerReload",
    "IApplicationServerStarting",
    "IApplicationWorkerAbort",
    "IApplicationWorkerExit",
    "IApplicationWorkerReady",
    "IApplicationWorkerReaped",
)
