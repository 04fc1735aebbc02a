// SPDX-License-Identifier: MIT
module;
#include <algorithm>
#include <memory>
#include <utility>
module forksafe;

namespace forksafe {

void Registry::put(void const* key, std::shared_ptr<void> service) {
  auto const found = std::ranges::find(services_, key, &std::pair<void const*, std::shared_ptr<void>>::first);
  if (found != services_.end()) {
    found->second = std::move(service);
  } else {
    services_.emplace_back(key, std::move(service));
  }
}

void* Registry::look_up(void const* key) const noexcept {
  auto const found = std::ranges::find(services_, key, &std::pair<void const*, std::shared_ptr<void>>::first);
  return found == services_.end() ? nullptr : found->second.get();
}

}  // namespace forksafe
