// SPDX-License-Identifier: MIT
module;
#include <Python.h>
export module forksafe.bridge:subscribers;

import forksafe;
import forksafe.std;
import :object;

export namespace forksafe::python {

/// Holds the interpreter lock, whatever the calling thread holds already.
class InterpreterLock {
 public:
  InterpreterLock() noexcept : state_(PyGILState_Ensure()) {}
  ~InterpreterLock() { PyGILState_Release(state_); }
  InterpreterLock(InterpreterLock const&) = delete;
  InterpreterLock& operator=(InterpreterLock const&) = delete;

 private:
  PyGILState_STATE state_;
};

/// What an event tells beside the registry, as a new dict: `event`, `container`, `hook`, `role`, `pid`, `parent`, `slot`,
/// `incarnation`, `forked`, `app_loaded`, `respawn`, `late`; of an event about a child also `child`, a dict, and `error` or
/// `status` where the event has one. Null and an error if Python fails.
Reference facts_of(std::size_t event, Occurrence const& occurrence) noexcept;

/// subscribe(event, callable, key, phase="application"): lets a Python callable hear an event, with the facts as its
/// argument, in the phase and order of all subscribers. An exception is a failure as any other: recorded, the others
/// still hear the event. None as the callable only lets the event be recorded, and runs no Python. Returns the number that
/// unsubscribe(number) takes; subscribing again with a key replaces.
PyObject* subscribe(Application& application, PyObject* arguments, PyObject* keywords) noexcept;
PyObject* unsubscribe(PyObject* arguments) noexcept;

/// After a delivery: a Python callable was left by what is no Exception, as the SystemExit that a container's signal
/// handler raises. Sets that error again, for the container, and returns true.
bool restore_interruption() noexcept;

}  // namespace forksafe::python
