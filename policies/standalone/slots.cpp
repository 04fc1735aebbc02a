// SPDX-License-Identifier: MIT
module forksafe.standalone.binding;

import forksafe.std.operators;

namespace forksafe::standalone {

std::chrono::milliseconds back_off(std::uint32_t failures) noexcept {
  if (failures == 0) return {};
  return std::chrono::milliseconds{std::min(100u << std::min(failures - 1, 10u), 5'000u)};
}

Slots::Choice Slots::next(Clock::time_point now, int missing) const noexcept {
  Choice waiting{};
  int free = 0;
  int lost = 0;
  for (int slot = 1; slot <= slot_limit; ++slot) {
    Slot const& one = at(slot);
    if (one.taken) continue;
    bool const is_due = one.due <= now;
    if (one.wanted_back) {
      if (is_due) return {slot, now};
      ++lost;
      waiting.due = std::min(waiting.due, one.due);
    } else if (is_due && free == 0) {
      free = slot;
    }
  }
  if (missing > lost && free != 0) return {free, now};
  return waiting;
}

void Slots::fill(int slot) noexcept {
  Slot& filled = at(slot);
  filled.taken = true;
  filled.wanted_back = false;
  ++filled.incarnation;
}

void Slots::empty(int slot, Clock::time_point filled, bool wanted_back, bool young) noexcept {
  Slot& emptied = at(slot);
  emptied.taken = false;
  emptied.wanted_back = wanted_back;
  emptied.deaths = young ? emptied.deaths + 1 : 0;
  // The back-off begins at the fork: a worker that has already waited before its exit does not delay the next one twice.
  emptied.due = filled + back_off(emptied.deaths);
}

}  // namespace forksafe::standalone
