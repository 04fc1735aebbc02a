// SPDX-License-Identifier: MIT
module forksafe;

import forksafe.std.operators;

namespace forksafe {

std::string short_name_of(std::string name) {
  Shortening shortening{name.data(), name.size()};
  shortening.shorten();
  name.resize(shortening.size);
  return name;
}

}  // namespace forksafe
