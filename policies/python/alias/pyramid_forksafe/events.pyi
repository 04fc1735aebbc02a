# SPDX-License-Identifier: MIT
from forksafe.pyramid.events import *
