// SPDX-License-Identifier: MIT
module forksafe.resource;

import :veto;
import forksafe.std.operators;

namespace forksafe {

void veto(std::string_view reason) { throw Veto{"vetoes the fork: " + std::string{reason}}; }

}  // namespace forksafe
