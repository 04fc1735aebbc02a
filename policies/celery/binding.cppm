// SPDX-License-Identifier: MIT
module;
#include <Python.h>
#include <string_view>
export module forksafe.celery.binding;

import forksafe;
import forksafe.binding;
import forksafe.cpython;
import forksafe.celery;
import forksafe.std;
import :handle;
import :hooks;
import :pool;

namespace forksafe::celery {

using namespace python;

using binding::Facts;

/// The hooks with parameters are Celery's signals; the others are CPython's.
template <ContainerPolicy Policy>
using RaisesOf = binding::Raises<Policy, binding::Generated, binding::Whole<"before">,
                                 binding::Single<"after_in_parent", ApplicationPostForkParent>>;
static_assert(binding::CompleteBinding<RaisesOf<CeleryPolicy>>);

using KeywordFunction = PyObject* (*)(PyObject*, PyObject*, PyObject*);

/// The Python side of one application, whose policy is `Policy` or an AutoPolicy with it. Nothing here has a destructor
/// that would run in Celery's processes.
template <class App, class Policy = typename App::policy>
struct Extension {
  using Raises = RaisesOf<Policy>;
  static constexpr auto const& entries = hook_entries<Policy>;

  static inline constinit App* application = nullptr;
  static inline constinit HookDispatcher* dispatcher = nullptr;

  /// The receiver of one signal: raises the events of all rows with its name that belong to this process.
  template <std::size_t Entry>
  static PyObject* hook(PyObject*, PyObject*, PyObject* keywords) noexcept {
    constexpr auto name = hook_text<Policy, entries[Entry].row>();
    Call call;
    switch (dispatcher->begin_hook(name, keywords, call)) {
      case HookDispatcher::Entry::error: return nullptr;
      case HookDispatcher::Entry::skip: return none();
      case HookDispatcher::Entry::raise: break;
    }
    reap<name>();
    Process child{};
    if constexpr (Wires<Policy, ApplicationPreFork, name>) close_fork();
    if constexpr (Wires<Policy, ApplicationPreFork, name>) child = dispatcher->announce(entry(keywords, "sender").get());
    Raises::template fire<name>(*application, call.self, [&]<class Event>(Wire const&) -> std::optional<Facts> {
      // reap() raises it, for each worker that has exited.
      if constexpr (std::same_as<Event, ApplicationWorkerReaped>) return std::optional<Facts>{};
      // Undoes an announced fork that did not happen.
      if constexpr (std::same_as<Event, ApplicationServerExit>) close_fork();
      return Facts{.process = call.self, .child = child, .forked = call.forked};
    });
    // Right after this signal Celery asks whether the first workers have started.
    if constexpr (Wires<Policy, ApplicationServerReady, name>)
      if (call.self.role == Role::master) dispatcher->answer_for_start(did_start_ok_method);
    return dispatcher->end_hook(call) ? none() : nullptr;
  }

  /// Raises an event in the master, about one worker.
  template <Text Hook, class Event>
  static void raise(Process const& child, std::optional<int> status = {}) noexcept {
    Raises::template raise<Hook, Event>(*application, {.process = {.role = Role::master}, .child = child, .status = status});
  }

  /// Raises ApplicationWorkerReaped for the workers that have exited, if the wiring has it for the hook.
  template <Text Hook>
  static void reap() noexcept {
    if constexpr (Wires<Policy, ApplicationWorkerReaped, Hook>)
      while (auto const gone = dispatcher->take_gone()) raise<Hook, ApplicationWorkerReaped>(gone->worker, gone->status);
  }

  static void close_fork() noexcept {
    if (auto const child = dispatcher->take_announced_fork()) raise<"after_in_parent", ApplicationPostForkParent>(*child);
  }

  static PyObject* before(PyObject*, PyObject*) noexcept {
    if (auto const child = dispatcher->before_fork()) {
      reap<"before">();
      raise<"before", ApplicationPreFork>(*child);
      drop_interruption();
    }
    return none();
  }
  static PyObject* after_in_parent(PyObject*, PyObject*) noexcept {
    if (auto const child = dispatcher->after_fork()) raise<"after_in_parent", ApplicationPostForkParent>(*child);
    drop_interruption();
    return none();
  }
  static PyObject* did_start_ok(PyObject*, PyObject*) noexcept {
    auto const started = dispatcher->has_started();
    if (!started) return nullptr;
    return PyBool_FromLong(*started ? 1 : 0);
  }
  static inline constinit PyMethodDef before_method{"before", before, METH_NOARGS, nullptr};
  static inline constinit PyMethodDef after_in_parent_method{"after_in_parent", after_in_parent, METH_NOARGS, nullptr};
  static inline constinit PyMethodDef did_start_ok_method{"did_start_ok", did_start_ok, METH_NOARGS, nullptr};

  static PyObject* answer(PyObject*, PyObject* arguments) noexcept {
    if (!dispatcher->ready()) {
      PyErr_SetString(PyExc_RuntimeError, dispatcher->complaint().c_str());
      return nullptr;
    }
    return handle(arguments, [](Request const& request) noexcept { return application->handle(request); });
  }

