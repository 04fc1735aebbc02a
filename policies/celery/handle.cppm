// SPDX-License-Identifier: MIT
module;
#include <Python.h>
export module forksafe.celery.binding:handle;

import forksafe;

namespace forksafe::celery {

/// Implements the method `handle(method, target, body=b'')` of an extension: a task makes a request, which the application
/// answers as over HTTP. Returns (status, body) with the body as bytes, or null with a Python error.
PyObject* handle(PyObject* arguments, Response (*answer)(Request const&) noexcept) noexcept;

}  // namespace forksafe::celery
