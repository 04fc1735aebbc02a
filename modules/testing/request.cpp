// SPDX-License-Identifier: MIT
module forksafe.testing;

import :request;
import forksafe;
import forksafe.std.operators;

namespace forksafe::testing {

TestRequest& TestRequest::with(std::string name, std::string value) {
  texts_.emplace_back(std::move(name), std::move(value));
  headers_.clear();
  for (auto const& [one, other] : texts_) headers_.push_back({one, other});
  return *this;
}

std::string_view TestRequest::path() { return std::string_view{target_}.substr(0, target_.find('?')); }

std::string_view TestRequest::query() {
  std::size_t const mark = target_.find('?');
  return mark == std::string::npos ? std::string_view{} : std::string_view{target_}.substr(mark + 1);
}

std::string_view TestRequest::header(std::string_view name) {
  auto const found = std::ranges::find_if(headers_, [&](HeaderView const& one) { return same_header(one.name, name); });
  return found == headers_.end() ? std::string_view{} : found->value;
}

}  // namespace forksafe::testing
