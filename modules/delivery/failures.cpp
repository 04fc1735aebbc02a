// SPDX-License-Identifier: MIT
module forksafe;

import :failures;
import forksafe.std.operators;

namespace forksafe {
namespace {

bool same(FailureRow const& one, FailureRow const& other) {
  auto const key = [](FailureRow const& row) { return std::tie(row.subscriber, row.event, row.hook, row.reason); };
  return key(one) == key(other);
}

constexpr std::size_t first_lines = line_limit / 2;

}  // namespace

void Failures::add(FailureRow failure) {
  if (failure.reason.size() > longest_reason) failure.reason.resize(longest_reason);
  auto const known = std::ranges::find_if(rows_, [&](FailureRow const& row) { return same(row, failure); });
  if (known != rows_.end()) {
    failure.times += known->times;
    *known = std::move(failure);
    if (known - rows_.begin() >= static_cast<std::ptrdiff_t>(first)) std::rotate(known, known + 1, rows_.end());
    return;
  }
  if (rows_.size() == limit) {
    auto const oldest = rows_.begin() + static_cast<std::ptrdiff_t>(first);
    dropped_ += oldest->times;
    rows_.erase(oldest);
  }
  rows_.push_back(std::move(failure));
}

void add_line(std::vector<std::string>& log, std::string line) {
  if (log.size() == line_limit) {
    log[first_lines] = "older lines are left out here";
    log.erase(log.begin() + static_cast<std::ptrdiff_t>(first_lines) + 1);
  }
  log.push_back(std::move(line));
}

}  // namespace forksafe
