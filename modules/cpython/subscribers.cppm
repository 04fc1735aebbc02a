// SPDX-License-Identifier: MIT
module;
#include <Python.h>
export module forksafe.cpython:subscribers;

import forksafe;
import forksafe.std;
import :interpreter;
import :object;

export namespace forksafe::python {

/// Returns what an event tells beside the registry, as a new dict: `event`, `container`, `hook`, `role`, `pid`, `parent`,
/// `slot`, `incarnation`, `forked`, `app_loaded`, `respawn`, `late`; for an event about a child also `child`, a dict, and
/// `error` or `status` where the event has one. Null and an error if Python fails.
Reference event_facts(std::size_t event, EventContext const& context) noexcept;

/// subscribe(event, callable, key, phase="application", deadline=None): lets a Python callable hear an event, with the facts as
/// its argument, in the phase and order of all subscribers, and in the interpreter that subscribed it. An exception is a
/// failure as any other: it is recorded, its traceback logged, and the others still hear the event. So is a result that would
/// have to be awaited. None as the callable only lets the event be recorded, and runs no Python. The deadline is in seconds.
/// Returns the number that unsubscribe(number) takes; subscribing again with a key replaces, in each interpreter its own.
PyObject* subscribe(HostedApplication& application, PyObject* arguments, PyObject* keywords) noexcept;
PyObject* unsubscribe(PyObject* arguments) noexcept;

/// Returns whether, in a delivery, a Python callable was left by an error that is not an Exception, as the SystemExit that a
/// container's signal handler raises; sets that error again, for the container. A child does not take over its parent's.
bool restore_interruption() noexcept;
/// Drops the error where no container waits for it, as around a fork: it was recorded as a failure.
void drop_interruption() noexcept;

}  // namespace forksafe::python
