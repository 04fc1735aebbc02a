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

/// The workers of the master's pool: which slot was filled how many times, and who is gone. Copied into each worker by
/// its fork.
class Pool {
 public:
  /// The worker that the calling thread forks right now, in a handler of os.register_at_fork; nothing where the fork is
  /// somebody else's (billiard 4.1 and 4.3, popen_fork.py: Popen._launch forks, and knows what it launches).
  [[nodiscard]] static std::optional<Starting> starting() noexcept;

  /// The slot that the pool fills next, without the fork being near enough to see it (billiard 4.1, Pool._avail_index).
  [[nodiscard]] static std::optional<int> next_slot(PyObject* pool) noexcept;

  /// The worker that comes into a slot.
  [[nodiscard]] Process coming(int slot) const noexcept;
  /// It comes; the process may be null.
  void fill(int slot, Reference process);
  /// The worker that is in a slot.
  [[nodiscard]] Process holder(int slot) const noexcept;

  /// One of the workers that are gone and were not told of yet.
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
