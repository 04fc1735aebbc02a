# SPDX-License-Identifier: MIT
"""The name of the original package, for applications that have not changed over: it stands at the end of sys.path, so that
the original counts where it is installed. ``FORKSAFE_ALIAS=off`` in the environment gives the name up.
"""

import os

if os.environ.get("FORKSAFE_ALIAS") == "off":
    raise ModuleNotFoundError("No module named 'pyramid_forksafe': FORKSAFE_ALIAS=off is set", name="pyramid_forksafe")

from forksafe.pyramid import __VERSION__, includeme, registry_setup  # noqa: E402

__all__ = ("__VERSION__", "includeme", "registry_setup")