  static PyObject* debug(PyObject*, PyObject*) noexcept try { return to_python(application->debug()); } catch (...) {
    return PyErr_NoMemory();
  }

  static PyObject* report(PyObject*, PyObject*) noexcept try {
    return unicode(to_text(App::template report_as<Policy>)).release();
  } catch (...) {
    return PyErr_NoMemory();
  }

  static PyObject* connect_again(PyObject*, PyObject*) noexcept {
    connect();
    return none();
  }

  static constexpr PyMethodDef own_methods[]{
      {"connect", connect_again, METH_NOARGS,
       "connect($module, /)\n--\n\nConnects the hooks to Celery's signals, unless they are."},
      {"debug", debug, METH_NOARGS, "debug($module, /)\n--\n\nThe debug object of this process, as a dict."},
      {"report", report, METH_NOARGS, "report($module, /)\n--\n\nThe static auto-configure report, as text."}};

  static constexpr std::size_t method_count = entries.size() + std::size(own_methods) + (App::handles_requests ? 1 : 0);

  /// attach() fills it, because the cast of a function with keywords is not a constant expression.
  static inline constinit std::array<PyMethodDef, method_count + 1> methods{};

  static void fill_methods() noexcept {
    std::size_t next = 0;
    [&]<std::size_t... Entry>(std::index_sequence<Entry...>) {
      ((methods[next++] = {entries[Entry].name,
                           reinterpret_cast<PyCFunction>(
                               reinterpret_cast<void (*)()>(static_cast<KeywordFunction>(hook<Entry>))),
                           METH_VARARGS | METH_KEYWORDS, entries[Entry].documentation}),
       ...);
    }(std::make_index_sequence<entries.size()>{});
    for (PyMethodDef const& own : own_methods) methods[next++] = own;
    if constexpr (App::handles_requests)
      methods[next++] = {"handle", answer, METH_VARARGS,
                         "handle($module, method, target, body=b'', /)\n--\n\nLets the application answer; (status, body)."};
  }

  /// Attaches the application, once in a process. Throws std::bad_alloc.
  static void attach(App& app, void (*load)()) {
    if (application != nullptr) return;
    application = &app;
    dispatcher = new HookDispatcher{app, {[]() noexcept { return choose<App, Policy>(*application); }, load}};
    fill_methods();
    register_at_fork(before_method, after_in_parent_method);
  }

  /// Connects each hook to the signal of its name. Does nothing if they are connected already, or without Celery. It must be
  /// called in the master before Celery's worker starts, as when the application's module is imported.
  static void connect() noexcept {
    for (std::size_t index = 0; index != entries.size(); ++index) {
      Reference const receiver{PyCFunction_NewEx(&methods[index], nullptr, nullptr)};
      if (!receiver) PyErr_Clear();
      if (receiver) dispatcher->connect(methods[index].ml_name, receiver.get());
    }
  }

  static inline constinit PyModuleDef definition{
      PyModuleDef_HEAD_INIT,
      nullptr,
      "A forksafe application: importing it in the module of a Celery app connects it to Celery's signals.",
      -1,
      methods.data(),
      nullptr,
      nullptr,
      nullptr,
      nullptr};

  static PyObject* make_module(char const* name) noexcept {
    definition.m_name = name;
    return PyModule_Create(&definition);
  }
};

}  // namespace forksafe::celery

export namespace forksafe::celery {

/// Implements PyInit_NAME of the extension NAME: makes the application, once in a process, connects it to Celery's signals, and
/// makes the module around it. Returns null with ImportError if that fails. It neither reads settings nor loads the
/// application: the first signal does, or the first call of handle().
template <RunnableApp App>
PyObject* initialise(char const* name) noexcept {
  static_assert(std::same_as<typename App::policy, CeleryPolicy>,
                "this build is for Celery: the application's policy must be forksafe::CeleryPolicy, or "
                "forksafe::PresetPolicy of the preset celery");
  using Extension = Extension<App>;
  try {
    if (Extension::application == nullptr)
      Extension::attach(*new App{name}, [] {
        Extension::application->configure({});
        Extension::application->load();
      });
  } catch (std::exception const& exception) {
    return PyErr_Format(PyExc_ImportError, "the application %s cannot be made: %s", name, exception.what());
  } catch (...) {
    return PyErr_Format(PyExc_ImportError, "the application %s cannot be made: its constructor threw", name);
  }
  Extension::connect();
  return Extension::make_module(name);
}

}  // namespace forksafe::celery

export namespace forksafe::python {

/// The import of its module connects nothing, because the process may not be one of Celery. connect() does.
template <class App>
struct Part<App, CeleryPolicy> {
  static PyObject* make(App& application) {
    using Extension = celery::Extension<App, CeleryPolicy>;
    Extension::attach(application, [] { Extension::application->configure({}); });
    return Extension::make_module("celery");
  }
};

}  // namespace forksafe::python
