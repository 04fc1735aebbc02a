// SPDX-License-Identifier: MIT
module;
#include <Python.h>
#include <string>
#include <unistd.h>
#include <vector>
export module forksafe.uwsgi_python.binding;

import forksafe;
import forksafe.binding;
import forksafe.cpython;
import forksafe.std;
import forksafe.uwsgi_python;

namespace forksafe::uwsgi_python {

using namespace python;

/// One hook of uWSGI, and the callables that other code has set there, before or after forksafe's.
struct Chain {
  char const* hook = nullptr;
  PyObject* own = nullptr;
  /// The latest one is last. It may call the one that was set before it, which may be forksafe's.
  std::vector<PyObject*> others{};
  /// How many of them are being called.
  std::size_t depth = 0;
};

/// The server as the module `uwsgi` of its Python plugin describes it. Every call needs the lock of the main interpreter: uWSGI
/// calls no hook of another interpreter.
class Server {
 public:
  /// Returns why this is not uWSGI, empty if it is. Looks at the functions of the module, because other modules have its name.
  [[nodiscard]] std::string missing();
  /// Reads the facts that stay the same in a process and its children. The server must not be missing().
  void connect() noexcept;
  [[nodiscard]] bool has_master() const noexcept { return has_master_; }
  /// Whether this process is the one that forks the others. Needs no lock.
  [[nodiscard]] bool is_forking() const noexcept { return forking_in_ == ::getpid(); }
  /// Whether a fork that begins in this thread may be uWSGI's own. Needs no lock.
  [[nodiscard]] bool may_be_forking() const noexcept;
  /// Whether uWSGI has forked this process, and its hooks after the fork have run.
  [[nodiscard]] bool has_passed_fork() const noexcept { return has_passed_fork_; }
  /// Finds out what this process is. Called once in a new process, which counts as one more in its slot.
  void identify() noexcept;
  void be(ProcessKind const& kind) noexcept;
  /// Whether uWSGI has forked this process, and identify() was called in it. Needs no lock.
  [[nodiscard]] bool is_identified() const noexcept { return identified_in_ == ::getpid(); }
  /// Whether this is a worker in which identify() was never called.
  [[nodiscard]] bool was_passed_over() const noexcept;
  /// Returns what identify() found, in this process or in the one that forked it.
  [[nodiscard]] Process this_process() const noexcept;
  /// Registers `method`, which must call go_on(), as uWSGI's hook. Logs a failure.
  void chain(Chain& chain, char const* hook, PyMethodDef& method) noexcept;
  /// Registers the method again if the hook was set to another one since.
  void keep(Chain& chain) noexcept;
  /// Calls what other code has set. Returns its result, as a new reference, or null with its error.
  PyObject* go_on(Chain& chain) noexcept;

  Chain post_fork{};
  Chain at_exit{};

 private:
  [[nodiscard]] long ask(char const* function) const noexcept;
  [[nodiscard]] bool is_member(long master) const noexcept;
  [[nodiscard]] int incarnation_of(int worker) noexcept;
  [[nodiscard]] std::optional<int> spooler_number() const noexcept;

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
  pid_t identified_in_ = 0;
};

/// Calls `arrived` when the outermost call of Python code in this thread has returned to uWSGI. Returns false if that cannot be
/// seen.
bool await_return(void (*arrived)() noexcept) noexcept;

/// Cancels the call: the end of the interpreter drops all frames.
void await_nothing() noexcept;

/// Whether the interpreter of this thread has imported a module of this name.
bool has_module(char const* name) noexcept;

template <ContainerPolicy Policy>
using RaisesOf =
    binding::Raises<Policy, binding::Single<"load", ApplicationServerStarting>,
                    binding::Single<"load", ApplicationPostWorkerInit>, binding::Single<"load", ApplicationWorkerReady>,
                    binding::Single<"pthread_atfork_prepare", ApplicationPreFork>,
                    binding::Single<"pthread_atfork_parent", ApplicationPostForkParent>,
                    binding::Single<"post_fork", ApplicationPostFork>, binding::Single<"post_fork", ApplicationPostWorkerInit>,
                    binding::Single<"post_fork", ApplicationWorkerReady>, binding::Single<"atexit", ApplicationWorkerExit>>;
static_assert(binding::CompleteBinding<RaisesOf<UwsgiPythonPolicy>>);

/// The part of an application that uWSGI's Python plugin runs. One per process, never destroyed.
template <class App, class Policy>
struct Extension {
  using Raises = RaisesOf<Policy>;
  static inline constinit App* application = nullptr;
  static inline auto& server = *new Server;
  static inline constinit bool attempted = false;
  static inline constinit pid_t connected_in = 0;
  static inline constinit pid_t loaded_in = 0;
  static inline constinit std::optional<PyGILState_STATE> taken_over_fork{};
  static inline constinit bool is_announced = false;

