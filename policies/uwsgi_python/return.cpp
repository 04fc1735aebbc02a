// SPDX-License-Identifier: MIT
module;
#include <Python.h>
module forksafe.uwsgi_python.binding;

import forksafe.cpython;
import forksafe.std.operators;

namespace forksafe::uwsgi_python {
namespace {

constinit void (*awaited)() noexcept = nullptr;

/// Does nothing. Python drops the trace function of a frame with the frame, and calls it only if a tracer is set.
PyObject* trace(PyObject*, PyObject*) noexcept { return none(); }
constinit PyMethodDef trace_method{"trace", trace, METH_VARARGS, nullptr};

void on_dropped(PyObject*) noexcept {
  PyObject* type = nullptr;
  PyObject* value = nullptr;
  PyObject* traceback = nullptr;
  PyErr_Fetch(&type, &value, &traceback);
  if (auto const arrived = std::exchange(awaited, nullptr)) arrived();
  PyErr_Restore(type, value, traceback);
}

Reference outermost_frame() noexcept {
  auto* const innermost = reinterpret_cast<PyObject*>(PyEval_GetFrame());
  Py_XINCREF(innermost);
  Reference frame{innermost};
  while (frame) {
    Reference caller = attribute(frame.get(), "f_back");
    if (!caller || caller.get() == Py_None) break;
    frame = std::move(caller);
  }
  return frame;
}

bool somebody_traces() noexcept {
  Reference const module{PyImport_ImportModule("sys")};
  Reference const function = attribute(module.get(), "gettrace");
  Reference const tracing{function ? PyObject_CallObject(function.get(), nullptr) : nullptr};
  if (!tracing) PyErr_Clear();
  return tracing.get() != Py_None;
}

}  // namespace

bool await_return(void (*arrived)() noexcept) noexcept {
  Reference const frame = outermost_frame();
  if (!frame || somebody_traces()) return false;
  Reference const present = attribute(frame.get(), "f_trace");
  if (present && present.get() != Py_None) return awaited != nullptr;
  Reference const token{PyCapsule_New(&awaited, nullptr, on_dropped)};
  Reference const function{token ? PyCFunction_NewEx(&trace_method, token.get(), nullptr) : nullptr};
  if (!function || PyObject_SetAttrString(frame.get(), "f_trace", function.get()) != 0) {
    PyErr_Clear();
    return false;
  }
  awaited = arrived;
  return true;
}

void await_nothing() noexcept { awaited = nullptr; }

bool has_module(char const* name) noexcept { return PyDict_GetItemString(PyImport_GetModuleDict(), name) != nullptr; }

}  // namespace forksafe::uwsgi_python
