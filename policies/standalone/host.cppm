// SPDX-License-Identifier: MIT
module;
#include <array>
export module forksafe.standalone.host;

export import forksafe.audit;

export namespace forksafe {

inline constexpr HostProfile standalone_host{.program = "standalone"};

}  // namespace forksafe
