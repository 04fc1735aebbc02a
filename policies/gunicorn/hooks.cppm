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

/// gunicorn's number of a worker, which only grows: it names a worker, but is not a slot (gunicorn 20.1, spawn_worker).
using Age = binding::WorkerKey;

using namespace python;

/// The facts in a hook's arguments: which process this is, and which worker it is about.
struct Call {
  /// Both borrowed; null where the hook does not get them.
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
class Host {
 public:
  /// `load` loads the application that is attached; `choose` makes gunicorn its container, or sets an error; `module` is
  /// the Python module that has the hooks.
  Host(HostedApplication& application, void (*load)(), bool (*choose)() noexcept, bool reads_paste, std::string module)
      : application_(application), load_(load), choose_(choose), reads_paste_(reads_paste), module_(std::move(module)) {}

  /// The outcomes of entering a hook.
  enum class Entry {
    /// Its events are raised.
    raise,
    /// It does nothing: this process is neither the arbiter nor the worker that the hook is about, or the server is on its
    /// way down, because the application can't be used.
    skip,
    /// It ends with the Python error that is set.
    error
  };

  /// Reads a hook's arguments, after making the application ready and recognising gunicorn at the first of all hooks.
  /// Where the application can't be made ready, the error is the one with which gunicorn stops the whole server and
  /// prints no traceback; which one that is depends on the process and on the hook.
  Entry enter(HookEntry const& hook, PyObject* arguments, Call& call) noexcept;

  /// Configures and loads the application unless that is done; `configuration` is gunicorn's, or null where unknown. Returns
  /// false if the application can't be used; complaint() says why.
  bool ready(PyObject* configuration) noexcept;
  [[nodiscard]] std::string const& complaint() const noexcept { return complaint_; }

  /// Records that gunicorn is there and calls hooks. Returns false, with an error set, where another container was found
  /// before.
  bool recognise() noexcept;

  /// Called before each event that a hook raises.
  void before(std::size_t event, std::string_view hook, Call& call) noexcept;

  /// Returns, in a handler of os.register_at_fork, what pre_fork would have announced of a worker's fork if it did not.
  std::optional<Call> before_fork() noexcept;
  /// Returns, in such a handler after it, the fork that was announced in this process, if this was it; forgets it.
  std::optional<Call> after_fork() noexcept;
  /// Returns the fork that was announced in this process, if it has not been seen yet; forgets it.
  std::optional<Call> take_announced_fork() noexcept;

  /// Logs, once, in a worker, that none of the extension's hooks was called and none of those still to come may call one.
  /// `forked_now` while all of a worker's hooks are still to come.
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
  /// Whether the settings are those of gunicorn's option --paste: a host with settings of its own reads that itself.
  bool reads_paste_;
  std::string module_;
  State state_ = State::fresh;
  bool recognised_ = false;
  bool refused_ = false;
  std::string complaint_{};
  binding::Slots slots_{};
  pid_t announced_by_ = 0;
  Call announced_{};
  /// The generations of the arbiter and of the worker, from their first hooks on: processes that they fork are neither.
  std::uint64_t arbiter_ = 0;
  std::uint64_t worker_ = 0;
  /// The generations in which ApplicationPostFork was announced, and in which look_around() has seen enough.
  std::uint64_t forked_ = 0;
  std::uint64_t looked_ = 0;
  std::vector<std::string_view> heard_hooks_{};
  std::vector<std::string_view> missed_hooks_{};
};

}  // namespace forksafe::gunicorn
