// SPDX-License-Identifier: MIT
export module forksafe.standalone.binding:board;

import forksafe.base;
import forksafe.std;

namespace forksafe::standalone {

using Clock = std::chrono::steady_clock;

/// The notice that one worker keeps for the master, in memory that both share.
struct Notice {
  /// Whether it has come out of fork().
  std::atomic<bool> arrived;
  /// Whether it accepts requests.
  std::atomic<bool> ready;
  /// Whether it has decided on its own to leave.
  std::atomic<bool> leaving;
  /// Since when it has been busy with the request at hand, by Clock; 0 between requests.
  std::atomic<Clock::rep> busy_since;
  /// When its loop last went round, by Clock; 0 before it first does. It says so each `pulse`.
  std::atomic<Clock::rep> alive_at;

  void clear() noexcept;
};

/// Slots are numbered from 1. A slot is free again when its process was reaped, so that what a worker derives from its
/// number is never shared by two that live; a rolling restart needs one slot more than there are workers.
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
