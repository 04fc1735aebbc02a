// SPDX-License-Identifier: MIT
module;
#define Py_LIMITED_API 0x03080000
#include <Python.h>
module forksafe.resource.python;

import forksafe;
import forksafe.std.operators;

// Exported by every CPython since 3.4, declared for its full interface only.
extern "C" int PyGILState_Check(void);

namespace forksafe {
namespace {

/// The process in which the interpreter was told last, by os.fork or by this object.
constinit std::uint64_t told_in = 0;
constinit bool notices_host = false;

extern "C" {
// The name of a C function is one of the whole program, even where its namespace is unnamed, unless it is static.
static PyObject* after_host_fork(PyObject*, PyObject*) {
  told_in = generation();
  return PyBool_FromLong(1);
}
}

constinit PyMethodDef after_host_fork_method{"after_host_fork", after_host_fork, METH_NOARGS, nullptr};

using Reference = std::unique_ptr<PyObject, void (*)(PyObject*)>;

/// To be called with the interpreter lock only.
void notice_host_forks() noexcept {
  if (std::exchange(notices_host, true)) return;
  Reference const module{PyImport_ImportModule("os"), Py_DecRef};
  Reference const function{module ? PyObject_GetAttrString(module.get(), "register_at_fork") : nullptr, Py_DecRef};
  Reference const callback{PyCFunction_NewEx(&after_host_fork_method, nullptr, nullptr), Py_DecRef};
  Reference const nothing{PyTuple_New(0), Py_DecRef};
  Reference const when{callback ? Py_BuildValue("{s:O}", "after_in_child", callback.get()) : nullptr, Py_DecRef};
  if (function && nothing && when) {
    Reference const result{PyObject_Call(function.get(), nothing.get(), when.get()), Py_DecRef};
  }
  PyErr_Clear();
}

/// Takes what PyOS_BeforeFork takes and PyOS_AfterFork_Child gives back: Python 3.13 ends the process that does not have it.
void take_import_lock() {
  Reference const module{PyImport_ImportModule("_imp"), Py_DecRef};
  Reference const held{module ? PyObject_CallMethod(module.get(), "lock_held", nullptr) : nullptr, Py_DecRef};
  if (!held || PyObject_IsTrue(held.get()) != 0) throw std::runtime_error{"was forked during an import, and not announced"};
  Reference const taken{PyObject_CallMethod(module.get(), "acquire_lock", nullptr), Py_DecRef};
}

}  // namespace

PythonInterpreter::PythonInterpreter() noexcept {
  if (Py_IsInitialized() && PyGILState_Check()) notice_host_forks();
}

void PythonInterpreter::before_fork() {
  if (!Py_IsInitialized()) return;
  auto const lock = PyGILState_Ensure();
  notice_host_forks();
  // Called by Python code: the next fork is that of os.fork.
  if (PyEval_GetFrame() != nullptr) {
    PyGILState_Release(lock);
    return;
  }
  lock_ = static_cast<int>(lock);
  told_before_ = true;
  PyOS_BeforeFork();
}

void PythonInterpreter::after_fork_in_parent() {
  if (!std::exchange(told_before_, false)) return;
  PyOS_AfterFork_Parent();
  PyGILState_Release(static_cast<PyGILState_STATE>(lock_));
}

void PythonInterpreter::after_fork_in_child() {
  if (!Py_IsInitialized()) return;
  bool const told_before = std::exchange(told_before_, false);
  if (told_in != generation()) {
    if (!PyGILState_Check()) throw std::runtime_error{"was forked by a thread without the interpreter lock, and not announced"};
    if (!told_before) take_import_lock();
    PyOS_AfterFork_Child();
  }
  if (told_before) PyGILState_Release(static_cast<PyGILState_STATE>(lock_));
}

}  // namespace forksafe
