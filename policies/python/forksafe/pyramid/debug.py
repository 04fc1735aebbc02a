# SPDX-License-Identifier: MIT
"""The debug object as a mapping, backed by the C++ core."""

from collections.abc import MutableMapping
from typing import Any, Dict, Iterator

from forksafe import core


class DebugObject(MutableMapping[str, Any]):
    """What ``registry.pyramid_forksafe`` holds: ``status``, ``environment``, ``autoconfigure.log`` and ``executed_hooks``.

    Each look shows what is true now. What an application puts in stays beside it, in its own process. ``full()`` is
    everything that the core knows: processes, wiring, journal, findings, settings.
    """

    KEYS = ("status", "environment", "autoconfigure.log", "executed_hooks")

    def __init__(self) -> None:
        self._own: Dict[str, Any] = {}

    def full(self) -> Dict[str, Any]:
        return {**core.debug(), **self._own}

    @property
    def own(self) -> Dict[str, Any]:
        """What the application has put in, in this process."""
        return dict(self._own)

    def __getitem__(self, key: str) -> Any:
        if key in self._own:
            return self._own[key]
        if key in self.KEYS:
            return core.debug()[key]
        raise KeyError(key)

    def __setitem__(self, key: str, value: Any) -> None:
        self._own[key] = value

    def __delitem__(self, key: str) -> None:
        del self._own[key]

    def __iter__(self) -> Iterator[str]:
        yield from self.KEYS
        yield from (key for key in self._own if key not in self.KEYS)

    def __len__(self) -> int:
        return len(self.KEYS) + sum(key not in self.KEYS for key in self._own)

    def __repr__(self) -> str:
        return repr(dict(self))
