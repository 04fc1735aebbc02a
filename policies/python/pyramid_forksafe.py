# SPDX-License-Identifier: MIT
"""The name of the original package where it is not installed, also without a .pth file, as in a folder on PYTHONPATH.

A package of that name in the same folder counts before this module, and one elsewhere on the path takes its place.
"""

import importlib.machinery
import importlib.util
import os
import sys

_alias = os.path.join(os.path.dirname(os.path.abspath(__file__)), "forksafe_alias")
_other = None
for _entry in sys.path:
    # Ours is this module, or stands in a folder of that name: also where several copies of it are on the path.
    _found = importlib.machinery.PathFinder.find_spec(__name__, [_entry])
    _is_package = _found is not None and _found.origin is not None and bool(_found.submodule_search_locations)
    if _is_package and os.path.basename(os.path.normpath(_entry)) != "forksafe_alias":
        _other = _found
        break

if _other is not None:
    _module = importlib.util.module_from_spec(_other)
    sys.modules[__name__] = _module
    _other.loader.exec_module(_module)
else:
    # At the end, where the .pth file puts it: what else has the name counts, and importlib.metadata finds the version.
    if _alias not in sys.path:
        sys.path.append(_alias)
    __path__ = [os.path.join(_alias, "pyramid_forksafe")]
    with open(os.path.join(__path__[0], "__init__.py"), encoding="utf-8") as _file:
        exec(compile(_file.read(), _file.name, "exec"))
