// SPDX-License-Identifier: MIT
module;
#include <uv.h>
export module forksafe.resource.libuv;

export import forksafe.resource;
import forksafe;
import forksafe.std;

export namespace forksafe {

/// Traits of NotifyChildOnly for one loop; for a loop that is not the default one derive from it:
/// `struct Mailbox : LibuvTraits { Mailbox() : LibuvTraits(make_loop()) {} };`
///
/// A loop watches its descriptors by an epoll set, and hears of signals by a pipe. A child would share both with its parent:
/// what one side stops watching the other never hears of again. The child calls uv_loop_fork (libuv 1.12), which makes new ones
/// and keeps handles, timers and watches of files. libuv itself starts the thread pool again in a child, without the parent's
/// queued work.
class LibuvTraits {
 public:
  /// The loop must live as long as the process.
  explicit LibuvTraits(uv_loop_t* loop = uv_default_loop()) : loop_(loop) {}

  [[nodiscard]] uv_loop_t* loop() const noexcept { return loop_; }

  /// To be called before any other call on the loop, and not from one of its callbacks. Throws std::runtime_error.
  void after_fork_in_child();
  /// Returns the loop's epoll set.
  [[nodiscard]] int descriptor() const noexcept;

 private:
  uv_loop_t* loop_;
};

/// libuv's default loop: `registry.find<LibuvLoop>()->get().loop()`, which also repairs it after an unannounced fork.
using LibuvLoop = NotifyChildOnly<LibuvTraits>;

}  // namespace forksafe
