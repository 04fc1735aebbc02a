# SPDX-License-Identifier: MIT
from forksafe.pyramid import events as _events
from forksafe.pyramid.events import __dir__  # noqa: F401

__all__ = _events.__all__


def __getattr__(name):
    return getattr(_events, name)
