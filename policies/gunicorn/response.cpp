// SPDX-License-Identifier: MIT
module;
#include <Python.h>
module forksafe.gunicorn.binding;

import forksafe;
import forksafe.binding;
import forksafe.cpython;
import forksafe.std.operators;

namespace forksafe::gunicorn {
namespace {

bool append(PyObject* list, std::string_view name, std::string_view value) noexcept {
  Reference const name_object = unicode_of_latin_1(name), value_object = unicode_of_latin_1(value);
  if (!name_object || !value_object) return false;
  Reference const pair{PyTuple_Pack(2, name_object.get(), value_object.get())};
  return pair && PyList_Append(list, pair.get()) == 0;
}

PyObject* send(Response const& response, bool is_head, PyObject* start_response) {
  Reference const headers{PyList_New(0)};
  if (!headers) return nullptr;
  for (auto const& [name, value] : response.headers)
    if (!append(headers.get(), name, value)) return nullptr;
  Content const content = sendable_content(response, is_head);
  if (content.length && !append(headers.get(), "Content-Length", std::to_string(*content.length))) return nullptr;

  std::string status_line = std::to_string(response.status);
  status_line.append(" ").append(reason_phrase(response.status));
  Reference const status = unicode_of_latin_1(status_line);
  if (!status) return nullptr;
  Reference const write{PyObject_CallFunctionObjArgs(start_response, status.get(), headers.get(), nullptr)};
  if (!write) return nullptr;

  Reference body{PyList_New(0)};
  if (!body || content.bytes.empty()) return body.release();
  auto const size = static_cast<Py_ssize_t>(content.bytes.size());
  Reference const bytes{PyBytes_FromStringAndSize(content.bytes.data(), size)};
  if (!bytes || PyList_Append(body.get(), bytes.get()) != 0) return nullptr;
  return body.release();
}

}  // namespace

PyObject* answer(PyObject* environ, PyObject* start_response, Handler handle) noexcept try {
  if (!PyDict_Check(environ)) {
    PyErr_SetString(PyExc_TypeError, "application(): environ must be a dict (PEP 3333)");
    return nullptr;
  }
  EnvironSource source{environ};
  Response const response = handle(Request{source});
  if (source.interrupted()) return nullptr;
  return send(response, source.method() == "HEAD", start_response);
} catch (...) {
  return PyErr_NoMemory();
}

}  // namespace forksafe::gunicorn
