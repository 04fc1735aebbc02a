// SPDX-License-Identifier: MIT
module;
#include <string>
module forksafe;

namespace forksafe {

std::string shortened(std::string name) {
  Shortening shortening{name.data(), name.size()};
  shortening.shorten();
  name.resize(shortening.size);
  return name;
}

}  // namespace forksafe
