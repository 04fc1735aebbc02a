// SPDX-License-Identifier: MIT
module;
#include <Python.h>
module forksafe.cpython;

import forksafe;
import forksafe.std.operators;

// Part of the limited API only since 3.10, but exported by every CPython since 3.3 with the same meaning: it gives the
// memory of an ASCII string without a copy, which nothing that 3.9 declares does.
extern "C" char const* PyUnicode_AsUTF8AndSize(PyObject* unicode, Py_ssize_t* size);

namespace forksafe::python {

using namespace described;

namespace {

using NamedMethod = std::pair<char const*, PyMethodDef*>;

void register_by_name(std::initializer_list<NamedMethod> methods) noexcept {
  Reference const module{PyImport_ImportModule("os")};
  Reference const function = attribute(module.get(), "register_at_fork");
  Reference const nothing{PyTuple_New(0)}, when{PyDict_New()};
  bool complete = function && nothing && when;
  for (auto const& [name, method] : methods) {
    Reference const callable{PyCFunction_NewEx(method, nullptr, nullptr)};
    complete = complete && callable && PyDict_SetItemString(when.get(), name, callable.get()) == 0;
  }
  if (complete && Reference{PyObject_Call(function.get(), nothing.get(), when.get())}) return;
  PyErr_Clear();
  log_line("os.register_at_fork failed: events around a fork are missing in the parent");
}

/// Returns false, and sets an error of Python's, if one of them failed.
bool put(Reference const& dictionary, std::string_view key, Reference value) noexcept {
  Reference const name = unicode(key);
  return dictionary && value && name && PyDict_SetItem(dictionary.get(), name.get(), value.get()) == 0;
}

/// Returns the set of the pairs whose subscribers have all returned.
Reference to_pairs(std::vector<ExecutedHook> const& hooks) noexcept {
  Reference pairs{PySet_New(nullptr)};
  for (ExecutedHook const& executed : hooks) {
    if (executed.failed) continue;
    Reference const hook = unicode(executed.hook), event = unicode(executed.event);
    Reference const pair{hook && event ? PyTuple_Pack(2, hook.get(), event.get()) : nullptr};
    if (!pairs || !pair || PySet_Add(pairs.get(), pair.get()) != 0) return {};
  }
  return pairs;
}

/// The visitor that makes a Python object of each kind of value, as of its JSON form; null and an error if it fails.
struct ToPython {
  Reference operator()(std::monostate) const { return Reference{none()}; }
  Reference operator()(bool truth) const { return Reference{PyBool_FromLong(truth ? 1 : 0)}; }
  Reference operator()(std::int64_t number) const { return Reference{PyLong_FromLongLong(number)}; }
  Reference operator()(std::uint64_t number) const { return Reference{PyLong_FromUnsignedLongLong(number)}; }
  Reference operator()(std::string_view text) const { return unicode(as_utf8(text)); }
  Reference operator()(WallTime time) const { return unicode(to_text(time)); }
  Reference operator()(std::chrono::nanoseconds duration) const { return Reference{PyLong_FromLongLong(duration.count())}; }
  Reference operator()(Word const& word) const { return unicode(as_utf8(word.name)); }
  Reference operator()(HeardEvent const* heard) const { return (*this)(describe(*heard)); }
  Reference operator()(List const& list) const {
    return all_of(list, [this](Value const& element) { return std::visit(*this, element.is); });
  }
  Reference operator()(Table const& table) const {
    return all_of(table.rows, [&](std::vector<Value> const& row) {
      Reference dictionary{PyDict_New()};
      for (std::size_t column = 0; column != row.size(); ++column)
        if (!put(dictionary, table.columns[column], std::visit(*this, row[column].is))) return Reference{};
      return dictionary;
    });
  }
  Reference operator()(Fields const& fields) const {
    Reference dictionary{PyDict_New()};
    for (Field const& field : fields)
      if (!put(dictionary, field.name, std::visit(*this, field.value.is))) return {};
    return dictionary;
  }

