// SPDX-License-Identifier: MIT
module;
#include <Python.h>
#include <string>
#include <unistd.h>
export module forksafe.uwsgi.python.binding;

import forksafe;
import forksafe.bridge;
import forksafe.std;
import forksafe.uwsgi.python;

namespace forksafe::uwsgi_python {

using namespace python;

/// What the module `uwsgi` of uWSGI's Python plugin tells. Every call needs the interpreter lock.
class Server {
 public:
  /// Why this process does not run in uWSGI, empty if it does: by what the module can do, for other modules have the name.
  [[nodiscard]] std::string missing();
  /// Of a server that is not missing(): the rest asks it once, as none of it changes in a process or in its children.
  void connect() noexcept;
  [[nodiscard]] bool has_master() const noexcept { return has_master_; }
  /// Whether this process is the one that forks the others. Needs no lock.
  [[nodiscard]] bool is_forking() const noexcept { return forking_in_ == ::getpid(); }
  /// Whether the application is loaded behind the fork, and this process is forked.
  [[nodiscard]] bool has_passed_fork() const noexcept { return has_passed_fork_; }
  /// Finds out what this process is. Once in a new one, which counts as one more in its slot.
  void enter() noexcept;
  /// What it found, in this process or the one that forked it.
  [[nodiscard]] Process this_process() const noexcept;
  /// Lets uWSGI call `method`, and what it called before behind it. Null, and in the log, where Python can't.
  void chain(char const* hook, PyMethodDef& method) noexcept;
  /// What was called before, with its result or error; a new reference.
  PyObject* go_on(char const* hook) noexcept;

 private:
  [[nodiscard]] long ask(char const* function) const noexcept;
  [[nodiscard]] int incarnation_of(int worker) noexcept;

  PyObject* module_ = nullptr;
  PyObject* worker_id_ = nullptr;
  PyObject* mule_id_ = nullptr;
  PyObject* is_spooler_ = nullptr;
  /// How many workers have filled each slot; all processes share it.
  std::span<std::atomic<int>> filled_{};
  Process self_{};
  bool has_master_ = false;
  bool has_passed_fork_ = false;
  pid_t forking_in_ = 0;
  PyObject* earlier_post_fork_ = nullptr;
  PyObject* earlier_atexit_ = nullptr;
};

/// The part of an application that uWSGI's Python plugin runs. One per process, never destroyed.
template <class App, class Policy>
struct Extension {
  static inline constinit App* application = nullptr;
  static inline constinit Server server{};
  static inline constinit bool attempted = false;
  static inline constinit pid_t connected_in = 0;
  static inline constinit PyGILState_STATE held_over_fork{};
  static inline constinit bool is_held = false;

  template <Text Hook, class Event>
  static void raise(Process const& process, bool app_loaded = true) noexcept {
    Event event{};
    event.process = process;
    event.forked =
        process.role != Role::master && (server.has_master() || process.role != Role::worker || process.slot.value_or(1) != 1);
    event.app_loaded = app_loaded;
    application->template deliver_as<Policy, Hook>(event);
  }

  static PyObject* post_fork(PyObject*, PyObject*) noexcept {
    server.enter();
    Process const process = server.this_process();
    raise<"post_fork", ApplicationPostFork>(process);
    if (process.role == Role::worker) {
      raise<"post_fork", ApplicationPostWorkerInit>(process);
      raise<"post_fork", ApplicationWorkerReady>(process);
    }
    return restore_interruption() ? nullptr : server.go_on("post_fork_hook");
  }

  static PyObject* at_exit(PyObject*, PyObject*) noexcept {
    raise<"atexit", ApplicationWorkerExit>(server.this_process());
    return restore_interruption() ? nullptr : server.go_on("atexit");
  }

  // uWSGI forks without the interpreter's lock. A thread that holds it then does not exist in the child, which would wait for
  // it for ever before any hook is called.
  static void prepare() noexcept {
    if (!server.is_forking()) return;
    held_over_fork = PyGILState_Ensure();
    is_held = true;
    raise<"pthread_atfork_prepare", ApplicationPreFork>({Role::master});
  }
  static void parent() noexcept {
    if (!std::exchange(is_held, false)) return;
    raise<"pthread_atfork_parent", ApplicationPostForkParent>({Role::master});
    PyGILState_Release(held_over_fork);
  }
  static void child() noexcept {
    if (std::exchange(is_held, false)) PyGILState_Release(held_over_fork);
  }

  /// Finds out whether this process runs in uWSGI, and then asks it to call the hooks. Once in a process.
  static PyObject* attempt(PyObject*, PyObject*) noexcept try {
    if (connected_in != 0) return PyBool_FromLong(1);
    if (std::string const reason = server.missing(); !reason.empty()) {
      if (!std::exchange(attempted, true))
        application->not_available(Policy::environment, reason == "there is no module uwsgi" ? "" : reason);
      return PyBool_FromLong(0);
    }
    if (!choose<App, Policy>(*application)) return nullptr;
    server.connect();
    if (server.has_master()) {
      application->recognised();
    } else {
      application->complain(Policy::requirements[0]);
    }
    connected_in = ::getpid();
    // Behind the fork, uWSGI has called the first hook before it loads the application.
    if (!server.has_passed_fork()) server.chain("post_fork_hook", post_fork_method);
    server.chain("atexit", at_exit_method);
    if (server.is_forking()) {
      watch_forks({.prepare = prepare, .parent = parent, .child = child});
      raise<"load", ApplicationServerStarting>({Role::master});
    }
    if (server.has_passed_fork()) raise<"post_fork", ApplicationPostFork>(server.this_process(), false);
    return PyBool_FromLong(1);
  } catch (...) {
    return PyErr_NoMemory();
  }

  /// The application is loaded in this process: behind the fork this is the last that a worker does before it serves.
  static PyObject* loaded(PyObject*, PyObject*) noexcept {
    if (connected_in == ::getpid() && server.has_passed_fork()) {
      raise<"load", ApplicationPostWorkerInit>(server.this_process());
      raise<"load", ApplicationWorkerReady>(server.this_process());
    }
    return restore_interruption() ? nullptr : none();
  }

  static inline constinit PyMethodDef post_fork_method{"post_fork", post_fork, METH_NOARGS, nullptr};
  static inline constinit PyMethodDef at_exit_method{"at_exit", at_exit, METH_NOARGS, nullptr};
  static inline constinit PyMethodDef methods[]{
      {"attempt", attempt, METH_NOARGS, "attempt($module, /)\n--\n\nLets uWSGI call the hooks, if this process runs in it."},
      {"loaded", loaded, METH_NOARGS, "loaded($module, /)\n--\n\nSays that the application is loaded."},
      {nullptr, nullptr, 0, nullptr}};
  static inline constinit PyModuleDef definition{
      PyModuleDef_HEAD_INIT, "uwsgi", nullptr, -1, methods, nullptr, nullptr, nullptr, nullptr};
};

}  // namespace forksafe::uwsgi_python

export namespace forksafe::python {

template <class App>
struct Part<App, UwsgiPythonPolicy> {
  static PyObject* make(App& application) noexcept {
    using Extension = uwsgi_python::Extension<App, UwsgiPythonPolicy>;
    Extension::application = &application;
    return PyModule_Create(&Extension::definition);
  }
};

}  // namespace forksafe::python
