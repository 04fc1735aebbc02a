// SPDX-License-Identifier: MIT
module forksafe;

import forksafe.std.operators;

namespace forksafe {
namespace {

using Entry = std::pair<std::string_view const*, std::shared_ptr<void>>;

}  // namespace
}  // namespace forksafe

extern "C++" {
namespace forksafe {

void Registry::put_lent(std::string_view const* key, void* service) { put(key, {std::shared_ptr<void>{}, service}); }

void Registry::put(std::string_view const* key, std::shared_ptr<void> service) {
  auto const found = std::ranges::find(services_, key, &Entry::first);
  if (found != services_.end()) {
    // The service before ends with the parameter, after the last use of `found`: its destructor may use the registry.
    found->second.swap(service);
  } else {
    services_.emplace_back(key, std::move(service));
  }
}

void* Registry::look_up(std::string_view const* key) const noexcept {
  auto const found = std::ranges::find(services_, key, &Entry::first);
  return found == services_.end() ? nullptr : found->second.get();
}

void Registry::lack(std::string_view service) const {
  std::string provided;
  for (Entry const& entry : services_) provided += (provided.empty() ? "" : ", ") + std::string{*entry.first};
  std::string const asker{asker_.empty() ? "what asks for it" : asker_};
  throw NotProvided{"no " + std::string{service} + " is provided: list it before " + asker +
                    " in the application's ForkSafeApp, or `provide` it before that asks; provided are: " +
                    (provided.empty() ? "none" : provided)};
}

void Registry::refuse_null(std::string_view service) {
  throw std::invalid_argument{"provide() got a null pointer for " + std::string{service} + ": pass an object"};
}

}  // namespace forksafe
}
