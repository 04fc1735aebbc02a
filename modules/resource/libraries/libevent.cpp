// SPDX-License-Identifier: MIT
module;
#include <event2/event.h>
module forksafe.resource.libevent;

import forksafe.std.operators;

namespace forksafe {

LibeventTraits::LibeventTraits() : base_(event_base_new()) {
  if (base_ == nullptr) throw std::runtime_error{"event_base_new failed"};
}

void LibeventTraits::after_fork_in_child() {
  if (event_reinit(base_) != 0) throw std::runtime_error{"event_reinit could not add all events again"};
}

}  // namespace forksafe
