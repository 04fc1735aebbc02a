# SPDX-License-Identifier: MIT
"""The C++ core: one application per process, for whichever container loads it."""

from typing import Any, Callable, Dict, List, Literal, Optional, Set, Tuple, TypedDict, Union

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
    event: str, callable: Optional[Callable[[Facts], object]], key: str, phase: Phase = "application"
) -> int:
    """Lets the callable hear the event, in its phase. A second time with one key replaces the callable.

    None lets the event only be recorded, without a step of Python's. An exception is recorded and logged, and the others
    still hear the event. Returns what unsubscribe takes.
    """

def unsubscribe(number: int, /) -> None:
    """Ends a subscription."""

def on_failure(choice: Literal["closed", "open"], /) -> None:
    """What becomes of a worker in which a subscriber to PostFork or PostWorkerInit failed.

    ``closed``, the default: it leaves and is replaced. ``open``: it serves all the same.
    """

def debug() -> Dict[str, Any]:
    """The debug object of this process, secrets redacted."""

def report() -> str:
    """The debug object of this process, as text."""

def has_hook(event: str, /) -> bool:
    """Whether the container has a hook of its own for the event; True as long as no container is known."""

def redacted(text: str, /) -> str:
    """The text as it may be shown: *** in place of passwords, tokens and the like."""

def audit() -> None:
    """Finds what this worker inherited and must not use; debug() then has the findings."""

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