  template <Text Hook, class Event>
  static void raise(Process const& process, bool app_loaded = true) noexcept {
    bool const forked =
        process.role != Role::master && (server.has_master() || process.role != Role::worker || process.slot.value_or(1) != 1);
    Raises::template raise<Hook, Event>(*application, {.process = process, .forked = forked, .app_loaded = app_loaded});
  }

  /// Calls what other code has set, even if a subscriber failed, unless a subscriber has ended the process.
  static PyObject* go_on(Chain& chain) noexcept {
    if (!restore_interruption()) return server.go_on(chain);
    if (PyErr_ExceptionMatches(PyExc_SystemExit) != 0) return nullptr;
    PyErr_Print();
    return server.go_on(chain);
  }

  static PyObject* post_fork(PyObject*, PyObject*) noexcept {
    // A callable that was set later calls this one, which it found there.
    if (server.post_fork.depth != 0) return server.go_on(server.post_fork);
    server.identify();
    Process const process = server.this_process();
    raise<"post_fork", ApplicationPostFork>(process);
    if (process.role == Role::worker) {
      raise<"post_fork", ApplicationPostWorkerInit>(process);
      raise<"post_fork", ApplicationWorkerReady>(process);
    }
    server.keep(server.at_exit);
    return go_on(server.post_fork);
  }

  static PyObject* at_exit(PyObject*, PyObject*) noexcept {
    if (server.at_exit.depth != 0) return server.go_on(server.at_exit);
    await_nothing();
    if (server.is_identified()) raise<"atexit", ApplicationWorkerExit>(server.this_process());
    if (server.was_passed_over())
      log_line(
          "uwsgi.post_fork_hook was set after forksafe was found, and no fork came in between: ApplicationPostFork, "
          "ApplicationPostWorkerInit and ApplicationWorkerReady are heard by no subscriber in this worker; set it earlier");
    if (server.is_identified() && server.has_passed_fork() && is_worker() && loaded_in != ::getpid())
      log_line("the end of the application's load was not seen, as where it keeps a traceback: ApplicationPostWorkerInit and "
               "ApplicationWorkerReady were heard by no subscriber in this worker; end its module with "
               "forksafe.core.uwsgi.loaded()");
    return go_on(server.at_exit);
  }

  // uWSGI forks without the interpreter's lock. A thread that holds it then does not exist in the child, which would wait for
  // it without end before any hook is called.
  static void prepare() noexcept {
    if (!server.may_be_forking()) return;
    taken_over_fork = take_lock();
    // uWSGI forks its processes from its own loop. Python code calls os.fork and the like.
    if (runs_python()) return give_lock(taken_over_fork);
    is_announced = true;
    in_main([] {
      server.keep(server.post_fork);
      server.keep(server.at_exit);
      raise<"pthread_atfork_prepare", ApplicationPreFork>({Role::master});
    });
    drop_interruption();
  }
  static void parent() noexcept {
    if (!std::exchange(is_announced, false)) return;
    raise<"pthread_atfork_parent", ApplicationPostForkParent>({Role::master});
    drop_interruption();
    give_lock(taken_over_fork);
  }
  static void child() noexcept {
    if (std::exchange(is_announced, false)) give_lock(taken_over_fork);
  }

