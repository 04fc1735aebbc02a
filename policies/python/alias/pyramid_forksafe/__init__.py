# SPDX-License-Identifier: MIT
"""The name of the original package, for applications that have not changed over: it counts only where the original is not
installed. ``FORKSAFE_ALIAS=off`` in the environment gives the name up.
"""

import os

if os.environ.get("FORKSAFE_ALIAS") == "off":
    raise ModuleNotFoundError("No module named 'pyramid_forksafe': FORKSAFE_ALIAS=off is set", name="pyramid_forksafe")

from forksafe.pyramid import includeme, registry_setup  # noqa: E402

#: The version of the original whose names and debug object these are.
__VERSION__ = "0.2.0+forksafe"

__all__ = ("__VERSION__", "includeme", "registry_setup")
