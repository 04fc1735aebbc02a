# SPDX-License-Identifier: MIT
"""The events, as Pyramid raises them: subscribe by ``config.add_subscriber(function, ApplicationPostFork)``.

The class of each event is made at its first use, as its interface is.
"""

from typing import TYPE_CHECKING, Any, List, Mapping, Optional

from zope.interface import implementer

from . import interfaces

if TYPE_CHECKING:
    from pyramid.registry import Registry

    from forksafe.core import Child


@implementer(interfaces.IApplicationEvent)
class ApplicationEvent:
    """The base class of all events; see :class:`forksafe.pyramid.interfaces.IApplicationEvent`."""

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


_OWN_VALUES = {"ApplicationForkFailed": {"error": 0}, "ApplicationWorkerReaped": {"status": None}}

__all__ = ("ApplicationEvent", *sorted(interfaces.MEANINGS))


def __getattr__(name: str) -> type:
    meaning = interfaces.MEANINGS.get(name)
    if meaning is None:
        raise AttributeError("module %r has no attribute %r" % (__name__, name))
    members = {"__doc__": meaning, "__module__": __name__, **_OWN_VALUES.get(name, {})}
    made = implementer(getattr(interfaces, "I" + name))(type(name, (ApplicationEvent,), members))
    return globals().setdefault(name, made)


def __dir__() -> List[str]:
    return sorted({*globals(), *__all__})
