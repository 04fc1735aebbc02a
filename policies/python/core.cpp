// SPDX-License-Identifier: MIT
module;
#include <Python.h>
module forksafe.python.binding;

import forksafe.cpython;
import forksafe.std.operators;

namespace forksafe::python {

bool become_core(std::string_view name, PyObject* module) noexcept {
  // The extension of the package: Python's import enters it as forksafe.core, so this function need not.
  if (name == "core") return true;
  PyObject* const modules = PyImport_GetModuleDict();
  PyObject* const present = PyDict_GetItemString(modules, "forksafe.core");
  if (present == nullptr) return PyDict_SetItemString(modules, "forksafe.core", module) == 0;
  PyErr_Format(PyExc_ImportError,
               "the Python package forksafe has the core %s already, and a process has one application: "
               "import %s before anything of forksafe",
               shown(attribute(present, "__name__").get()).c_str(), std::string{name}.c_str());
  return false;
}

}  // namespace forksafe::python
