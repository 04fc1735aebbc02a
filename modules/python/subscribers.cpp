// SPDX-License-Identifier: MIT
module;
#include <Python.h>
#include <algorithm>
#include <cstddef>
#include <exception>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>
module forksafe.bridge;

import forksafe;

namespace forksafe::python {
namespace {

struct Subscriber {
  Subscription subscription;
  std::size_t event;
  std::string key;
  PyObject* callable;
};

/// Never destroyed: a worker runs the exit handlers of its parent.
std::vector<Subscriber>& subscribers() {
  static auto& all = *new std::vector<Subscriber>;
  return all;
}

struct Interruption {
  PyObject* type = nullptr;
  PyObject* value = nullptr;
  PyObject* traceback = nullptr;
};
constinit Interruption interruption{};

/// Puts facts into a dict; from the first failure on it does nothing, and has no dict.
class Facts {
 public:
  Facts() noexcept : dictionary_(PyDict_New()) {}
  void put(char const* name, Reference value) noexcept {
    if (!dictionary_ || !value || PyDict_SetItemString(dictionary_.get(), name, value.get()) != 0) dictionary_ = Reference{};
  }
  void put(char const* name, std::string_view text) noexcept { put(name, unicode(text)); }
  void put(char const* name, bool value) noexcept { put(name, Reference{PyBool_FromLong(value ? 1 : 0)}); }
  void put(char const* name, std::optional<int> value) noexcept {
    put(name, Reference{value ? PyLong_FromLong(*value) : none()});
  }
  void put(Process const& process) noexcept {
    put("role", name_of(process.role));
    put("pid", std::optional<int>{process.pid});
    put("parent", std::optional<int>{process.parent});
    put("slot", process.slot);
    put("incarnation", process.incarnation);
  }
  [[nodiscard]] Reference take() noexcept { return std::move(dictionary_); }

 private:
  Reference dictionary_;
};

template <class Event>
void put_more(Facts& facts, Occurrence const& occurrence) noexcept {
  auto const& event = static_cast<Event const&>(occurrence);
  if constexpr (requires { event.child; }) {
    Facts child;
    child.put(event.child);
    facts.put("child", child.take());
  }
  if constexpr (requires { event.error; }) facts.put("error", std::optional<int>{event.error});
  if constexpr (requires { event.status; }) facts.put("status", event.status);
}

[[noreturn]] void throw_error() {
  if (PyErr_ExceptionMatches(PyExc_Exception) == 0 && interruption.type == nullptr) {
    PyErr_Fetch(&interruption.type, &interruption.value, &interruption.traceback);
    throw std::runtime_error{"interrupted by " + shown(attribute(interruption.type, "__name__").get())};
  }
  throw std::runtime_error{take_error()};
}

void call(PyObject* callable, std::size_t event, Occurrence const& occurrence) {
  if (callable == Py_None) return;
  InterpreterLock const lock;
  Reference const facts = facts_of(event, occurrence);
  if (!facts || !Reference{PyObject_CallFunctionObjArgs(callable, facts.get(), nullptr)}) throw_error();
}

std::size_t index_of(std::string_view name) noexcept {
  return static_cast<std::size_t>(std::ranges::find(event_names, name) - std::begin(event_names));
}

std::optional<Phase> phase_named(std::string_view name) noexcept {
  for (std::size_t phase = 0; phase != phase_count; ++phase)
    if (name_of(static_cast<Phase>(phase)) == name) return static_cast<Phase>(phase);
  return {};
}

}  // namespace

Reference facts_of(std::size_t event, Occurrence const& occurrence) noexcept {
  Facts facts;
  facts.put("event", event_names[event]);
  facts.put("container", occurrence.container);
  facts.put("hook", occurrence.hook);
  facts.put(occurrence.process);
  facts.put("forked", occurrence.forked);
  facts.put("app_loaded", occurrence.app_loaded);
  facts.put("respawn", occurrence.respawn);
  facts.put("late", occurrence.late);
  // A late event has only what all events have.
  if (!occurrence.late) {
    [&]<std::size_t... Index>(std::index_sequence<Index...>) {
      static_cast<void>(((Index == event && (put_more<EventAt<Index>>(facts, occurrence), true)) || ...));
    }(std::make_index_sequence<event_count>{});
  }
  return facts.take();
}

PyObject* subscribe(Application& application, PyObject* arguments, PyObject* keywords) noexcept try {
  char const* event_name = nullptr;
  PyObject* callable = nullptr;
  char const* key = nullptr;
  char const* phase_name = "application";
  static char const* const names[] = {"event", "callable", "key", "phase", nullptr};
  if (PyArg_ParseTupleAndKeywords(arguments, keywords, "sOs|s:subscribe", const_cast<char**>(names), &event_name, &callable,
                                  &key, &phase_name) == 0)
    return nullptr;
  std::size_t const event = index_of(event_name);
  if (event == event_count) return PyErr_Format(PyExc_ValueError, "there is no event '%s'", event_name);
  auto const phase = phase_named(phase_name);
  if (!phase)
    return PyErr_Format(PyExc_ValueError, "there is no phase '%s': choose one of generation, locks, reseed, event_loops, "
                        "detach, application, threads", phase_name);
  if (callable != Py_None && PyCallable_Check(callable) == 0)
    return PyErr_Format(PyExc_TypeError, "the subscriber '%s' is not callable", key);
  auto& all = subscribers();
  auto const same =
      std::ranges::find_if(all, [&](Subscriber const& other) { return other.event == event && other.key == key; });
  Py_INCREF(callable);
  if (same != all.end()) {
    Reference const replaced{std::exchange(same->callable, callable)};
    same->subscription = application.subscribe_at(event, key, *phase, [callable, event](Occurrence const& occurrence) {
      call(callable, event, occurrence);
    }, callable != Py_None);
    return PyLong_FromSsize_t(same - all.begin());
  }
  Subscription const subscription = application.subscribe_at(
      event, key, *phase, [callable, event](Occurrence const& occurrence) { call(callable, event, occurrence); },
      callable != Py_None);
  all.push_back({subscription, event, key, callable});
  return PyLong_FromSize_t(all.size() - 1);
} catch (std::exception const& exception) {
  PyErr_SetString(PyExc_RuntimeError, exception.what());
  return nullptr;
}

PyObject* unsubscribe(PyObject* arguments) noexcept {
  Py_ssize_t number = 0;
  if (PyArg_ParseTuple(arguments, "n:unsubscribe", &number) == 0) return nullptr;
  auto& all = subscribers();
  if (number < 0 || number >= std::ssize(all)) return PyErr_Format(PyExc_ValueError, "there is no subscription %zd", number);
  Subscriber& subscriber = all[static_cast<std::size_t>(number)];
  subscriber.subscription.unsubscribe();
  subscriber.key.clear();
  Reference const released{std::exchange(subscriber.callable, nullptr)};
  return none();
}

bool restore_interruption() noexcept {
  if (interruption.type == nullptr) return false;
  PyErr_Restore(interruption.type, interruption.value, interruption.traceback);
  interruption = {};
  return true;
}

}  // namespace forksafe::python
