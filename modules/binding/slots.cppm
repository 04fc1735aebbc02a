// SPDX-License-Identifier: MIT
export module forksafe.binding:slots;

import forksafe.std;

export namespace forksafe::binding {

/// A container's name for a worker as long as it lives, which is not a slot: a number that only grows, a process id.
using WorkerKey = long;

/// A slot and how many workers have filled it, this one included.
struct Filling {
  int slot = 0;
  int incarnation = 0;
};

/// The stable numbers of workers, kept by the master and copied into each worker by its fork.
class Slots {
 public:
  /// Gives the lowest free number to a new worker.
  Filling fill(WorkerKey worker);
  [[nodiscard]] std::optional<Filling> find(WorkerKey worker) const noexcept;
  /// Frees the numbers of all workers that are not among `alive`.
  void keep_only(std::span<WorkerKey const> alive) noexcept;

 private:
  struct Slot {
    std::optional<WorkerKey> worker;
    int incarnation = 0;
  };
  std::vector<Slot> slots_;
};

}  // namespace forksafe::binding
