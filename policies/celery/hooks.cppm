// SPDX-License-Identifier: MIT
module;
#include <Python.h>
#include <sys/types.h>
export module forksafe.celery.binding:hooks;

import forksafe;
import forksafe.cpython;
import forksafe.std;
import :pool;

namespace forksafe::celery {

using namespace python;

/// The process that a hook was called in.
struct Call {
  Process self{Role::master};
  bool forked = false;
};

/// The common part of the hooks of one extension, whatever its application's type. One per process, made at import before the
/// first fork, never destroyed.
class HookDispatcher {
 public:
  /// The steps of an extension with its application. choose() records that the container is Celery, and returns false with a
  /// Python error if another one was chosen; load() loads the components that were not loaded yet.
  struct Steps {
    bool (*choose)() noexcept;
    void (*load)();
  };

  HookDispatcher(HostedApplication& application, Steps steps) noexcept : application_(application), steps_(steps) {}

  /// Connects the receiver to the signal of its name, once however often this is called. The connection is a strong one: Celery
  /// would otherwise drop a receiver without another owner. Returns false without Celery, or if this Celery lacks the signal.
  bool connect(char const* signal, PyObject* receiver) const noexcept;

  /// Loads the application unless that is done. Returns false if it cannot be used; complaint() says why.
  bool ready() noexcept;
  [[nodiscard]] std::string const& complaint() const noexcept { return complaint_; }

  /// The outcomes of begin_hook().
  enum class Entry {
    /// Its events are raised.
    raise,
    /// It does nothing, as in a process that a worker or the master has forked by itself, and that inherits the receivers.
    skip,
    /// It ends with the Python error that is set.
    error
  };

  /// Is called before the events of a signal, with the keywords that its receivers get.
  Entry begin_hook(std::string_view signal, PyObject* keywords, Call& call) noexcept;
  /// Is called after the events. Returns false, with the Python error set, if the signal ends with an error.
  bool end_hook(Call const& call) noexcept;

  /// Returns, before any fork, the worker that it makes, whether the pool has announced it or not; nothing before other forks.
  std::optional<Process> before_fork() noexcept;
  /// Returns the worker that the pool announces before its fork.
  Process announce(PyObject* pool) noexcept;
  /// Returns, after a fork, the worker whose fork was announced in this process, and drops it. Returns nothing after another
  /// fork.
  std::optional<Process> after_fork() noexcept;
  /// Returns the worker whose fork was announced in this process and has not been seen yet, and drops it.
  std::optional<Process> take_announced_fork() noexcept;

  /// Replaces Celery's check whether the first workers have started with `answer`, which gets the pool as its self.
  void answer_for_start(PyMethodDef& answer) noexcept;
  /// Returns the result of the check. True if a subscriber's failure has ended all workers that are gone: it starts their
  /// replacements. Nothing if Celery's own check decides.
  std::optional<bool> has_started() noexcept;

  [[nodiscard]] std::optional<Gone> take_gone() noexcept { return pool_.take_gone(); }

 private:
  Entry prepare(Role role) noexcept;
  [[nodiscard]] bool is_member(std::string_view signal, Role role) noexcept;
  void take_settings(PyObject* sender);
  void learn_pool() noexcept;
  [[nodiscard]] std::optional<SteadyTime> start_by(SteadyTime forked_at) const noexcept;
  bool forks() noexcept;
  void remark(std::string const& line) noexcept;

  enum class State { fresh, ready, unusable };

  HostedApplication& application_;
  Steps steps_;
  State state_ = State::fresh;
  std::string complaint_{};
  bool recognised_ = false;
  bool pool_known_ = false;
  bool spawns_ = false;
  /// The generation and role of the last process of Celery in which the extension's hooks were called.
  std::uint64_t member_ = 0;
  Role member_role_ = Role::unknown;
  pid_t master_ = 0;
  /// Celery's object `Worker`, which represents the master.
  Reference worker_{};
  Pool pool_{};
  pid_t announced_by_ = 0;
  Process announced_{};
  SteadyTime forked_at_{};
  /// Celery's own check, which answer_for_start() has replaced.
  Reference did_start_{};
};

}  // namespace forksafe::celery
