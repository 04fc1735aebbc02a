// SPDX-License-Identifier: MIT
export module forksafe.standalone.binding:slots;

import :board;
import forksafe.std;

namespace forksafe::standalone {

/// Chooses the slot of the next worker, and the time of its fork: the back-off of a slot grows while its workers die young.
class Slots {
 public:
  /// A slot to fill; 0 if no slot is due now, and then `due` is the time of the next look.
  struct Choice {
    int slot = 0;
    Clock::time_point due = Clock::time_point::max();
  };

  /// Returns the slot to fill if `missing` workers are to be forked: the lowest that is due among those whose workers were
  /// lost, or the lowest free one if more are missing than were lost. A slot in its back-off delays no other.
  [[nodiscard]] Choice next(Clock::time_point now, int missing) const noexcept;
  /// Returns the incarnation of the next worker in the slot.
  [[nodiscard]] int next_incarnation(int slot) const noexcept { return at(slot).incarnation + 1; }

  void fill(int slot) noexcept;
  /// `wanted_back`: the worker was lost, and the slot is to be filled again first. `young`: it died too early.
  void empty(int slot, Clock::time_point filled, bool wanted_back, bool young) noexcept;

 private:
  struct Slot {
    int incarnation = 0;
    std::uint32_t deaths = 0;
    bool taken = false;
    bool wanted_back = false;
    Clock::time_point due{};
  };
  [[nodiscard]] Slot const& at(int slot) const noexcept { return slots_[static_cast<std::size_t>(slot - 1)]; }
  [[nodiscard]] Slot& at(int slot) noexcept { return slots_[static_cast<std::size_t>(slot - 1)]; }

  std::array<Slot, slot_limit> slots_{};
};

/// Returns 100 ms for the first failure in a row, and doubles it with each further one, up to 5 s.
[[nodiscard]] std::chrono::milliseconds back_off(std::uint32_t failures) noexcept;

}  // namespace forksafe::standalone
