# SPDX-License-Identifier: MIT
"""uWSGI: ``pyramid.includes = forksafe.pyramid.containers.uwsgi``. Needs ``--master``."""

from forksafe.pyramid import includeme

__all__ = ("includeme",)
