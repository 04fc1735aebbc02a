// SPDX-License-Identifier: MIT
module forksafe.binding;

import :slots;
import forksafe.std.operators;

namespace forksafe::binding {

Filling Slots::fill(WorkerKey worker) {
  auto slot = std::ranges::find_if(slots_, [](Slot const& candidate) { return !candidate.worker; });
  if (slot == slots_.end()) slot = slots_.insert(slots_.end(), Slot{});
  slot->worker = worker;
  return {static_cast<int>(slot - slots_.begin()) + 1, ++slot->incarnation};
}

std::optional<Filling> Slots::find(WorkerKey worker) const noexcept {
  auto const slot = std::ranges::find(slots_, std::optional{worker}, &Slot::worker);
  if (slot == slots_.end()) return {};
  return Filling{static_cast<int>(slot - slots_.begin()) + 1, slot->incarnation};
}

void Slots::keep_only(std::span<WorkerKey const> alive) noexcept {
  for (Slot& slot : slots_)
    if (slot.worker && std::ranges::find(alive, *slot.worker) == alive.end()) slot.worker.reset();
}

}  // namespace forksafe::binding
