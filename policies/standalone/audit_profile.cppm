// SPDX-License-Identifier: MIT
module;
#include <array>
export module forksafe.standalone.audit_profile;

export import forksafe.audit;

export namespace forksafe {

inline constexpr HostProfile standalone_profile{.program = "standalone"};

}  // namespace forksafe
