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

/// A worker that is gone, and its wait status.
struct Gone {
  Process worker{};
  std::optional<int> status{};
};

/// The workers of the master's pool: which slot was filled how many times, and which are gone. Copied into each worker by its
/// fork.
class Pool {
 public:
  /// Returns the worker that the calling thread forks right now, in a handler of os.register_at_fork; nothing where the fork is
  /// another one (billiard 4.1 and 4.3, popen_fork.py: Popen._launch forks, and knows what it launches).
  [[nodiscard]] static std::optional<Starting> starting() noexcept;

  /// Returns the slot that the pool fills next, where the fork is too far off to see it (billiard 4.1, Pool._avail_index).
  [[nodiscard]] static std::optional<int> next_slot(PyObject* pool) noexcept;

  /// Returns the worker that comes into a slot.
  [[nodiscard]] Process coming(int slot) const noexcept;
  /// Fills the slot; the process may be null.
  void fill(int slot, Reference process);
  /// Returns the worker that is in a slot.
  [[nodiscard]] Process holder(int slot) const noexcept;

  /// Returns one of the workers that are gone and were not told of yet.
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
