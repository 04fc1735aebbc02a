// SPDX-License-Identifier: MIT
module;
#include <sys/types.h>
#include <unistd.h>
module forksafe.audit;

import forksafe.base;
import forksafe.std.operators;

namespace forksafe {
namespace {

/// What a process would have drawn: not the numbers themselves, which no other process may know.
struct Draw {
  std::atomic<std::uint64_t> sum;
  std::atomic<pid_t> process;
};

/// The draws of all processes that descend from the one that made the memory. The oldest goes first.
struct Draws {
  std::atomic<std::uint32_t> next;
  std::array<Draw, 1023> at;
};

constinit std::atomic<Draws*> draws{nullptr};

/// Returns FNV-1a, over both texts.
std::uint64_t hash_draw(std::string_view name, std::span<std::byte const, 16> drawn) noexcept {
  std::uint64_t sum = 0xcbf29ce484222325;
  auto const add = [&](unsigned char byte) { sum = (sum ^ byte) * 0x100000001b3; };
  for (char const letter : name) add(static_cast<unsigned char>(letter));
  for (std::byte const byte : drawn) add(static_cast<unsigned char>(byte));
  return sum;
}

}  // namespace

void share_draws() noexcept {
  if (draws.load() != nullptr) return;
  base::Shared<Draws> fresh = base::share<Draws>();
  Draws* nothing = nullptr;
  if (fresh && draws.compare_exchange_strong(nothing, fresh.get())) static_cast<void>(fresh.release());
}

bool holds_draws(SeenMapping const& mapping) noexcept {
  return mapping.begin == reinterpret_cast<std::uintptr_t>(draws.load());
}

pid_t drawn_by_another(std::string_view name, std::span<std::byte const, 16> drawn) noexcept {
  Draws* const shared = draws.load();
  if (shared == nullptr) return 0;
  std::uint64_t const sum = hash_draw(name, drawn);
  pid_t const self = ::getpid();
  for (Draw const& draw : shared->at) {
    if (draw.sum.load(std::memory_order_acquire) != sum) continue;
    if (pid_t const process = draw.process.load(std::memory_order_relaxed); process != self) return process;
  }
  Draw& own = shared->at[shared->next.fetch_add(1, std::memory_order_relaxed) % shared->at.size()];
  own.process.store(self, std::memory_order_relaxed);
  own.sum.store(sum, std::memory_order_release);
  return 0;
}

}  // namespace forksafe
