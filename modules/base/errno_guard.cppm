// SPDX-License-Identifier: MIT
export module forksafe.base:errno_guard;

export namespace forksafe::base {

/// Restores errno when it ends: code that was interrupted by a container, a signal handler or the C library may read it later.
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
