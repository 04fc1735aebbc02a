// SPDX-License-Identifier: MIT
module;
#include <Python.h>
#include <memory>
#include <unistd.h>
module forksafe.cpython;

import forksafe;
import forksafe.std.operators;

namespace forksafe::python {
namespace {

/// A callable in the interpreter that subscribed it, whose modules and objects belong to it alone.
struct Target {
  Target(PyObject* made, Interpreter const& in) noexcept : callable(made), home(in) { Py_INCREF(made); }
  Target(Target const&) = delete;
  Target& operator=(Target const&) = delete;
  ~Target() { release(); }

  void release() noexcept try {
    if (callable == nullptr) return;
    InterpreterLock const lock;
    InInterpreter const there{home};
    Py_DECREF(std::exchange(callable, nullptr));
  } catch (...) {
    callable = nullptr;
  }

  PyObject* callable;
  Interpreter home;
};

struct Subscriber {
  /// Nothing as long as the core is about to take it.
  std::optional<Subscription> subscription;
  std::size_t event;
  std::string key;
  std::shared_ptr<Target> target;
};

/// Never destroyed: a worker runs the exit handlers of its parent.
std::vector<Subscriber>& subscribers() {
  static auto& all = *new std::vector<Subscriber>;
  return all;
}

/// An error that is not an Exception, raised by a subscriber in this process.
struct Interruption {
  PyObject* type = nullptr;
  PyObject* value = nullptr;
  PyObject* traceback = nullptr;
  pid_t process = 0;
};
constinit Interruption interruption{};

bool is_interrupted() noexcept { return interruption.type != nullptr && interruption.process == ::getpid(); }

/// Keeps the error. Of one in another interpreter it keeps the kind and the status only, and drops its objects.
void keep_interruption(bool foreign) noexcept {
  PyErr_Fetch(&interruption.type, &interruption.value, &interruption.traceback);
  interruption.process = ::getpid();
  if (!foreign) return;
  PyErr_NormalizeException(&interruption.type, &interruption.value, &interruption.traceback);
  bool const exits = PyErr_GivenExceptionMatches(interruption.type, PyExc_SystemExit) != 0;
  Reference const code = attribute(interruption.value, "code");
  long const status = number(code.get()).value_or(code.get() == Py_None ? 0 : 1);
  Reference const type{interruption.type}, value{interruption.value}, traceback{interruption.traceback};
  interruption.type = exits ? PyExc_SystemExit : PyExc_KeyboardInterrupt;
  Py_INCREF(interruption.type);
  interruption.value = exits ? PyLong_FromLong(status) : nullptr;
  interruption.traceback = nullptr;
}

[[noreturn]] void throw_error(std::string_view who, bool foreign) {
  if (PyErr_ExceptionMatches(PyExc_Exception) == 0 && !is_interrupted()) {
    keep_interruption(foreign);
    throw std::runtime_error{"interrupted by " + shown(attribute(interruption.type, "__name__").get())};
  }
  throw std::runtime_error{tell_error(who)};
}

void call(std::shared_ptr<Target> const& subscribed, std::size_t event, std::string_view key, EventContext const& context) {
  // The callable may end its own subscription, or replace it.
  std::shared_ptr<Target> const target = subscribed;
  if (target->callable == nullptr || target->callable == Py_None) return;
  InterpreterLock const lock;
  InInterpreter const there{target->home};
  Reference const facts = event_facts(event, context);
  Reference const result{facts ? PyObject_CallFunctionObjArgs(target->callable, facts.get(), nullptr) : nullptr};
  std::string const who = "the subscriber " + std::string{key};
  if (!result) throw_error(who, there.has_changed());
  if (std::string const text = unfinished(result.get()); !text.empty()) throw std::runtime_error{text};
}

/// Returns the name by which the core tells subscriptions apart: each interpreter has its own keys.
std::string name_in(Interpreter const& interpreter, std::string_view key) {
  std::int64_t const number = interpreter.number();
  return std::string{key} + (number == 0 ? "" : " (interpreter " + std::to_string(number) + ")");
}

/// Runs at the end of an interpreter other than the main one, whose subscribers must not be called any more.
PyObject* forget_interpreter(PyObject*, PyObject*) noexcept {
  Interpreter const ending = Interpreter::current();
  for (Subscriber& subscriber : subscribers()) {
    if (!subscriber.target || !(subscriber.target->home == ending)) continue;
    if (subscriber.subscription) subscriber.subscription->unsubscribe();
    subscriber.target->release();
    subscriber.target.reset();
  }
  return none();
}
constinit PyMethodDef forget_method{"forget", forget_interpreter, METH_NOARGS, nullptr};

void forget_at_end(Interpreter const& interpreter) noexcept {
  bool const is_known = std::ranges::any_of(
      subscribers(), [&](Subscriber const& other) { return other.target && other.target->home == interpreter; });
  if (interpreter.number() == 0 || is_known) return;
  Reference const module{PyImport_ImportModule("atexit")};
  Reference const function = attribute(module.get(), "register");
  Reference const forget{PyCFunction_NewEx(&forget_method, nullptr, nullptr)};
  if (!function || !forget || !Reference{PyObject_CallFunctionObjArgs(function.get(), forget.get(), nullptr)}) PyErr_Clear();
}

std::size_t index_of(std::string_view name) noexcept {
  return static_cast<std::size_t>(std::ranges::find(event_names, name) - std::begin(event_names));
}

/// Returns nothing, and sets an error, where it is not a number of seconds.
std::optional<std::chrono::milliseconds> parse_deadline(PyObject* seconds) noexcept {
  if (seconds == nullptr || seconds == Py_None) return default_deadline;
  constexpr double year = 365 * 86'400;
  double const value = PyFloat_AsDouble(seconds);
  if (PyErr_Occurred() != nullptr) return {};
  if (value >= 0.001) return std::chrono::milliseconds{static_cast<std::int64_t>(std::min(value, year) * 1'000)};
  PyErr_SetString(PyExc_ValueError, "a deadline is a number of seconds, and at least 0.001");
  return {};
}

std::optional<Phase> phase_named(std::string_view name) noexcept {
  for (std::size_t phase = 0; phase != phase_count; ++phase)
    if (name_of(static_cast<Phase>(phase)) == name) return static_cast<Phase>(phase);
  return {};
}

}  // namespace

Reference event_facts(std::size_t event, EventContext const& context) noexcept try {
  return to_python(describe(event, context));
} catch (...) {
  PyErr_NoMemory();
  return {};
}

PyObject* subscribe(HostedApplication& application, PyObject* arguments, PyObject* keywords) noexcept try {
  char const* event_name = nullptr;
  PyObject* callable = nullptr;
  char const* key = nullptr;
  char const* phase_name = "application";
  PyObject* seconds = nullptr;
  static char const* const names[] = {"event", "callable", "key", "phase", "deadline", nullptr};
  if (PyArg_ParseTupleAndKeywords(arguments, keywords, "sOs|sO:subscribe", const_cast<char**>(names), &event_name, &callable,
                                  &key, &phase_name, &seconds) == 0)
    return nullptr;
  std::size_t const event = index_of(event_name);
  if (event == event_count) return PyErr_Format(PyExc_ValueError, "there is no event '%s'", event_name);
  auto const phase = phase_named(phase_name);
  if (!phase)
    return PyErr_Format(PyExc_ValueError,
                        "there is no phase '%s': choose one of generation, locks, reseed, event_loops, "
                        "detach, application, threads",
                        phase_name);
  auto const deadline = parse_deadline(seconds);
  if (!deadline || (callable != Py_None && !can_hear(callable, key))) return nullptr;
  Interpreter const here = Interpreter::current();
  forget_at_end(here);
  auto const target = std::make_shared<Target>(callable, here);
  std::string const name = name_in(here, key);
  auto hear = [target, event, name](EventContext const& context) { call(target, event, name, context); };
  auto& all = subscribers();
  auto const same = std::ranges::find_if(all, [&](Subscriber const& other) {
    return other.event == event && other.target && other.target->home == here && other.key == key;
  });
  auto const position = static_cast<std::size_t>(same - all.begin());
  std::shared_ptr<Target> replaced = target;
  if (same == all.end()) {
    all.push_back({{}, event, key, target});
  } else {
    same->target.swap(replaced);
  }
  // A late subscriber is called at once, and may subscribe others or end itself: only the position is good afterwards.
  Subscription subscription = application.subscribe_at(event, name, *phase, std::move(hear), *deadline, callable != Py_None);
  all[position].subscription = subscription;
  if (!all[position].target) subscription.unsubscribe();
  return PyLong_FromSize_t(position);
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
  if (subscriber.subscription) subscriber.subscription->unsubscribe();
  subscriber.key.clear();
  std::shared_ptr<Target> const released = std::move(subscriber.target);
  return none();
}

bool restore_interruption() noexcept {
  if (!is_interrupted()) return false;
  PyErr_Restore(interruption.type, interruption.value, interruption.traceback);
  interruption = {};
  return true;
}

void drop_interruption() noexcept {
  if (restore_interruption()) PyErr_Clear();
}

}  // namespace forksafe::python
