// SPDX-License-Identifier: MIT
export module forksafe.base:exception;

import forksafe.std;

export namespace forksafe::base {

/// Describes the exception that is being handled. To be called in a handler.
[[nodiscard]] std::string describe_current_exception() noexcept;

}  // namespace forksafe::base
