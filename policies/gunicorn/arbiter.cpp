// SPDX-License-Identifier: MIT
module;
#include <Python.h>
module forksafe.gunicorn.binding;

import forksafe.cpython;
import forksafe.std.operators;

namespace forksafe::gunicorn {
namespace {

std::string read_module(PyObject* frame) { return shown(entry(attribute(frame, "f_globals").get(), "__name__").get()); }

bool is_spawn(PyObject* frame) {
  Reference const code = attribute(frame, "f_code"), name = attribute(code.get(), "co_name");
  return ascii(name.get()) == "spawn_worker" && read_module(frame) == "gunicorn.arbiter";
}

Spawn read_spawn(PyObject* frame) noexcept {
  Reference const locals = attribute(frame, "f_locals");
  return {entry(locals.get(), "self"), entry(locals.get(), "worker")};
}

Reference calling_frame() noexcept {
  auto* const frame = reinterpret_cast<PyObject*>(PyEval_GetFrame());
  Py_XINCREF(frame);
  return Reference{frame};
}

std::optional<Spawn> find_spawn(Reference frame) {
  for (; frame && frame.get() != Py_None; frame = attribute(frame.get(), "f_back"))
    if (is_spawn(frame.get())) return read_spawn(frame.get());
  return {};
}

/// Returns the result of the method of this name as a list. Returns null, and sets no error, if there is none.
Reference listed(PyObject* object, char const* method) noexcept {
  Reference const function = attribute(object, method);
  Reference const result{function ? PyObject_CallFunctionObjArgs(function.get(), nullptr) : nullptr};
  Reference list{result ? PySequence_List(result.get()) : nullptr};
  if (!list) PyErr_Clear();
  return list;
}

bool is_ours(std::string_view name, std::string_view own) noexcept {
  return name == own || name.starts_with("forksafe") || name.starts_with("pyramid_forksafe");
}

/// Whether a global of a function is a module of the extension or of forksafe, or an object of one.
bool comes_from_us(PyObject* value, std::string_view own) {
  if (PyModule_Check(value)) return is_ours(shown(attribute(value, "__name__").get()), own);
  if (is_ours(shown(attribute(value, "__module__").get()), own)) return true;
  Reference const home = attribute(value, "__self__");
  return home && PyModule_Check(home.get()) && attribute(home.get(), "mark_configured");
}

bool names_us(PyObject* function, std::string_view own) {
  Reference const globals = attribute(function, "__globals__");
  Reference const values = listed(globals.get(), "values");
  // The body of a callable that is not a Python function cannot be seen.
  if (!values) return true;
  for (Py_ssize_t index = 0, size = PyList_Size(values.get()); index < size; ++index)
    if (comes_from_us(PyList_GetItem(values.get(), index), own)) return true;
  Reference const names = attribute(attribute(function, "__code__").get(), "co_names");
  for (Py_ssize_t index = 0, size = names ? PyTuple_Size(names.get()) : 0; index < size; ++index)
    if (is_ours(ascii(PyTuple_GetItem(names.get(), index)).value_or(""), own)) return true;
  return false;
}

}  // namespace

std::optional<Spawn> forking() noexcept try {
  Reference frame = calling_frame();
  // gevent replaces os.fork with a function that calls Python's.
  while (frame && read_module(frame.get()).starts_with("gevent.")) frame = attribute(frame.get(), "f_back");
  if (!frame || !is_spawn(frame.get())) return {};
  return read_spawn(frame.get());
} catch (...) {
  return {};
}

std::optional<Spawn> spawned() noexcept try {
  if (auto found = find_spawn(calling_frame())) return found;
  Reference const sys{PyImport_ImportModule("sys")};
  Reference const function = attribute(sys.get(), "_current_frames");
  Reference const threads{function ? PyObject_CallFunctionObjArgs(function.get(), nullptr) : nullptr};
  if (!threads) PyErr_Clear();
  Reference const frames = threads ? listed(threads.get(), "values") : Reference{};
  for (Py_ssize_t index = 0, size = frames ? PyList_Size(frames.get()) : 0; index < size; ++index) {
    PyObject* const frame = PyList_GetItem(frames.get(), index);
    Py_XINCREF(frame);
    if (auto found = find_spawn(Reference{frame})) return found;
  }
  return {};
} catch (...) {
  return {};
}

bool is_default_hook(PyObject* configuration, char const* hook) noexcept try {
  Reference const function = attribute(configuration, hook);
  return !function || shown(attribute(function.get(), "__module__").get()) == "gunicorn.config";
} catch (...) {
  return true;
}

bool may_call(PyObject* configuration, char const* hook, std::string_view own) noexcept try {
  if (is_default_hook(configuration, hook)) return false;
  Reference const function = attribute(configuration, hook);
  return comes_from_us(function.get(), own) || names_us(function.get(), own);
} catch (...) {
  return true;
}

std::string software() {
  Reference const module{PyImport_ImportModule("gunicorn")};
  if (!module) PyErr_Clear();
  return "gunicorn " + shown(attribute(module.get(), "__version__").get());
}

bool has_arbiter() noexcept { return PyDict_GetItemString(PyImport_GetModuleDict(), "gunicorn.arbiter") != nullptr; }

}  // namespace forksafe::gunicorn
