// SPDX-License-Identifier: MIT
module;
#include <Python.h>
#include <sys/types.h>
export module forksafe.gunicorn.binding:hooks;

import forksafe;
import forksafe.binding;
import forksafe.cpython;
import forksafe.std;
import :arbiter;

namespace forksafe::gunicorn {

/// gunicorn's number of a worker, which only grows. It identifies a worker, and is not a slot (gunicorn 20.1, spawn_worker).
using Age = binding::WorkerKey;

using namespace python;

/// The facts in a hook's arguments: which process this is, and which worker the hook is about.
struct Call {
  /// Server and worker are borrowed, and null if the hook does not get them.
  PyObject* server = nullptr;
  PyObject* worker = nullptr;
  /// Role::worker only in the worker itself: the arbiter calls some hooks on behalf of a worker.
  Role role = Role::master;
  std::optional<Age> age{};
  bool app_loaded = false;
  /// The worker that the hook is about, as far as known.
  Process subject{};

  /// Returns the calling process, for the event.
  [[nodiscard]] Process self() const noexcept { return role == Role::worker ? subject : Process{Role::master}; }
  [[nodiscard]] binding::Facts facts() const noexcept {
    return {.process = self(), .child = subject, .forked = role == Role::worker, .app_loaded = app_loaded};
  }
};

/// The common part of the hooks of one extension, whatever its application's type. One per process, made at import before the
/// first fork, never destroyed: gunicorn's workers run the exit handlers of the arbiter.
class HookDispatcher {
 public:
  /// `load` loads the application that is attached; `choose` makes gunicorn its container, or sets an error; `module` is
  /// the Python module that has the hooks.
  HookDispatcher(HostedApplication& application, void (*load)(), bool (*choose)() noexcept, bool reads_paste,
                 std::string module)
      : application_(application), load_(load), choose_(choose), reads_paste_(reads_paste), module_(std::move(module)) {}

  /// The outcomes of begin_hook().
  enum class Entry {
    /// Its events are raised.
    raise,
    /// It does nothing: this process is neither the arbiter nor the worker that the hook is about, or the server is stopping
    /// because the application cannot be used.
    skip,
    /// It ends with the Python error that is set.
    error
  };

  /// Reads a hook's arguments. Before that, the first hook of all makes the application ready and recognises gunicorn. If the
  /// application cannot be made ready, sets the error with which gunicorn stops the whole server and prints no traceback; the
  /// process and the hook decide which error that is.
  Entry begin_hook(HookEntry const& hook, PyObject* arguments, Call& call) noexcept;

  /// Configures and loads the application unless that is done; `configuration` is gunicorn's, or null if it is unknown. Returns
  /// false if the application cannot be used; complaint() says why.
  bool ready(PyObject* configuration) noexcept;
  [[nodiscard]] std::string const& complaint() const noexcept { return complaint_; }

  /// Records that gunicorn calls the hooks. Returns false, with an error set, if another container was found before.
  bool recognise() noexcept;

  /// Called before each event that a hook raises.
  void before(std::size_t event, std::string_view hook, Call& call) noexcept;

  /// Returns, in a handler of os.register_at_fork, the call that pre_fork would have got for a worker's fork, unless pre_fork
  /// has announced it.
  std::optional<Call> before_fork() noexcept;
  /// Returns, in such a handler after the fork, the fork that was announced in this process, and drops it. Returns nothing
  /// after another fork.
  std::optional<Call> after_fork() noexcept;
  /// Returns the fork that was announced in this process and has not been seen yet, and drops it.
  std::optional<Call> take_announced_fork() noexcept;

  /// Logs once, in a worker, that none of the extension's hooks was called, if no later hook may call one. `forked_now` is set
  /// before the first of the worker's hooks.
  void look_around(bool forked_now = false) noexcept;

 private:
  [[nodiscard]] std::optional<Role> role_here(Call const& call) noexcept;
  void miss(PyObject* configuration, char const* hook, std::string_view consequence) noexcept;
  void check_earlier_hooks(std::string_view hook, Call const& call) noexcept;
  void give_slot(Call& call) noexcept;
  void take_settings(PyObject* configuration);
  void refuse(Call const& call) noexcept;

  enum class State { fresh, ready, unusable };

  HostedApplication& application_;
  void (*load_)();
  bool (*choose_)() noexcept;
  /// Whether the settings come from gunicorn's option --paste. A Python application reads that file itself.
  bool reads_paste_;
  std::string module_;
  State state_ = State::fresh;
  bool recognised_ = false;
  bool refused_ = false;
  std::string complaint_{};
  binding::Slots slots_{};
  pid_t announced_by_ = 0;
  Call announced_{};
  /// The generations of the arbiter and of the worker, noted at their first hooks. Processes that they fork are neither.
  std::uint64_t arbiter_ = 0;
  std::uint64_t worker_ = 0;
  /// The generations in which ApplicationPostFork was announced, and in which look_around() has logged.
  std::uint64_t forked_ = 0;
  std::uint64_t looked_ = 0;
  std::vector<std::string_view> heard_hooks_{};
  std::vector<std::string_view> missed_hooks_{};
};

}  // namespace forksafe::gunicorn
