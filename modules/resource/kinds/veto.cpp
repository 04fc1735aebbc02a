// SPDX-License-Identifier: MIT
module;
#include <string>
#include <string_view>
module forksafe.resource;

import :veto;

namespace forksafe {

void veto(std::string_view reason) { throw Veto{"vetoes the fork: " + std::string{reason}}; }

}  // namespace forksafe
