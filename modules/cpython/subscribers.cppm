// SPDX-License-Identifier: MIT
module;
#include <Python.h>
export module forksafe.cpython:subscribers;

import forksafe;
import forksafe.std;
import :interpreter;
import :object;

export namespace forksafe::python {

/// What an event tells beside the registry, as a new dict: `event`, `container`, `hook`, `role`, `pid`, `parent`, `slot`,
/// `incarnation`, `forked`, `app_loaded`, `respawn`, `late`; of an event about a child also `child`, a dict, and `error` or
/// `status` where the event has one. Null and an error if Python fails.
Reference facts_of(std::size_t event, Occurrence const& occurrence) noexcept;

/// subscribe(event, callable, key, phase="application", deadline=None): lets a Python callable hear an event, with the facts
/// as its argument, in the phase and order of all subscribers, and in the interpreter that subscribed it. An exception is a
/// failure as any other: recorded, its traceback in the log, the others still hear the event; so is a result that nobody
/// would await. None as the callable only lets the event be recorded, and runs no Python. The deadline is in seconds. Returns
/// the number that unsubscribe(number) takes; subscribing again with a key replaces, in each interpreter its own.
PyObject* subscribe(HostedApplication& application, PyObject* arguments, PyObject* keywords) noexcept;
PyObject* unsubscribe(PyObject* arguments) noexcept;

/// After a delivery: a Python callable was left by what is no Exception, as the SystemExit that a container's signal
/// handler raises. Sets that error again, for the container, and returns true. What a parent has left is none of a child's.
bool restore_interruption() noexcept;
/// The same where no container waits for an error, as around a fork: it was recorded as a failure, and nothing is left.
void drop_interruption() noexcept;

}  // namespace forksafe::python
