# SPDX-License-Identifier: MIT
"""The interfaces of the events, for ``config.add_subscriber`` and ``zope.interface``.

The interface of each event is made at its first use: an application names one or two, and a worker that loads the application
after its fork would wait for all thirteen.
"""

from typing import List

from zope.interface import Attribute, Interface
from zope.interface.interface import InterfaceClass


class IApplicationEvent(Interface):
    """The attributes of each event. A value is None if the container does not report it."""

    registry = Attribute("The registry of the application that hears the event")
    container = Attribute("The container's name: 'uwsgi', 'gunicorn', ...")
    hook = Attribute("The hook that the container called: 'post_fork', ...")
    role = Attribute("The role of the process: 'master', 'worker', 'mule' or 'spooler'")
    pid = Attribute("The process that hears the event")
    parent = Attribute("Its parent")
    slot = Attribute("The small number, from 1, that a replacement inherits")
    incarnation = Attribute("How many times the slot was filled, from 1")
    forked = Attribute("Whether a fork really made this process")
    app_loaded = Attribute("Whether the container had loaded the application")
    respawn = Attribute("Whether this process replaces an earlier one")
    late = Attribute("Whether the event had passed before the application was loaded")
    child = Attribute("The child that an event in the parent is about: its role, pid, slot and incarnation, as a dict")


#: The meaning of each event, which is the docstring of its class and its interface.
MEANINGS = {
    "ApplicationPreFork": "In the parent, before each fork of a worker: flush, close, stop threads.",
    "ApplicationPostFork": "In the child, as early as its identity is known: drop what was inherited, reseed, open again.",
    "ApplicationPostWorkerInit": "In the child, after the application is loaded in it: warm up, start threads.",
    "ApplicationPostForkParent": "In the parent, after each fork: undo what ApplicationPreFork did.",
    "ApplicationForkFailed": "In the parent, when the fork made no child: undo what ApplicationPreFork did.",
    "ApplicationWorkerReady": "In the child, when it begins to accept requests.",
    "ApplicationWorkerExit": "In the child, at its orderly end. Best effort: a killed process does not run it.",
    "ApplicationWorkerReaped": "In the parent, when a child is gone: the only clean-up that can be relied on.",
    "ApplicationWorkerAbort": "When a worker is ended for taking too long.",
    "ApplicationServerStarting": "In the parent, once, before it opens its sockets.",
    "ApplicationServerReady": "In the parent, once, when the sockets are open.",
    "ApplicationServerReload": "In the parent, when it begins to replace its workers.",
    "ApplicationServerExit": "In the parent, once, at its orderly end.",
}

_OWN_ATTRIBUTES = {
    "ApplicationForkFailed": {"error": "The errno of the fork, 0 if the container does not report it"},
    "ApplicationWorkerReaped": {"status": "The wait status of the child, None if the container does not report it"},
}

__all__ = ("IApplicationEvent", *sorted("I" + name for name in MEANINGS))


def is_made(event: str) -> bool:
    """Whether this event's interface has been made, for itself or for its class, which implements it."""
    return "I" + event in globals()


def __getattr__(name: str) -> InterfaceClass:
    event = name[1:]
    if name[:1] != "I" or event not in MEANINGS:
        raise AttributeError("module %r has no attribute %r" % (__name__, name))
    attributes = {one: Attribute(text) for one, text in _OWN_ATTRIBUTES.get(event, {}).items()}
    made = InterfaceClass(name, (IApplicationEvent,), attributes, MEANINGS[event], __name__)
    return globals().setdefault(name, made)


def __dir__() -> List[str]:
    return sorted({*globals(), *__all__})
