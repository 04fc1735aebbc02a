// SPDX-License-Identifier: MIT
// The answer of hello.cppm, written by hand against CPython's interface.
#include <Python.h>

namespace {

PyObject* application(PyObject*, PyObject* arguments) {
  PyObject* environ = nullptr;
  PyObject* start_response = nullptr;
  if (PyArg_ParseTuple(arguments, "OO", &environ, &start_response) == 0) return nullptr;
  PyObject* const result =
      PyObject_CallFunction(start_response, "s[(ss)(ss)]", "200 OK", "Content-Type", "text/plain", "Content-Length", "13");
  if (result == nullptr) return nullptr;
  Py_DECREF(result);
  return Py_BuildValue("[y]", "Hello, World!");
}

PyMethodDef methods[] = {{"application", application, METH_VARARGS, "application($module, environ, start_response, /)\n--\n\n"},
                         {nullptr, nullptr, 0, nullptr}};

PyModuleDef definition{PyModuleDef_HEAD_INIT, "gunicorn_by_hand", nullptr, -1, methods, nullptr, nullptr, nullptr, nullptr};

}  // namespace

PyMODINIT_FUNC PyInit_gunicorn_by_hand() { return PyModule_Create(&definition); }
