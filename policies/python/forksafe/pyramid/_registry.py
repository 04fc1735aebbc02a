# SPDX-License-Identifier: MIT
"""The registry of a Pyramid application as one more subscriber of the C++ core."""

import logging
import os
import weakref
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Set, Tuple

from forksafe import core
from pyramid.events import ApplicationCreated, NewRequest
from pyramid.exceptions import ConfigurationError
from pyramid.interfaces import IApplicationCreated
from zope.interface import implementedBy

from .debug import DebugObject
from .events import BY_NAME, ApplicationEvent
from .interfaces import IApplicationEvent

if TYPE_CHECKING:
    from pyramid.config import Configurator
    from pyramid.registry import Registry

    from forksafe.core import Facts

log = logging.getLogger("forksafe")

Handler = Callable[[ApplicationEvent], object]

#: What is recorded even if the application has no subscriber for it, where the container has a hook for it: so that the
#: debug object shows that the hook ran.
ALWAYS = ("ApplicationPreFork", "ApplicationPostFork", "ApplicationPostWorkerInit")


class SubscriberError(Exception):
    """Names the subscribers that failed; each one's traceback is in the log."""


def _direct(handler: Any) -> Handler:
    """Without Pyramid's wrapper around a subscriber that takes the event only, where it does nothing else."""
    code = getattr(handler, "__code__", None)
    if code is not None and code.co_name == "derived_subscriber" and hasattr(handler, "__wrapped__"):
        unwrapped: Handler = handler.__wrapped__
        return unwrapped
    called: Handler = handler
    return called


def _found(registry: "Registry", kind: type) -> List[Handler]:
    """The subscribers, kept until the registry changes."""
    adapters = registry.adapters
    handlers = [_direct(handler) for handler in adapters.subscriptions([implementedBy(kind)], None)]
    kept: Dict[type, Tuple[int, List[Handler]]] = registry.__dict__.setdefault("_forksafe_handlers", {})
    kept[kind] = (adapters._generation, handlers)
    return handlers


def notify(registry: "Registry", event: ApplicationEvent) -> None:
    """Calls each subscriber; one that raises stops no other. Raises SubscriberError behind the last."""
    kind = type(event)
    try:
        generation, handlers = registry._forksafe_handlers[kind]
    except (AttributeError, KeyError):
        generation, handlers = -1, []
    if generation != registry.adapters._generation:
        handlers = _found(registry, kind)
    failures = []
    remaining = iter(handlers)
    while True:
        # Entered once, and again behind each failure: in the loop it would cost a tenth of the whole.
        try:
            for handler in remaining:
                handler(event)
            break
        except Exception as error:
            name = getattr(handler, "__qualname__", type(handler).__qualname__)
            log.exception("the subscriber %s failed on %s", name, type(event).__name__)
            failures.append("%s: %s: %s" % (name, type(error).__name__, error))
    if failures:
        raise SubscriberError("; ".join(failures))


def _recorded() -> Set[str]:
    debug = core.debug()
    if debug["environment"] is None:
        return set(ALWAYS)
    return {row["event"] for row in debug["wiring"] if row["source"] == "native"}.intersection(ALWAYS)


def _subscribe(registry: "Registry", name: str, is_heard: bool) -> None:
    known = weakref.ref(registry)

    def hear(facts: "Facts") -> None:
        registry = known()
        if registry is not None:
            notify(registry, BY_NAME[name](registry, facts))

    core.subscribe(name, hear if is_heard else None, "pyramid %s %x" % (registry.package_name, id(registry)))


def _spare_requests(registry: "Registry") -> None:
    """Lets Pyramid make no events of its own for each request, as without us, if nobody is subscribed who could hear them.

    Who subscribes later sets ``has_listeners`` again; what is notified by hand is heard all the same.
    """
    registrations = [*registry.registeredHandlers(), *registry.registeredSubscriptionAdapters()]
    for registration in registrations:
        if not all(one.isOrExtends(IApplicationEvent) or one.isOrExtends(IApplicationCreated) for one in registration.required):
            return

    def notify(*events: Any) -> None:
        registry.subscribers(events, None)

    registry.notify = notify
    registry.has_listeners = False


def _created(event: ApplicationCreated) -> None:
    """The configuration is complete: hears from now on, and at once what has passed in this process."""
    registry = event.app.registry
    recorded = _recorded()
    for name, kind in BY_NAME.items():
        # Found before the fork, for what is found behind it is found by each worker.
        is_heard = bool(_found(registry, kind))
        if is_heard or name in recorded:
            _subscribe(registry, name, is_heard)
    _spare_requests(registry)
    core.uwsgi.loaded()


def join(config: "Configurator") -> None:
    """Makes the registry of this configuration a subscriber, once."""
    registry = config.registry
    if hasattr(registry, "pyramid_forksafe"):
        return
    registry.pyramid_forksafe = DebugObject()
    settings = registry.settings or {}
    choice = settings.get("forksafe.on_failure")
    # Another application of this process may have chosen: who says nothing changes nothing.
    if choice is not None:
        try:
            core.on_failure(choice)
        except ValueError as error:
            raise ConfigurationError("forksafe.on_failure = %s: %s" % (choice, error)) from None
    config.add_subscriber(_created, ApplicationCreated)
    if os.environ.get("FORKSAFE_AUDIT") == "1":
        # Does nothing from the second request on.
        config.add_subscriber(lambda event: core.audit(), NewRequest)
