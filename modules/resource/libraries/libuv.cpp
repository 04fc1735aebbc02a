// SPDX-License-Identifier: MIT
module;
#include <uv.h>
module forksafe.resource.libuv;

import forksafe.std.operators;

namespace forksafe {

int LibuvTraits::descriptor() const noexcept { return uv_backend_fd(loop_); }

void LibuvTraits::after_fork_in_child() {
  if (int const status = uv_loop_fork(loop_); status != 0) {
    throw std::runtime_error{std::string{"uv_loop_fork: "} + uv_strerror(status)};
  }
}

}  // namespace forksafe
