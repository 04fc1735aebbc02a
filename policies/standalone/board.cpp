// SPDX-License-Identifier: MIT
module;
#include <cerrno>
#include <cstring>
module forksafe.standalone.binding;

import forksafe.base;
import forksafe.std.operators;

namespace forksafe::standalone {

static_assert(std::atomic<Clock::rep>::is_always_lock_free);

void Notice::clear() noexcept {
  arrived = false;
  ready = false;
  leaving = false;
  busy_since = 0;
  alive_at = 0;
}

Board::Board() : notices_(base::share<Notice[]>(slot_limit)) {
  if (!notices_)
    throw StartError{base::concat("cannot share memory with the workers: ", std::strerror(errno),
                                  " - free some memory, or raise the limit on it")};
}

}  // namespace forksafe::standalone
