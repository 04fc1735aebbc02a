// SPDX-License-Identifier: MIT
module forksafe.base;

import forksafe.std.operators;

namespace forksafe::base {

std::string describe_current_exception() noexcept {
  try {
    try {
      throw;
    } catch (std::exception const& exception) {
      return exception.what();
    } catch (...) {
      return "an exception that is no std::exception";
    }
  } catch (std::bad_alloc const&) {
    // Short enough to need no memory.
    return "out of memory";
  }
}

}  // namespace forksafe::base
