// SPDX-License-Identifier: MIT
module forksafe.page;

import forksafe.std.operators;

namespace forksafe {

std::vector<std::size_t> divide(std::vector<Need> const& needs, std::size_t total) {
  std::vector<std::size_t> shares(needs.size());
  std::vector<std::size_t> open;
  for (std::size_t index = 0; index != needs.size(); ++index) open.push_back(index);
  while (!open.empty()) {
    std::size_t weights = 0;
    for (std::size_t const index : open) weights += needs[index].weight;
    std::size_t const unit = total / std::max<std::size_t>(weights, 1);
    auto const is_modest = [&](std::size_t index) { return needs[index].size <= unit * needs[index].weight; };
    bool const last = std::ranges::none_of(open, is_modest);
    for (std::size_t const index : open)
      if (last || is_modest(index)) shares[index] = std::min(needs[index].size, unit * needs[index].weight);
    if (last) break;
    for (std::size_t const index : open)
      if (is_modest(index)) total -= shares[index];
    std::erase_if(open, is_modest);
  }
  return shares;
}

}  // namespace forksafe
