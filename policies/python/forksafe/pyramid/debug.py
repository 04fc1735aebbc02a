# SPDX-License-Identifier: MIT
"""The debug object as a dict, kept up to date by the C++ core."""

from typing import Any, Callable, Dict, List, Set

from forksafe import core


class DebugObject(Dict[str, Any]):
    """The value of ``registry.pyramid_forksafe``: ``status``, ``environment``, ``autoconfigure.log`` and ``executed_hooks``.

    It is a dict, as in the original. What an application puts in, appends to the log or adds to the set stays, in its process.
    Each read access shows the present state. ``full()`` returns everything that the core knows: processes, wiring, journal,
    findings, settings. A copy is a plain dict.
    """

    KEYS = ("status", "environment", "autoconfigure.log", "executed_hooks")

    def __init__(self) -> None:
        self._log: List[str] = []
        self._hooks: Set[Any] = set()
        self._seen: Dict[str, Any] = {"status": None, "environment": None, "autoconfigure.log": [], "executed_hooks": set()}
        super().__init__(dict.fromkeys(self.KEYS[:2]), **{"autoconfigure.log": self._log, "executed_hooks": self._hooks})

    def _look(self) -> None:
        """Copies the changes of the core, and keeps what the application has put in."""
        now, seen = _basics(), self._seen
        if now == seen:
            return
        for key in self.KEYS[:2]:
            # The application has changed or removed a value that differs from the last one.
            if key in self.raw and self.raw[key] == seen[key]:
                dict.__setitem__(self, key, now[key])
        before, log = seen["autoconfigure.log"], now["autoconfigure.log"]
        if log[: len(before)] == before:
            self._log += log[len(before) :]
        else:
            own = list(self._log)
            for line in before:
                if line in own:
                    own.remove(line)
            self._log[:] = log + own
        self._hooks |= now["executed_hooks"] - seen["executed_hooks"]
        self._seen = now

    @property
    def raw(self) -> Dict[str, Any]:
        """The content of the dict, without an update from the core."""
        return dict(dict.items(self))

    def full(self) -> Dict[str, Any]:
        own = {key: sorted(value, key=repr) if isinstance(value, set) else value for key, value in self.copy().items()}
        return {**core.debug(), **own}

    @property
    def own(self) -> Dict[str, Any]:
        """The entries that the application has put in, in this process."""
        seen = self._seen
        return {key: value for key, value in self.items() if key not in seen or value != seen[key]}

    def copy(self) -> Dict[str, Any]:
        self._look()
        return self.raw

    def __or__(self, other: Any) -> Any:
        return self.copy() | other if isinstance(other, dict) else NotImplemented

    def __ror__(self, other: Any) -> Any:
        return other | self.copy() if isinstance(other, dict) else NotImplemented

    def __reduce__(self) -> Any:
        return dict, (self.copy(),)


def _basics() -> Dict[str, Any]:
    """The four keys from the core. If the container lacks a requirement, no hook counts as executed, as in the original."""
    basics: Dict[str, Any] = {**core.basics()}
    if str(basics["status"]).endswith(" error"):
        basics["executed_hooks"] = set()
    return basics


def _up_to_date(name: str) -> Callable[..., Any]:
    method = getattr(dict, name)

    def call(self: DebugObject, *arguments: Any, **keywords: Any) -> Any:
        self._look()
        return method(self, *arguments, **keywords)

    call.__name__ = name
    call.__doc__ = method.__doc__
    return call


# All operations of a dict on its content.
for _name in ("__getitem__", "__contains__", "__iter__", "__reversed__", "__len__", "__eq__", "__ne__", "__repr__", "__setitem__",
              "__delitem__", "__ior__", "get", "keys", "values", "items", "pop", "popitem", "setdefault", "update", "clear"):
    if hasattr(dict, _name):
        setattr(DebugObject, _name, _up_to_date(_name))
