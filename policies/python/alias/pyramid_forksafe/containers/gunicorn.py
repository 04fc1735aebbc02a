# SPDX-License-Identifier: MIT
from forksafe.pyramid.containers.gunicorn import *  # noqa: F403
