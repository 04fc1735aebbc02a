// SPDX-License-Identifier: MIT
module;
#include <Python.h>
#include <string_view>
export module forksafe.gunicorn.binding;

import forksafe;
import forksafe.binding;
import forksafe.cpython;
import forksafe.gunicorn;
import forksafe.std;
import :hooks;
import :request;

namespace forksafe::gunicorn {

using namespace python;
using binding::Facts;

/// The hooks with parameters are functions of gunicorn's configuration; the others are CPython's.
template <ContainerPolicy Policy>
using RaisesOf = binding::Raises<Policy, binding::Generated, binding::Single<"before", ApplicationPreFork>,
                                 binding::Single<"after_in_parent", ApplicationPostForkParent>>;
static_assert(binding::CompleteBinding<RaisesOf<GunicornPolicy>>);

/// The Python side of one application, whose policy is `Policy` or an AutoPolicy with it. Nothing here has a destructor
/// that would run in gunicorn's workers.
template <class App, class Policy = typename App::policy>
struct Extension {
  using Raises = RaisesOf<Policy>;
  static constexpr auto const& entries = hook_entries<Policy>;

  static inline constinit App* application = nullptr;
  static inline constinit HookDispatcher* dispatcher = nullptr;

  /// Runs the hook of one entry: raises the events of all rows with its name that belong to this process.
  template <std::size_t Entry>
  static PyObject* hook(PyObject*, PyObject* arguments) noexcept {
    Call call;
    switch (dispatcher->begin_hook(entries[Entry], arguments, call)) {
      case HookDispatcher::Entry::error: return nullptr;
      case HookDispatcher::Entry::skip: return none();
      case HookDispatcher::Entry::raise: break;
    }
    Raises::template fire<hook_text<Policy, entries[Entry].row>()>(
        *application, call.self(), [&]<class Event>(Wire const& wire) -> std::optional<Facts> {
          // Undoes an announced fork that did not happen, because a signal handler has stopped the server in between.
          if constexpr (std::same_as<Event, ApplicationServerExit> || std::same_as<Event, ApplicationPreFork>) close_fork();
          dispatcher->before(wire.event, wire.hook, call);
          Facts told = call.facts();
          // A later hook raises the event if post_fork is another function than forksafe's.
          if constexpr (std::same_as<Event, ApplicationPostFork>) told.late = wire.hook != "post_fork";
          return told;
        });
    return restore_interruption() ? nullptr : none();
  }

  static void close_fork() noexcept {
    if (auto const call = dispatcher->take_announced_fork())
      Raises::template raise<"after_in_parent", ApplicationPostForkParent>(*application, call->facts());
  }

  static PyObject* before(PyObject*, PyObject*) noexcept {
    if (auto call = dispatcher->before_fork()) {
      dispatcher->before(event_index<ApplicationPreFork>, "before", *call);
      Raises::template raise<"before", ApplicationPreFork>(*application, call->facts());
    }
    return restore_interruption() ? nullptr : none();
  }
  static PyObject* after_in_parent(PyObject*, PyObject*) noexcept {
    if (auto const call = dispatcher->after_fork())
      Raises::template raise<"after_in_parent", ApplicationPostForkParent>(*application, call->facts());
    return restore_interruption() ? nullptr : none();
  }
  static PyObject* after_in_child(PyObject*, PyObject*) noexcept {
    dispatcher->look_around(true);
    return none();
  }
  static inline constinit PyMethodDef before_method{"before", before, METH_NOARGS, nullptr};
  static inline constinit PyMethodDef after_in_parent_method{"after_in_parent", after_in_parent, METH_NOARGS, nullptr};
  static inline constinit PyMethodDef after_in_child_method{"after_in_child", after_in_child, METH_NOARGS, nullptr};

  /// Attaches the application, once in a process. HookDispatcher describes `reads_paste` and `module`.
  static void attach(App& app, bool reads_paste, std::string module) {
    application = &app;
    dispatcher =
        new HookDispatcher{app, [] { application->load(); }, []() noexcept { return choose<App, Policy>(*application); },
                           reads_paste, std::move(module)};
    register_at_fork(before_method, after_in_parent_method, &after_in_child_method);
  }

