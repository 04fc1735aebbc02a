# SPDX-License-Identifier: MIT
from forksafe.pyramid import interfaces as _interfaces
from forksafe.pyramid.interfaces import __dir__  # noqa: F401

__all__ = _interfaces.__all__


def __getattr__(name):
    return getattr(_interfaces, name)
