// SPDX-License-Identifier: MIT
module;
#include <Python.h>
module forksafe.cpython;

import forksafe;
import forksafe.base;
import forksafe.std.operators;

namespace forksafe::python {
namespace {

Reference imported(char const* module) noexcept {
  Reference found{PyImport_ImportModule(module)};
  if (!found) PyErr_Clear();
  return found;
}

/// Returns false where the call fails, too.
bool says_yes(PyObject* module, char const* question, PyObject* object) noexcept {
  Reference const function = attribute(module, question);
  Reference const answer{function ? PyObject_CallFunctionObjArgs(function.get(), object, nullptr) : nullptr};
  int const yes = answer ? PyObject_IsTrue(answer.get()) : -1;
  if (yes < 0) PyErr_Clear();
  return yes == 1;
}

Reference shared(PyObject* object) noexcept {
  Py_XINCREF(object);
  return Reference{object};
}

/// Returns what is called in the end where functools.partial is around it.
Reference without_partial(PyObject* callable) noexcept {
  Reference const partial = attribute(imported("functools").get(), "partial");
  Reference inner = shared(callable);
  for (int depth = 0; partial && depth != 16 && PyObject_IsInstance(inner.get(), partial.get()) == 1; ++depth) {
    Reference next = attribute(inner.get(), "func");
    if (!next) break;
    inner = std::move(next);
  }
  PyErr_Clear();
  return inner;
}

/// Returns the kind of a function that does not run when it is called; null for others.
char const* describe_kind(PyObject* inspect, PyObject* callable) noexcept {
  constexpr std::array<std::pair<char const*, char const*>, 3> kinds{
      {{"iscoroutinefunction", "a coroutine function"},
       {"isasyncgenfunction", "an asynchronous generator function"},
       {"isgeneratorfunction", "a generator function"}}};
  Reference const method = attribute(reinterpret_cast<PyObject*>(Py_TYPE(callable)), "__call__");
  for (auto const& [question, kind] : kinds)
    if (says_yes(inspect, question, callable) || (method && says_yes(inspect, question, method.get()))) return kind;
  return nullptr;
}

/// Returns " (file, line n)", or empty where the callable has no code in Python.
std::string format_place(PyObject* callable) {
  Reference code = attribute(callable, "__code__");
  if (!code) code = attribute(attribute(reinterpret_cast<PyObject*>(Py_TYPE(callable)), "__call__").get(), "__code__");
  auto const line = number(attribute(code.get(), "co_firstlineno").get());
  if (!line) return {};
  return base::concat(" (", shown(attribute(code.get(), "co_filename").get()), ", line ", *line, ")");
}

/// Returns why it cannot be called with one argument; empty if it can, or if that is not known.
std::string arity_error(PyObject* inspect, PyObject* callable) {
  Reference const ask = attribute(inspect, "signature");
  // A function that a decorator has wrapped may be called with other arguments than the decorated one.
  Reference const arguments{PyTuple_Pack(1, callable)}, options{PyDict_New()};
  if (!ask || !arguments || !options || PyDict_SetItemString(options.get(), "follow_wrapped", Py_False) != 0) return {};
  Reference const signature{PyObject_Call(ask.get(), arguments.get(), options.get())};
  if (!signature) {
    PyErr_Clear();
    return {};
  }
  Reference const bind = attribute(signature.get(), "bind");
  Reference const bound{bind ? PyObject_CallFunctionObjArgs(bind.get(), Py_None, nullptr) : nullptr};
  if (bound || !bind || PyErr_ExceptionMatches(PyExc_TypeError) == 0) {
    PyErr_Clear();
    return {};
  }
  return take_error();
}

bool refuse(std::string_view name, std::string const& text) {
  Reference const message = unicode("the subscriber '" + std::string{name} + "' " + text);
  if (message) PyErr_SetObject(PyExc_TypeError, message.get());
  return false;
}

}  // namespace

bool can_hear(PyObject* callable, std::string_view name) noexcept try {
  if (PyCallable_Check(callable) == 0) return refuse(name, "is not callable");
  Reference const inspect = imported("inspect");
  if (!inspect) return true;
  Reference const inner = without_partial(callable);
  if (char const* const kind = describe_kind(inspect.get(), inner.get()))
    return refuse(name, "is " + std::string{kind} + format_place(inner.get()) +
                            ", which does not run when it is called: subscribe a "
                            "plain function, which may run it to its end, as by asyncio.run()");
  if (std::string const reason = arity_error(inspect.get(), callable); !reason.empty())
    return refuse(
        name, "is called with one argument, the facts of the event, and cannot be" + format_place(inner.get()) + ": " + reason);
  return true;
} catch (...) {
  PyErr_NoMemory();
  return false;
}

std::string unfinished(PyObject* result) {
  if (result == nullptr || result == Py_None) return {};
  PyObject* const type = reinterpret_cast<PyObject*>(Py_TYPE(result));
  bool const never_begins = attribute(type, "gi_code") || attribute(type, "ag_code");
  if (!never_begins && !attribute(type, "__await__")) return {};
  std::string const name = shown(attribute(type, "__name__").get());
  if (Reference const close = attribute(result, "close"); close && !Reference{PyObject_CallObject(close.get(), nullptr)})
    PyErr_Clear();
  return "TypeError: the subscriber returned a " + name + ", which nobody runs to its end: its work is not done";
}

}  // namespace forksafe::python
