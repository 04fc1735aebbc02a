// SPDX-License-Identifier: MIT
module;
#include <Python.h>
export module forksafe.cpython:callable;

import forksafe.std;
import :object;

export namespace forksafe::python {

/// Refuses a callable that would never run when it is called with the facts: a coroutine function, a generator function, or one
/// that takes no single argument; also inside functools.partial, as a method, and as the `__call__` of an object. Returns false
/// with a TypeError that says which and where it is. What cannot be known is let through, for its results are looked at.
bool can_hear(PyObject* callable, std::string_view name) noexcept;

/// Returns the kind of a result that shows that the called code has not run: a coroutine or another awaitable, or a generator,
/// which is closed then. Empty for every other result, and for null.
std::string unfinished(PyObject* result);

}  // namespace forksafe::python
