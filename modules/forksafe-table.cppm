// SPDX-License-Identifier: MIT
module;
#include <cstddef>
#include <cstdint>
#include <span>
#include <sys/types.h>
#include <vector>
export module forksafe:table;

import :hana;
import :policy;
import :process;

namespace forksafe {

struct SharedTable;

/// What each process of one server has heard, in memory that all of them share: mapped before the first fork, of a
/// fixed size, without locks. A process writes only its own entry; when all are taken, the oldest dead one goes first.
class ProcessTable {
 public:
  explicit ProcessTable(std::span<Wire const> wiring) noexcept;

  /// Makes sure that the calling process has an entry, and brings its identity up to date.
  void enter(Process const& process, bool forked) noexcept;
  /// Counts one delivery of a row of the wiring.
  void count(std::size_t row, bool failed) noexcept;
  /// A child is gone.
  void leave(pid_t process) noexcept;

  /// One more failure in a row for the slot; returns how many there were.
  std::uint32_t strike(int slot) noexcept;
  /// The slot's process is fit to serve: its failures are forgotten.
  void absolve(int slot) noexcept;

  [[nodiscard]] std::vector<ProcessRow> rows() const;

 private:
  std::span<Wire const> wiring_;
  SharedTable* shared_ = nullptr;
  std::size_t own_ = 0;
  std::uint64_t own_generation_ = 0;
};

}  // namespace forksafe
