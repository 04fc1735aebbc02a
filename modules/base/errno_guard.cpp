// SPDX-License-Identifier: MIT
module;
#include <cerrno>
module forksafe.base;

namespace forksafe::base {

ErrnoGuard::ErrnoGuard() noexcept : kept_(errno) {}
ErrnoGuard::~ErrnoGuard() { errno = kept_; }

}  // namespace forksafe::base
