# SPDX-License-Identifier: MIT
"""An alias with the name of the original package, for folders in which no .pth file is read, as one on PYTHONPATH.

A package of that name in the same folder comes before this module. One elsewhere on the path replaces it.
"""

import importlib.machinery
import importlib.util
import os
import sys

_alias = os.path.join(os.path.dirname(os.path.abspath(__file__)), "forksafe_alias")
_other = None
for _entry in sys.path:
    # The alias is this module, or a package in a folder forksafe_alias; several copies of it may be on the path.
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
    # Appended, as by the .pth file: another package of the name comes first, and importlib.metadata finds the version.
    if _alias not in sys.path:
        sys.path.append(_alias)
    __path__ = [os.path.join(_alias, "pyramid_forksafe")]
    with open(os.path.join(__path__[0], "__init__.py"), encoding="utf-8") as _file:
        exec(compile(_file.read(), _file.name, "exec"))
