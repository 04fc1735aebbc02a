// SPDX-License-Identifier: MIT
export module forksafe.generation:prevent;

import forksafe.std;

namespace forksafe::detail {

/// Run around each fork, in the parent. The former waits for guards of other threads, as long as their patience lasts.
void close_gate_for_guards() noexcept;
void open_gate_for_guards() noexcept;

}  // namespace forksafe::detail

export namespace forksafe {

/// Keeps a `fork()` of another thread from cutting in two the few lines that it guards: the fork waits until the guard is gone,
/// at most as long as `patience`, then goes on and is counted by overruled_forks().
///
/// Guards nest; they do not exclude each other. A new one waits, with the same patience, for a fork that is under way or
/// waiting, so that neither starves. A thread that forks while it holds a guard of its own waits only for the guards of others,
/// and is counted. A child inherits no guard. Destroyed by the thread that made it. `_Fork()` and raw `clone` run no handler,
/// and do not wait. Takes no lock: a child made at any instruction of it can make guards and fork.
class [[nodiscard]] PreventFork {
 public:
  /// `name` appears in overruled_forks() if the guard was cut; it is kept and not copied.
  explicit PreventFork(char const* name, std::chrono::milliseconds patience = std::chrono::seconds{1}) noexcept;
  PreventFork(PreventFork const&) = delete;
  PreventFork& operator=(PreventFork const&) = delete;
  ~PreventFork();

 private:
  std::uint64_t made_in_;
};

/// The forks and guards that came together in spite of all patience, in this process and its ancestors.
struct OverruledForks {
  std::uint64_t count = 0;
  /// The number of them whose thread held a guard itself.
  std::uint64_t by_holder = 0;
  /// The newest guard at the latest of them.
  char const* guard = nullptr;
};

[[nodiscard]] OverruledForks overruled_forks() noexcept;

}  // namespace forksafe