  template <class Step>
  static void in_main(Step step) noexcept try {
    InInterpreter const there{Interpreter::main()};
    step();
  } catch (...) {
    log_line("no memory to enter Python's main interpreter: uWSGI's hooks are not seen there");
  }

  /// Finds out whether this process runs in uWSGI, and then asks it to call the hooks. Once in a process.
  static PyObject* attempt(PyObject*, PyObject*) noexcept try {
    if (connected_in != 0) return PyBool_FromLong(1);
    std::string reason;
    bool is_chosen = false;
    {
      InInterpreter const there{Interpreter::main()};
      reason = server.missing();
      if (reason.empty()) is_chosen = choose<App, Policy>(*application);
      if (is_chosen) connect();
      if (reason.empty() && !is_chosen) PyErr_Clear();
    }
    if (!reason.empty()) {
      if (!std::exchange(attempted, true))
        application->mark_unavailable(Policy::environment, reason == "there is no module uwsgi" ? "" : reason);
      return PyBool_FromLong(0);
    }
    if (!is_chosen) return choose<App, Policy>(*application) ? PyBool_FromLong(1) : nullptr;
    return restore_interruption() ? nullptr : PyBool_FromLong(1);
  } catch (...) {
    return PyErr_NoMemory();
  }

  static void connect() {
    server.connect();
    if (server.has_master()) {
      application->mark_configured();
    } else {
      application->mark_misconfigured(Policy::requirements[0]);
    }
    connected_in = ::getpid();
    // In a worker uWSGI has called post_fork_hook before it loads the application, so it is registered in the master only.
    if (server.is_forking()) server.chain(server.post_fork, "post_fork_hook", post_fork_method);
    if (server.is_forking() || server.has_passed_fork()) server.chain(server.at_exit, "atexit", at_exit_method);
    if (server.is_forking()) {
      watch_forks({.prepare = prepare, .parent = parent, .child = child});
      raise<"load", ApplicationServerStarting>({Role::master});
    }
    if (server.has_passed_fork()) raise<"post_fork", ApplicationPostFork>(server.this_process(), false);
  }

  static bool is_worker() noexcept { return server.this_process().role == Role::worker; }

  /// Runs when the application is loaded in this process. Under --lazy-apps a worker serves next.
  static void load_has_ended() noexcept {
    if (connected_in != ::getpid() || !server.has_passed_fork() || !is_worker()) return;
    loaded_in = ::getpid();
    in_main([] { server.keep(server.at_exit); });
    raise<"load", ApplicationPostWorkerInit>(server.this_process());
    raise<"load", ApplicationWorkerReady>(server.this_process());
  }

  static PyObject* loaded(PyObject*, PyObject*) noexcept {
    load_has_ended();
    return restore_interruption() ? nullptr : none();
  }

  /// Runs before a subscription. uWSGI and its module exist before the first line of an application runs.
  static void look() noexcept {
    if (connected_in == 0 && !has_module("uwsgi")) return;
    if (!Reference{attempt(nullptr, nullptr)}) PyErr_Clear();
    if (connected_in != ::getpid() || !server.has_passed_fork() || loaded_in == ::getpid()) return;
    auto const arrived = []() noexcept {
      load_has_ended();
      drop_interruption();
    };
    if (!await_return(arrived)) load_has_ended();
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
  static void look() noexcept { uwsgi_python::Extension<App, UwsgiPythonPolicy>::look(); }

  static PyObject* make(App& application) noexcept {
    using Extension = uwsgi_python::Extension<App, UwsgiPythonPolicy>;
    Extension::application = &application;
    return PyModule_Create(&Extension::definition);
  }
};

}  // namespace forksafe::python
