# SPDX-License-Identifier: MIT
from forksafe.pyramid.containers.gunicorn import *  # noqa: F403
from forksafe.pyramid.containers.gunicorn import __all__  # noqa: F401
