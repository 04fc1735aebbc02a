// SPDX-License-Identifier: MIT
module;
#include <Python.h>
export module forksafe.celery.binding:pool;

import forksafe;
import forksafe.cpython;
import forksafe.std;

namespace forksafe::celery {

using namespace python;

/// A worker that billiard is about to fork, or has forked.
struct Starting {
  Reference process{};
  int slot = 0;
};

/// A worker that has exited, and its wait status.
struct Gone {
  Process worker{};
  std::optional<int> status{};
};

/// The workers of the master's pool: how often each slot was filled, and which workers have exited. A fork copies it into the
/// worker.
class Pool {
 public:
  /// Returns, in a handler of os.register_at_fork, the worker that the calling thread forks; nothing in another fork (billiard
  /// 4.1 and 4.3, popen_fork.py: Popen._launch forks, and has the process object).
  [[nodiscard]] static std::optional<Starting> starting() noexcept;

  /// Returns the slot that the pool fills next, at a time when its process object does not exist yet (billiard 4.1,
  /// Pool._avail_index).
  [[nodiscard]] static std::optional<int> next_slot(PyObject* pool) noexcept;

  /// Returns the next worker of a slot.
  [[nodiscard]] Process coming(int slot) const noexcept;
  /// Fills the slot; the process may be null.
  void fill(int slot, Reference process);
  /// Returns the worker that now has a slot.
  [[nodiscard]] Process holder(int slot) const noexcept;

  /// Returns, once, a worker that has exited; nothing if there is none left.
  [[nodiscard]] std::optional<Gone> take_gone() noexcept;

 private:
  struct Worker {
    Reference process{};
    Process identity{};
  };

  [[nodiscard]] int fillings(int slot) const noexcept;

  std::vector<int> fillings_{};
  std::vector<Worker> workers_{};
};

}  // namespace forksafe::celery
