// SPDX-License-Identifier: MIT
module;
#include <algorithm>
#include <chrono>
#include <cstdint>
module forksafe.standalone.binding;

namespace forksafe::standalone {

std::chrono::milliseconds back_off(std::uint32_t failures) noexcept {
  if (failures == 0) return {};
  return std::chrono::milliseconds{std::min(100u << std::min(failures - 1, 10u), 5'000u)};
}

int Slots::next() const noexcept {
  int free = 0;
  for (int slot = 1; slot <= slot_limit; ++slot) {
    if (at(slot).taken) continue;
    if (at(slot).wanted_back) return slot;
    if (free == 0) free = slot;
  }
  return free;
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
  // Counted from the fork: a worker that has already waited before it left is not made to wait twice.
  emptied.due = filled + back_off(emptied.deaths);
}

}  // namespace forksafe::standalone
