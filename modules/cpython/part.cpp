// SPDX-License-Identifier: MIT
module;
#include <Python.h>
module forksafe.cpython;

import forksafe;
import forksafe.std.operators;

namespace forksafe::python {

void refuse_choice(std::string_view wanted, DebugObject const& debug) noexcept try {
  std::string const own = debug.environment.value_or("another container");
  PyErr_SetString(PyExc_RuntimeError, ("a hook of " + std::string{wanted} + " was called, but this process runs in " + own +
                                       ": an application hears the hooks of one container only; take the hooks of " +
                                       std::string{wanted} + " out of what " + own + " loads")
                                          .c_str());
} catch (...) {
  PyErr_NoMemory();
}

}  // namespace forksafe::python
