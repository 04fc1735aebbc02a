// SPDX-License-Identifier: MIT
module;
#include <atomic>
#include <concepts>
#include <cstdint>
#include <limits>
#include <memory>
#include <new>
#include <thread>
#include <type_traits>
#include <utility>
export module forksafe.generation:local;

import :count;

namespace forksafe {

/// Makes a T from nothing.
template <class T>
struct MakeDefault {
  [[nodiscard]] T operator()() const
    requires std::default_initializable<T>
  {
    return T();
  }
};

}  // namespace forksafe

export namespace forksafe {

/// A T of each process's own: made by `factory` at its first use there, and never destroyed by a child.
///
/// A child makes its own in the same place, over what it inherited: what the parent's owned is neither closed nor freed.
/// Threads may share it; while one calls the factory, others wait. A factory that throws leaves it empty, and the next use
/// tries again. The factory must not use it. Where sees_every_fork() is false, a T without a destructor, such as random state,
/// is made again at each use, because a fork may have preceded it: then each thread needs its own. A T with a destructor, which
/// would leak each time, is as certain as generation().
template <class T, class Factory = MakeDefault<T>>
class ForkLocal {
  static_assert(std::is_object_v<T> && !std::is_const_v<T>, "ForkLocal<T> holds a T: name an object type without const");
  static_assert(
      requires(Factory& factory) {
        { factory() } -> std::same_as<T>;
      }, "say how each process makes its own: a factory that returns a T, ForkLocal<T, Factory>, or a T with a "
         "default constructor");

 public:
  constexpr ForkLocal()
    requires std::default_initializable<Factory>
  {}
  constexpr explicit ForkLocal(Factory factory) : factory_(std::move(factory)) {}
  ForkLocal(ForkLocal const&) = delete;
  ForkLocal& operator=(ForkLocal const&) = delete;
  /// Destroys the value in the process that made it, and nowhere else.
  ~ForkLocal() {
    if (has_value()) std::destroy_at(&value_);
  }

  /// Returns the value of this process. Throws what the factory throws.
  [[nodiscard]] T& get() {
    auto const known = detail::wiped.generation.load(std::memory_order_relaxed);
    if (made_in_.load(std::memory_order_acquire) != known) [[unlikely]]
      make();
    return value_;
  }
  [[nodiscard]] T& operator*() { return get(); }
  [[nodiscard]] T* operator->() { return &get(); }

  /// Whether this process has made its value.
  [[nodiscard]] bool has_value() const noexcept {
    return made_in_.load(std::memory_order_acquire) == static_cast<std::int64_t>(generation());
  }

 private:
  /// Never a generation, and never a value of the wiped page before its generation is known.
  static constexpr std::int64_t nowhere = std::numeric_limits<std::int64_t>::max();

  void make() {
    while (true) {
      auto const here = static_cast<std::int64_t>(generation());
      std::int64_t seen = made_in_.load(std::memory_order_acquire);
      if (seen == here && (!std::is_trivially_destructible_v<T> || sees_every_fork())) return;
      if (seen == -here) {
        std::this_thread::yield();
      } else if (made_in_.compare_exchange_strong(seen, -here, std::memory_order_acquire)) {
        return make_here(here);
      }
    }
  }

  void make_here(std::int64_t here) {
    try {
      ::new (static_cast<void*>(std::addressof(value_))) T(factory_());
    } catch (...) {
      made_in_.store(nowhere, std::memory_order_release);
      throw;
    }
    made_in_.store(here, std::memory_order_release);
  }

  union {
    T value_;
  };
  /// The generation of the value; negative while a thread of that generation makes it, so that no child waits for it.
  std::atomic<std::int64_t> made_in_{nowhere};
  [[no_unique_address]] Factory factory_{};
};

}  // namespace forksafe
