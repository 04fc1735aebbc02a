// SPDX-License-Identifier: MIT
module;
#include <array>
export module forksafe.celery.audit_profile;

export import forksafe.audit;

export namespace forksafe {

inline constexpr HostProfile celery_profile{.program = "celery"};

}  // namespace forksafe
