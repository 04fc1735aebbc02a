# SPDX-License-Identifier: MIT
"""The C++ core: one application per process, for each container that may load it."""

from typing import Any, Callable, Dict, List, Literal, Optional, Set, Tuple, TypedDict, Union

Event = Literal[
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
]
Phase = Literal["generation", "locks", "reseed", "event_loops", "detach", "application", "threads"]

class Child(TypedDict):
    role: str
    pid: Optional[int]
    parent: Optional[int]
    slot: Optional[int]
    incarnation: Optional[int]

class Facts(TypedDict, total=False):
    event: str
    container: str
    hook: str
    role: str
    pid: int
    parent: int
    slot: Optional[int]
    incarnation: Optional[int]
    forked: bool
    app_loaded: bool
    respawn: bool
    late: bool
    child: Child
    error: int
    status: Optional[int]

def subscribe(
    event: Event,
    callable: Optional[Callable[[Facts], object]],
    key: str,
    phase: Phase = "application",
    deadline: Optional[float] = None,
) -> int:
    """Subscribes the callable to the event, in its phase. It is called with one argument, the facts as a dict.

    The key is the subscriber's name in the log and the debug object. A second subscription with the same key and event replaces
    the callable. If the event has passed in this process already, the callable is called at once, with ``late`` true. Phases
    are called in the order of their names in ``Phase``, before a fork in reverse order.

    None as the callable only records the event, and runs no Python code. An exception is recorded and logged, and the other
    subscribers still hear the event. The deadline is in seconds; the default is 10. Raises TypeError for a coroutine function,
    a generator function, and a callable that cannot be called with one argument. Returns the number for unsubscribe.
    """

def unsubscribe(number: int, /) -> None:
    """Ends a subscription."""

def on_failure(choice: Literal["closed", "open"], /) -> None:
    """Chooses what happens to a worker in which a subscriber to PostFork or PostWorkerInit has failed.

    ``closed``, the default: it exits and is replaced. ``open``: it serves requests.
    """

Basics = TypedDict(
    "Basics",
    {
        "status": str,
        "environment": Optional[str],
        "autoconfigure.log": List[str],
        "executed_hooks": Set[Tuple[str, str]],
    },
)

def debug() -> Dict[str, Any]:
    """Returns the debug object of this process, with secrets redacted, as values that ``json.dumps`` takes."""

def basics() -> Basics:
    """Returns the debug object's ``status``, ``environment``, ``autoconfigure.log``, and ``executed_hooks`` as a set.

    It reads the memory of this process only, so that the cost does not grow. Each call returns new objects.
    """

def status() -> str:
    """Returns the status alone."""

def report() -> str:
    """Returns the debug object of this process as text."""

def check(callable: Callable[..., object], name: str, /) -> None:
    """Raises TypeError for a callable that cannot hear events: a coroutine function, a generator function, a wrong arity."""

def finish(result: object, /) -> None:
    """Raises TypeError for a subscriber's result that would have to be awaited or iterated, such as a coroutine; closes it."""

def has_hook(event: str, /) -> bool:
    """Returns whether the container itself has a hook for the event; True as long as no container is known."""

def redacted(text: str, /) -> str:
    """Returns the text with *** in place of passwords, tokens and other secrets."""

def audit() -> None:
    """Looks for what this worker inherited and must not use; debug() then has the findings."""

class _Uwsgi:
    def attempt(self) -> bool: ...
    def loaded(self) -> None: ...

class _Gunicorn:
    def on_starting(self, server: Any, /) -> None: ...
    def when_ready(self, server: Any, /) -> None: ...
    def on_reload(self, server: Any, /) -> None: ...
    def on_exit(self, server: Any, /) -> None: ...
    def pre_fork(self, server: Any, worker: Any, /) -> None: ...
    def post_fork(self, server: Any, worker: Any, /) -> None: ...
    def post_worker_init(self, worker: Any, /) -> None: ...
    def worker_abort(self, worker: Any, /) -> None: ...
    def worker_exit(self, server: Any, worker: Any, /) -> None: ...
    def child_exit(self, server: Any, worker: Any, /) -> None: ...
    def mark_configured(self, registry: Any = None, /) -> None: ...

class _Celery:
    def connect(self) -> None: ...

celery: _Celery
uwsgi: _Uwsgi
gunicorn: _Gunicorn