  static PyObject* respond(PyObject*, PyObject* arguments) noexcept {
    if (!has_arity("application", arguments, 2)) return nullptr;
    // If the configuration has no hook, this is the first call from gunicorn.
    if (!dispatcher->ready(nullptr)) {
      PyErr_SetString(PyExc_RuntimeError, dispatcher->complaint().c_str());
      return nullptr;
    }
    dispatcher->look_around();
    return answer(PyTuple_GetItem(arguments, 0), PyTuple_GetItem(arguments, 1),
                  [](Request const& request) noexcept { return application->handle(request); });
  }

  static PyObject* mark_configured(PyObject*, PyObject*) noexcept { return dispatcher->recognise() ? none() : nullptr; }

  static PyObject* debug(PyObject*, PyObject*) noexcept try { return to_python(application->debug()); } catch (...) {
    return PyErr_NoMemory();
  }

  static PyObject* report(PyObject*, PyObject*) noexcept try { return unicode(to_text(App::report)).release(); } catch (...) {
    return PyErr_NoMemory();
  }

  static constexpr PyMethodDef own_methods[]{
      {"mark_configured", mark_configured, METH_VARARGS,
       "mark_configured($module, registry=None, /)\n--\n\nSays that gunicorn calls the hooks, before it does."},
      {"debug", debug, METH_NOARGS, "debug($module, /)\n--\n\nThe debug object of this process, as a dict."},
      {"report", report, METH_NOARGS, "report($module, /)\n--\n\nThe static auto-configure report, as text."}};

  static constexpr std::size_t method_count = entries.size() + std::size(own_methods) + (App::handles_requests ? 1 : 0);

  /// gunicorn looks the hooks up by name, ignores all but its own settings, and reads each arity from the text signature
  /// (gunicorn 20.1, Application.load_config_from_module_name_or_filename).
  static inline constinit auto methods = []<std::size_t... Entry>(std::index_sequence<Entry...>) {
    std::array<PyMethodDef, method_count + 1> table{
        PyMethodDef{entries[Entry].name, hook<Entry>, METH_VARARGS, entries[Entry].documentation}...};
    std::size_t next = sizeof...(Entry);
    for (PyMethodDef const& own : own_methods) table[next++] = own;
    if constexpr (App::handles_requests)
      table[next++] = {"application", respond, METH_VARARGS,
                       "application($module, environ, start_response, /)\n--\n\nAnswers a request by WSGI (PEP 3333)."};
    return table;
  }(std::make_index_sequence<entries.size()>{});

  static inline constinit PyModuleDef definition{
      PyModuleDef_HEAD_INIT,
      nullptr,
      "A forksafe application: configuration and application of gunicorn in one module.",
      -1,
      methods.data(),
      nullptr,
      nullptr,
      nullptr,
      nullptr};
};

}  // namespace forksafe::gunicorn

export namespace forksafe::gunicorn {

/// Implements PyInit_NAME of the extension NAME: makes the application, once in a process, and the module around it. Returns
/// null with ImportError if that fails. It neither reads settings nor loads the application: the first hook does, once. A
/// reload updates gunicorn's own settings; those of the application stay as they were at the start.
template <RunnableApp App>
PyObject* initialise(char const* name) noexcept {
  static_assert(std::same_as<typename App::policy, GunicornPolicy>,
                "this build is for gunicorn: the application's policy must be forksafe::GunicornPolicy, or "
                "forksafe::PresetPolicy of the preset gunicorn");
  using Extension = Extension<App>;
  try {
    if (Extension::application == nullptr) {
      Extension::attach(*new App{name}, true, name);
      Extension::dispatcher->look_around();
    }
  } catch (std::exception const& exception) {
    PyErr_Format(PyExc_ImportError, "the application %s cannot be made: %s", name, exception.what());
    return nullptr;
  } catch (...) {
    PyErr_Format(PyExc_ImportError, "the application %s cannot be made: its constructor threw", name);
    return nullptr;
  }
  Extension::definition.m_name = name;
  return PyModule_Create(&Extension::definition);
}

}  // namespace forksafe::gunicorn

export namespace forksafe::python {

template <class App>
struct Part<App, GunicornPolicy> {
  static PyObject* make(App& application) {
    using Extension = gunicorn::Extension<App, GunicornPolicy>;
    Extension::attach(application, false, "forksafe.gunicorn");
    Extension::definition.m_name = "gunicorn";
    return PyModule_Create(&Extension::definition);
  }
  /// Runs at a subscription: the subscriber hears nothing if gunicorn calls no hook of forksafe.
  static void subscribed() noexcept { gunicorn::Extension<App, GunicornPolicy>::dispatcher->look_around(); }
};

}  // namespace forksafe::python
