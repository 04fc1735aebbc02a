// SPDX-License-Identifier: MIT
module;
#include <array>
export module forksafe.celery.host;

export import forksafe.audit;

export namespace forksafe {

inline constexpr HostProfile celery_host{.program = "celery"};

}  // namespace forksafe
