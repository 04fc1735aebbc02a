// SPDX-License-Identifier: MIT
export module forksafe.standalone.binding:board;

import forksafe.base;
import forksafe.std;

namespace forksafe::standalone {

using Clock = std::chrono::steady_clock;

/// What one worker reports to the master, in memory that both share.
struct Notice {
  /// Whether fork() has returned in it.
  std::atomic<bool> arrived;
  /// Whether it accepts requests.
  std::atomic<bool> ready;
  /// Whether it exits without having been told to.
  std::atomic<bool> leaving;
  /// The beginning of the current request, by Clock; 0 between requests.
  std::atomic<Clock::rep> busy_since;
  /// The time of its last sign of life, by Clock; 0 before the first. Its loop gives one each `pulse`.
  std::atomic<Clock::rep> alive_at;

  void clear() noexcept;
};

/// Slots are numbered from 1. A slot is free again when its process was reaped, so that no two living workers share what
/// they derive from its number. A rolling restart needs one slot more than there are workers.
inline constexpr int slot_limit = 512;

inline constexpr std::chrono::milliseconds pulse{1000};

/// One notice for each slot, mapped once, before the first fork.
class Board {
 public:
  /// Throws StartError.
  Board();

  [[nodiscard]] Notice& of(int slot) noexcept { return notices_[static_cast<std::size_t>(slot - 1)]; }

 private:
  base::Shared<Notice[]> notices_;
};

}  // namespace forksafe::standalone
