# SPDX-License-Identifier: MIT
"""An alias with the name of the original package, for applications that still import it. It is used only if the original is
not installed. ``FORKSAFE_ALIAS=off`` in the environment turns it off.
"""

import os

if os.environ.get("FORKSAFE_ALIAS") == "off":
    raise ModuleNotFoundError("No module named 'pyramid_forksafe': FORKSAFE_ALIAS=off is set", name="pyramid_forksafe")

from forksafe.pyramid import includeme, registry_setup  # noqa: E402

#: The version of the original with the same names and debug object.
__VERSION__ = "0.2.0+forksafe"

__all__ = ("__VERSION__", "includeme", "registry_setup")
