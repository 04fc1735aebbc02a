# SPDX-License-Identifier: MIT
from forksafe.pyramid.debugtoolbar.panels.forksafe import *  # noqa: F403
