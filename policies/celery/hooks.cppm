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
class Host {
 public:
  /// The steps of an extension with its application: choose() says that the container is Celery, and is false with a Python
  /// error where another one was chosen; load() loads what was not loaded yet.
  struct Steps {
    bool (*choose)() noexcept;
    void (*load)();
  };

  Host(HostedApplication& application, Steps steps) noexcept : application_(application), steps_(steps) {}

  /// Lets Celery call the receiver at each signal of its name, once however often this is called, and permanently: Celery
  /// itself would forget a receiver without another owner. Returns false where this Celery has no such signal, or where there
  /// is no Celery.
  bool connect(char const* signal, PyObject* receiver) const noexcept;

  /// Loads the application unless that is done. Returns false if it can't be used; complaint() says why.
  bool ready() noexcept;
  [[nodiscard]] std::string const& complaint() const noexcept { return complaint_; }

  /// The outcomes of entering a hook.
  enum class Entry {
    /// Its events are raised.
    raise,
    /// It does nothing: as in processes that a worker or the master has forked by itself, which have their signals too.
    skip,
    /// It ends with the Python error that is set.
    error
  };

  /// Called before the events of a signal, with the keywords that its receivers get.
  Entry enter(std::string_view signal, PyObject* keywords, Call& call) noexcept;
  /// Called after them. Returns false with the Python error with which the signal ends.
  bool leave(Call const& call) noexcept;

  /// Returns, before a fork, which the pool has announced or not, the worker that it makes, if it makes one.
  std::optional<Process> before_fork() noexcept;
  /// Returns, before the fork, the worker that the pool announces.
  Process announce(PyObject* pool) noexcept;
  /// Returns, after it, the worker whose fork was announced in this process, if this was it; forgets it.
  std::optional<Process> after_fork() noexcept;
  /// Returns the worker whose fork was announced in this process and is not closed; forgets it.
  std::optional<Process> take_announced_fork() noexcept;

  /// Lets `answer`, with the pool as its self, say in Celery's place whether the first workers have come up.
  void answer_for_start(PyMethodDef& answer) noexcept;
  /// What it says: whether only such workers are gone as their subscribers have ended, whose replacements it starts; nothing
  /// where Celery is to say it.
  std::optional<bool> has_started() noexcept;

  [[nodiscard]] std::optional<Gone> take_gone() noexcept { return pool_.take_gone(); }

 private:
  Entry prepare(Role role) noexcept;
  [[nodiscard]] bool is_member(std::string_view signal, Role role) noexcept;
  void take_settings(PyObject* sender);
  void learn_pool() noexcept;
  [[nodiscard]] std::optional<Moment> start_by(Moment forked_at) const noexcept;
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
  /// Which process the extension's hooks were last called in as one of Celery's, and which it is.
  std::uint64_t member_ = 0;
  Role member_role_ = Role::unknown;
  pid_t master_ = 0;
  /// Celery's worker object, which is the master.
  Reference worker_{};
  Pool pool_{};
  pid_t announced_by_ = 0;
  Process announced_{};
  Moment forked_at_{};
  /// Celery's own answer to answer_for_start().
  Reference did_start_{};
};

}  // namespace forksafe::celery
