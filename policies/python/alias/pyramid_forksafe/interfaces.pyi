# SPDX-License-Identifier: MIT
from forksafe.pyramid.interfaces import *
