// SPDX-License-Identifier: MIT
module;
#include <Python.h>
export module forksafe.cpython:object;

import forksafe;
import forksafe.std;

export namespace forksafe::python {

/// An owned reference to a Python object, or null.
class Reference {
 public:
  Reference() noexcept = default;
  /// Takes over a new reference, as most functions of the C API return.
  explicit Reference(PyObject* owned) noexcept : object_(owned) {}
  Reference(Reference&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  Reference& operator=(Reference&& other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Reference() { Py_XDECREF(object_); }

  [[nodiscard]] PyObject* get() const noexcept { return object_; }
  [[nodiscard]] PyObject* release() noexcept { return std::exchange(object_, nullptr); }
  explicit operator bool() const noexcept { return object_ != nullptr; }

 private:
  PyObject* object_ = nullptr;
};

/// Returns the attribute, or null and no error.
Reference attribute(PyObject* object, char const* name) noexcept;
/// Returns the entry of a mapping, or null and no error.
Reference entry(PyObject* mapping, char const* key) noexcept;
/// Returns the value of an int; nothing, and no error, for any other object.
std::optional<long> number(PyObject* object) noexcept;
/// Returns the object as str() shows it, a list with commas between its elements; empty if there is no text to show. Escapes
/// what UTF-8 cannot hold.
std::string shown(PyObject* object);

/// Returns the bytes that a str of ASCII consists of, in its own memory; nothing for any other object.
std::optional<std::string_view> ascii(PyObject* object) noexcept;
/// Returns the bytes that a str of Latin-1 stands for, as WSGI defines its strings (PEP 3333).
std::string latin_1(PyObject* object);
/// Returns a new str of text in UTF-8.
Reference unicode(std::string_view text) noexcept;
/// Returns a new str of bytes that stand for Latin-1.
Reference unicode_of_latin_1(std::string_view text) noexcept;

/// Clears the error that is set, and returns what it was, in UTF-8 and without a NUL.
std::string take_error();
/// Does the same, and logs its traceback, with secrets redacted.
std::string tell_error(std::string_view who);

/// Whether as many arguments came as the hook has parameters; sets TypeError if not.
bool has_arity(char const* name, PyObject* arguments, std::size_t arity) noexcept;

/// Returns what was described as a new dict of dicts, lists, strs, ints, bools and None, with the keys and the texts of the
/// JSON form. Null and an error if Python fails.
Reference to_python(described::Fields const& fields) noexcept;
/// Returns the debug object as a dict with the keys of its JSON form, where `executed_hooks` is a set of pairs (hook, event):
/// those whose subscribers have all returned. Null and an error if Python fails.
PyObject* to_python(DebugObject const& debug) noexcept;
/// Returns the same of values that the module json can write: `executed_hooks` is a sorted list of those pairs.
PyObject* to_python_for_json(DebugObject const& debug) noexcept;
/// Returns the dict of those four keys that every debug object has always had, without a look at other processes: the cost is
/// that of a few dicts, whatever the server has done. New objects at each call.
PyObject* to_python(DebugBasics const& basics) noexcept;

/// Returns a new reference to None.
PyObject* none() noexcept;

/// Lets Python call `after_in_parent`, a method without arguments, after each os.fork of this process and its children
/// (os.register_at_fork): in a handler of pthread_atfork a Python function may not start a thread. Logs a failure of Python.
void register_at_fork(PyMethodDef& after_in_parent) noexcept;
/// Does the same with one before each os.fork, and with one in the child where that is asked for.
void register_at_fork(PyMethodDef& before, PyMethodDef& after_in_parent, PyMethodDef* after_in_child = nullptr) noexcept;

}  // namespace forksafe::python
