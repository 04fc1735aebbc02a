// SPDX-License-Identifier: MIT
export module core;

import forksafe;
import forksafe.python;

export namespace forksafe::python {

/// The application of the Python package. Its subscribers are Python callables, which subscribe at run time.
using Core = ForkSafeApp<PythonPolicy>;

}  // namespace forksafe::python
