// SPDX-License-Identifier: MIT
export module forksafe.base:errno_guard;

export namespace forksafe::base {

/// Restores errno when it ends: what containers, signal handlers and calls of the C library interrupt may read it later.
class [[nodiscard]] ErrnoGuard {
 public:
  ErrnoGuard() noexcept;
  ErrnoGuard(ErrnoGuard const&) = delete;
  ErrnoGuard& operator=(ErrnoGuard const&) = delete;
  ~ErrnoGuard();

 private:
  int kept_;
};

}  // namespace forksafe::base
