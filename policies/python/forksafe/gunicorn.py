# SPDX-License-Identifier: MIT
"""Every hook of gunicorn: ``gunicorn -c python:forksafe.gunicorn``, or imported into a configuration file.

If that file defines hooks itself, ``forksafe.gunicorn.install(globals())`` makes gunicorn call both.
"""

import inspect
import sys
from typing import Any, Callable, Dict, List

from .core import gunicorn as _hooks

on_starting = _hooks.on_starting
when_ready = _hooks.when_ready
on_reload = _hooks.on_reload
on_exit = _hooks.on_exit
pre_fork = _hooks.pre_fork
post_fork = _hooks.post_fork
post_worker_init = _hooks.post_worker_init
worker_abort = _hooks.worker_abort
worker_exit = _hooks.worker_exit
child_exit = _hooks.child_exit


class Names(List[str]):
    """The names that ``import *`` takes. The functions of the importing file that they replace are called too, as by install().
    """

    def __getitem__(self, index: Any) -> Any:
        namespace = sys._getframe(1).f_globals
        if index == 0:
            self._replaced = {name: namespace[name] for name in HOOKS if _is_other(namespace.get(name), name)}
        if index == len(self):
            namespace.update({name: _both(name, other) for name, other in self._replaced.items()})
            self._replaced = {}
        return super().__getitem__(index)


HOOKS = (
    "child_exit",
    "on_exit",
    "on_reload",
    "on_starting",
    "post_fork",
    "post_worker_init",
    "pre_fork",
    "when_ready",
    "worker_abort",
    "worker_exit",
)

__all__ = Names(HOOKS)

#: The hooks after which something ends or is copied: the other function is called before forksafe's.
_CLOSING = ("on_exit", "pre_fork", "worker_abort", "worker_exit")


def _is_other(function: object, name: str) -> bool:
    return callable(function) and function is not getattr(_hooks, name) and not hasattr(function, "calls_forksafe")


def _both(name: str, other: Callable[..., object]) -> Callable[..., None]:
    """Makes a hook that calls both functions. The other one gets gunicorn's arguments, and its exceptions reach gunicorn."""
    ours = getattr(_hooks, name)

    def hook(*arguments: Any) -> None:
        _complete(arguments[0].cfg)
        if name in _CLOSING:
            try:
                other(*arguments)
            finally:
                ours(*arguments)
        else:
            ours(*arguments)
            other(*arguments)

    hook.__name__ = name
    # gunicorn counts the parameters before it accepts a hook.
    setattr(hook, "__signature__", inspect.signature(ours))
    setattr(hook, "calls_forksafe", True)
    return hook


def _nothing(*arguments: Any) -> None:
    pass


def _complete(configuration: Any) -> None:
    """Does the same for functions that the file defines after install(), and which replace the hooks that it has set."""
    for name in HOOKS:
        function = getattr(configuration, name)
        if _is_other(function, name):
            configuration.set(name, _both(name, function))


def install(namespace: Dict[str, Any]) -> None:
    """``forksafe.gunicorn.install(globals())`` in a configuration file sets all hooks. The file's functions of these names,
    before that line or after it, are called too. They must not call forksafe's hooks themselves. If ``on_starting`` is defined
    after the line, forksafe's is not called: gunicorn calls no earlier hook.
    """
    for name in HOOKS:
        other = namespace.get(name, _nothing)
        if not hasattr(other, "calls_forksafe"):
            namespace[name] = _both(name, other if _is_other(other, name) else _nothing)
