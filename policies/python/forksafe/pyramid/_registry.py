# SPDX-License-Identifier: MIT
"""The registry of a Pyramid application as a subscriber of the C++ core."""

import logging
import os
import traceback
import weakref
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterator, List, Mapping, Tuple, Type, cast

from forksafe import core
from pyramid.events import ApplicationCreated, NewRequest
from pyramid.exceptions import ConfigurationError
from pyramid.interfaces import IApplicationCreated
from zope.interface import implementedBy

from . import events, interfaces
from .debug import DebugObject
from .events import ApplicationEvent

if TYPE_CHECKING:
    from pyramid.config import Configurator
    from pyramid.registry import Registry

    from forksafe.core import Event, Facts

    Handler = Callable[[ApplicationEvent], object]

log = logging.getLogger("forksafe")

#: The events that are recorded even without a subscriber, if the container has a hook for them: the debug object then shows
#: that the hook ran.
ALWAYS = ("ApplicationPreFork", "ApplicationPostFork", "ApplicationPostWorkerInit")


#: The settings that begin with forksafe.
SETTINGS = ("forksafe.container", "forksafe.on_failure")


class SubscriberError(Exception):
    """Subscribers failed; the text names them, and the log has their tracebacks."""

    is_logged = True


def _direct(handler: Any) -> "Handler":
    """The subscriber without Pyramid's wrapper, if that only passes the event on."""
    code = getattr(handler, "__code__", None)
    if code is not None and code.co_name == "derived_subscriber" and hasattr(handler, "__wrapped__"):
        unwrapped: Handler = handler.__wrapped__
        return unwrapped
    called: Handler = handler
    return called


def _own(handler: Any) -> Any:
    """The callable that the application has subscribed, without Pyramid's wrapper for predicates."""
    code = getattr(handler, "__code__", None)
    wrapped = code is not None and code.co_name == "subscriber_wrapper" and hasattr(handler, "__wrapped__")
    return handler.__wrapped__ if wrapped else handler


def _found(registry: "Registry", kind: type) -> "List[Handler]":
    """The subscribers, kept until the registry changes."""
    adapters = registry.adapters
    handlers = [_direct(handler) for handler in adapters.subscriptions([implementedBy(kind)], None)]
    kept: Dict[type, Tuple[int, List[Handler]]] = registry.__dict__.setdefault("_forksafe_handlers", {})
    kept[kind] = (adapters._generation, handlers)
    return handlers


def notify(registry: "Registry", event: ApplicationEvent) -> None:
    """Calls each subscriber; one that raises does not stop the others. Raises SubscriberError after the last."""
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
        # The block is entered once, and again after each failure: inside the loop it would cost a tenth of the whole.
        try:
            for handler in remaining:
                result = handler(event)
                if result is not None:
                    core.finish(result)
            break
        except Exception as error:
            name = getattr(handler, "__qualname__", type(handler).__qualname__)
            # exc_info would log the error's text, which often holds an address with its password.
            told = core.redacted(traceback.format_exc().rstrip())
            log.error("the subscriber %s failed on %s\n%s", name, type(event).__name__, told)
            failures.append("%s: %s: %s" % (name, type(error).__name__, error))
    if failures:
        raise SubscriberError(core.redacted("; ".join(failures)))


def _heard(registry: "Registry") -> Iterator[str]:
    """The events that have subscribers. They are looked up before the fork, because afterwards each worker would do it."""
    # A subscriber to all events hears also those whose classes were never asked for.
    is_open = bool(_found(registry, ApplicationEvent))
    for name in interfaces.MEANINGS:
        if is_open or interfaces.is_made(name):
            handlers = _found(registry, getattr(events, name))
            for handler in handlers:
                own = _own(handler)
                core.check(own, getattr(own, "__qualname__", type(own).__qualname__))
            if handlers:
                yield name


def _hearing(registry: "Registry", kind: Type[ApplicationEvent]) -> "Callable[[Facts], None]":
    known = weakref.ref(registry)

    def hear(facts: "Facts") -> None:
        registry = known()
        if registry is not None:
            notify(registry, kind(registry, facts))

    return hear


def _forget(numbers: List[int]) -> None:
    """Unsubscribes a registry that was collected, as those of a test suite are."""
    for number in numbers:
        core.unsubscribe(number)


def _spare_requests(registry: "Registry") -> None:
    """Stops Pyramid from making its events for each request if there is no subscriber to them, as it does without forksafe.

    A later subscription sets ``has_listeners`` again. An event that the application itself notifies still has its subscribers.
    """
    rare = (interfaces.IApplicationEvent, IApplicationCreated)
    for registration in [*registry.registeredHandlers(), *registry.registeredSubscriptionAdapters()]:
        if not all(any(map(required.isOrExtends, rare)) for required in registration.required):
            return

    def notify(*events: Any) -> None:
        registry.subscribers(events, None)

    registry.notify = notify
    registry.has_listeners = False


def _created(event: ApplicationCreated) -> None:
    """Runs when the configuration is complete: the registry hears events from now on, and at once those that have passed."""
    registry = event.app.registry
    key = "pyramid %s %x" % (registry.package_name, id(registry))
    heard = {name: _hearing(registry, getattr(events, name)) for name in _heard(registry)}
    numbers = [
        core.subscribe(cast("Event", name), heard.get(name), key)
        for name in interfaces.MEANINGS
        if name in heard or (name in ALWAYS and core.has_hook(name))
    ]
    # The exit of the process needs no clean-up.
    weakref.finalize(registry, _forget, numbers).atexit = False
    _spare_requests(registry)
    core.uwsgi.loaded()


def _tell_unread(settings: "Mapping[str, Any]") -> None:
    """Logs the settings that begin with ``forksafe.`` and that nothing reads."""
    for key in settings:
        if str(key).startswith("forksafe.") and key not in SETTINGS:
            import difflib  # not needed by most applications, and a quarter of what this package takes to import

            near = difflib.get_close_matches(key, SETTINGS, 1)
            cure = "did you mean %s?" % near[0] if near else "take it out, there is only %s" % ", ".join(SETTINGS)
            log.warning("nothing reads %s: %s", key, cure)


def join(config: "Configurator") -> None:
    """Makes the registry of this configuration a subscriber, once."""
    registry = config.registry
    found = getattr(registry, "pyramid_forksafe", None)
    if isinstance(found, DebugObject):
        return
    registry.pyramid_forksafe = DebugObject()
    # The original package was included too, and has put its dict there.
    if isinstance(found, dict):
        registry.pyramid_forksafe["autoconfigure.log"].extend(found.get("autoconfigure.log", ()))
        registry.pyramid_forksafe["executed_hooks"].update(found.get("executed_hooks", ()))
    settings = registry.settings or {}
    _tell_unread(settings)
    choice = settings.get("forksafe.on_failure")
    # Without the setting nothing changes: another application of this process may have chosen.
    if choice is not None:
        try:
            core.on_failure(choice)
        except ValueError as error:
            raise ConfigurationError("forksafe.on_failure = %s: %s" % (choice, error)) from None
    registry.registerHandler(_created, (IApplicationCreated,))
    if os.environ.get("FORKSAFE_AUDIT") == "1":
        # core.audit() does nothing from the second request on.
        config.add_subscriber(lambda event: core.audit(), NewRequest)
