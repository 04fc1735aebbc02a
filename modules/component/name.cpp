// SPDX-License-Identifier: MIT
module;
#include <string>
module forksafe;

namespace forksafe {

std::string short_name_of(std::string name) {
  Shortening shortening{name.data(), name.size()};
  shortening.shorten();
  name.resize(shortening.size);
  return name;
}

}  // namespace forksafe
