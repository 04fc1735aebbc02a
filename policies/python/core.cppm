// SPDX-License-Identifier: MIT
export module core;

import forksafe;
import forksafe.python;

export namespace forksafe::python {

/// The application inside the Python package: its subscribers are Python callables, and come at run time.
using Core = ForkSafeApp<PythonPolicy>;

}  // namespace forksafe::python
