// SPDX-License-Identifier: MIT
export module forksafe:failures;

import :report;
import forksafe.std;

namespace forksafe {

/// Keeps the failures of a process in bounded memory, however long it lives: the first ones and the latest. Equal ones are one
/// row with their number, of the process that failed last; those between are counted only.
class Failures {
 public:
  static constexpr std::size_t first = 16;
  static constexpr std::size_t limit = 64;
  /// The rest of a longer reason is only in the log.
  static constexpr std::size_t longest_reason = 2'000;

  void add(FailureRow failure);
  [[nodiscard]] std::vector<FailureRow> const& rows() const noexcept { return rows_; }
  /// Returns the number of failures that have no row any more.
  [[nodiscard]] std::uint64_t dropped() const noexcept { return dropped_; }

 private:
  std::vector<FailureRow> rows_{};
  std::uint64_t dropped_ = 0;
};

/// The lines of a log that a process keeps: the first ones and the latest, with a line between that says so.
inline constexpr std::size_t line_limit = 100;
void add_line(std::vector<std::string>& log, std::string line);

}  // namespace forksafe
