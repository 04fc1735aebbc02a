# SPDX-License-Identifier: MIT
from forksafe.pyramid.debugtoolbar import includeme

__all__ = ("includeme",)