 private:
  template <class Elements, class Make>
  static Reference all_of(Elements const& elements, Make make) {
    Reference list{PyList_New(0)};
    for (auto const& element : elements)
      if (Reference const made = make(element); !list || !made || PyList_Append(list.get(), made.get()) != 0) return {};
    return list;
  }
};

/// Empty, and no error is left, where there are none.
std::string to_bytes(Reference const& bytes) {
  char* characters = nullptr;
  Py_ssize_t size = 0;
  if (!bytes || PyBytes_AsStringAndSize(bytes.get(), &characters, &size) != 0) {
    PyErr_Clear();
    return {};
  }
  return {characters, static_cast<std::size_t>(size)};
}

}  // namespace

Reference attribute(PyObject* object, char const* name) noexcept {
  if (object == nullptr) return {};
  Reference found{PyObject_GetAttrString(object, name)};
  if (!found) PyErr_Clear();
  return found;
}

Reference entry(PyObject* mapping, char const* key) noexcept {
  if (mapping == nullptr) return {};
  Reference found{PyMapping_GetItemString(mapping, key)};
  if (!found) PyErr_Clear();
  return found;
}

std::optional<long> number(PyObject* object) noexcept {
  if (object == nullptr || !PyLong_Check(object)) return {};
  long const value = PyLong_AsLong(object);
  if (value == -1 && PyErr_Occurred() != nullptr) {
    PyErr_Clear();
    return {};
  }
  return value;
}

std::string shown(PyObject* object) {
  if (object == nullptr || object == Py_None) return {};
  if (PyList_Check(object) || PyTuple_Check(object)) {
    std::string all;
    for (Py_ssize_t index = 0, size = PySequence_Size(object); index < size; ++index) {
      Reference const element{PySequence_GetItem(object, index)};
      if (!all.empty()) all += ',';
      all += shown(element.get());
    }
    PyErr_Clear();
    return all;
  }
  Reference const text{PyObject_Str(object)};
  // UTF-8 has no lone surrogates, which stand in paths that are not text.
  Reference const bytes{text ? PyUnicode_AsEncodedString(text.get(), "utf-8", "backslashreplace") : nullptr};
  return to_bytes(bytes);
}

std::optional<std::string_view> ascii(PyObject* object) noexcept {
  if (object == nullptr || !PyUnicode_Check(object)) return {};
  Py_ssize_t size = 0;
  char const* const characters = PyUnicode_AsUTF8AndSize(object, &size);
  if (characters == nullptr) {
    PyErr_Clear();
    return {};
  }
  if (PyUnicode_GetLength(object) != size) return {};
  return std::string_view{characters, static_cast<std::size_t>(size)};
}

std::string latin_1(PyObject* object) {
  Reference const bytes{PyUnicode_AsLatin1String(object)};
  return to_bytes(bytes);
}

Reference unicode(std::string_view text) noexcept {
  return Reference{PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "replace")};
}

Reference unicode_of_latin_1(std::string_view text) noexcept {
  return Reference{PyUnicode_DecodeLatin1(text.data(), static_cast<Py_ssize_t>(text.size()), nullptr)};
}

bool has_arity(char const* name, PyObject* arguments, std::size_t arity) noexcept {
  Py_ssize_t const given = PyTuple_Size(arguments);
  if (given == static_cast<Py_ssize_t>(arity)) return true;
  PyErr_Format(PyExc_TypeError, "%s() takes %zu positional arguments but %zd were given", name, arity, given);
  return false;
}

Reference to_python(Fields const& fields) noexcept try { return ToPython{}(fields); } catch (...) {
  PyErr_NoMemory();
  return {};
}

PyObject* to_python(DebugObject const& debug) noexcept try {
  Reference dictionary = to_python(describe(debug));
  return put(dictionary, "executed_hooks", to_pairs(debug.executed_hooks)) ? dictionary.release() : nullptr;
} catch (...) {
  return PyErr_NoMemory();
}

PyObject* to_python_for_json(DebugObject const& debug) noexcept try {
  Reference dictionary = to_python(describe(debug));
  Reference const pairs = to_pairs(debug.executed_hooks);
  Reference list{pairs ? PySequence_List(pairs.get()) : nullptr};
  if (!list || PyList_Sort(list.get()) != 0) return nullptr;
  return put(dictionary, "executed_hooks", std::move(list)) ? dictionary.release() : nullptr;
} catch (...) {
  return PyErr_NoMemory();
}

PyObject* to_python(DebugBasics const& basics) noexcept try {
  Reference dictionary = to_python(describe(basics));
  return put(dictionary, "executed_hooks", to_pairs(basics.executed_hooks)) ? dictionary.release() : nullptr;
} catch (...) {
  return PyErr_NoMemory();
}

void register_at_fork(PyMethodDef& after_in_parent) noexcept { register_by_name({{"after_in_parent", &after_in_parent}}); }

void register_at_fork(PyMethodDef& before, PyMethodDef& after_in_parent, PyMethodDef* after_in_child) noexcept {
  if (after_in_child == nullptr) return register_by_name({{"before", &before}, {"after_in_parent", &after_in_parent}});
  register_by_name({{"before", &before}, {"after_in_parent", &after_in_parent}, {"after_in_child", after_in_child}});
}

PyObject* none() noexcept {
  Py_INCREF(Py_None);
  return Py_None;
}

}  // namespace forksafe::python
