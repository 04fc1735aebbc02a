// SPDX-License-Identifier: MIT
module;
#include <array>
export module forksafe.standalone.host;

import forksafe.audit;

export namespace forksafe {

inline constexpr HostProfile standalone_host{.program = "standalone"};

}  // namespace forksafe
