// SPDX-License-Identifier: MIT
module;
#include <atomic>
#include <cerrno>
#include <cstring>
#include <new>
#include <sys/mman.h>
module forksafe.standalone.binding;

namespace forksafe::standalone {
namespace {

constexpr std::size_t board_size = sizeof(Notice) * slot_limit;

static_assert(std::atomic<Clock::rep>::is_always_lock_free);

}  // namespace

void Notice::clear() noexcept {
  arrived = false;
  ready = false;
  leaving = false;
  busy_since = 0;
  alive_at = 0;
}

Board::Board() {
  void* const memory = ::mmap(nullptr, board_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    throw StartError{text("cannot share memory with the workers: ", std::strerror(errno),
                          " - free some memory, or raise the limit on it")};
  }
  notices_ = static_cast<Notice*>(memory);
  for (int slot = 1; slot <= slot_limit; ++slot) new (&of(slot)) Notice{};
}

Board::~Board() { ::munmap(notices_, board_size); }

}  // namespace forksafe::standalone
