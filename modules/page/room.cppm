// SPDX-License-Identifier: MIT
export module forksafe.page:room;

import forksafe.std;

namespace forksafe {

/// How many bytes something would fill, and how much it matters.
struct Need {
  std::size_t size = 0;
  std::size_t weight = 1;
};
/// Divides what there is by weight; what one does not need is for the others.
[[nodiscard]] std::vector<std::size_t> divide(std::vector<Need> const& needs, std::size_t total);

}  // namespace forksafe
