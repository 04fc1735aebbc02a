# SPDX-License-Identifier: MIT
from forksafe.pyramid.containers.uwsgi import *  # noqa: F403
