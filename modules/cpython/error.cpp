// SPDX-License-Identifier: MIT
module;
#include <Python.h>
module forksafe.cpython;

import forksafe;
import forksafe.std.operators;

namespace forksafe::python {
namespace {

struct Error {
  Reference type{}, value{}, traceback{};
};

/// Returns the error that is set, as an instance; clears it.
Error fetch() noexcept {
  PyObject* type = nullptr;
  PyObject* value = nullptr;
  PyObject* traceback = nullptr;
  PyErr_Fetch(&type, &value, &traceback);
  PyErr_NormalizeException(&type, &value, &traceback);
  return {Reference{type}, Reference{value}, Reference{traceback}};
}

/// A NUL would end the text where it is read as one of C.
std::string without_nul(std::string text) {
  for (auto place = text.find('\0'); place != text.npos; place = text.find('\0', place)) text.replace(place, 1, "\\x00");
  return text;
}

std::string in_words(Error const& error) {
  std::string const name = shown(attribute(error.type.get(), "__name__").get());
  if (!error.value) return name;
  Reference const text{PyObject_Str(error.value.get())};
  if (!text) {
    PyErr_Clear();
    return name + ": its text cannot be made, for its __str__ fails";
  }
  std::string const words = shown(text.get());
  return without_nul(words.empty() ? name : name + ": " + words);
}

/// Returns the traceback as Python prints it, an empty text where it cannot.
std::string format_traceback(Error const& error) {
  Reference const module{PyImport_ImportModule("traceback")};
  Reference const format = attribute(module.get(), "format_exception");
  Reference const lines{
      format && error.traceback
          ? PyObject_CallFunctionObjArgs(format.get(), error.type.get(), error.value.get(), error.traceback.get(), nullptr)
          : nullptr};
  if (PyErr_Occurred() != nullptr) PyErr_Clear();
  if (!lines || !PyList_Check(lines.get())) return {};
  std::string all;
  for (Py_ssize_t index = 0, size = PyList_Size(lines.get()); index < size; ++index) {
    all += shown(PyList_GetItem(lines.get(), index));
  }
  while (all.ends_with('\n')) all.pop_back();
  return without_nul(all);
}

/// Redacts line by line, for a secret may stand in any of them, and ends where its line does.
std::string without_secrets(std::string_view text) {
  std::string all;
  while (!text.empty()) {
    std::string_view const line = text.substr(0, text.find('\n'));
    text.remove_prefix(line.size() + (line.size() < text.size() ? 1 : 0));
    all += "\n  " + redacted({"traceback", std::string{line}, {}});
  }
  return all;
}

}  // namespace

std::string take_error() { return in_words(fetch()); }

std::string tell_error(std::string_view who) {
  Error const error = fetch();
  std::string const words = in_words(error);
  // An exception that is marked so was logged in parts already.
  Reference const told = attribute(error.value.get(), "is_logged");
  if (told.get() == Py_True) return words;
  if (std::string const traceback = format_traceback(error); !traceback.empty())
    log_line("what " + std::string{who} + " has raised:" + without_secrets(traceback));
  return words;
}

}  // namespace forksafe::python
