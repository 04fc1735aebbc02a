// SPDX-License-Identifier: MIT
module;
#include <chrono>
#include <cstdint>
#include <string_view>
export module forksafe:start_limit;

import forksafe.journal;

namespace forksafe {

/// In how much time after its fork a worker has to start, where its container says so.
struct StartLimit {
  Moment begin{};
  Moment end = Moment::max();
  std::string_view setting{};
  /// The process that it is for: its children have none.
  std::uint64_t generation = 0;

  [[nodiscard]] Moment warning() const noexcept { return begin + (end - begin) / 4 * 3; }
  /// What is left behind this is for leaving.
  [[nodiscard]] Moment due() const noexcept { return begin + (end - begin) / 8 * 7; }
};

}  // namespace forksafe
