// SPDX-License-Identifier: MIT
module;
#include <optional>
#include <span>
#include <vector>
export module forksafe.gunicorn.binding:slots;

namespace forksafe::gunicorn {

/// gunicorn's number of a worker, which only grows: it names a worker, but is no slot (gunicorn 20.1, spawn_worker).
using Age = long;

/// A slot and how many workers have filled it, this one included.
struct Filling {
  int slot = 0;
  int incarnation = 0;
};

/// The stable numbers of workers, kept by the arbiter and copied into each worker by its fork.
class Slots {
 public:
  /// Gives the lowest free number to a new worker.
  Filling fill(Age worker);
  [[nodiscard]] std::optional<Filling> find(Age worker) const noexcept;
  /// Frees the numbers of all workers that are not among `alive`.
  void keep_only(std::span<Age const> alive) noexcept;

 private:
  struct Slot {
    std::optional<Age> worker;
    int incarnation = 0;
  };
  std::vector<Slot> slots_;
};

}  // namespace forksafe::gunicorn
