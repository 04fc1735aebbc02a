// SPDX-License-Identifier: MIT
module;
#include <concepts>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
export module forksafe.resource:detach;

import :common;
import forksafe;

export namespace forksafe {

template <class Traits>
concept NamesHandle = requires { typename Traits::Handle; } ||
                      because<"name what you hold: `using Handle = ...;`, a movable type">();

template <class Traits>
concept Opens = requires(Traits& traits) {
  { traits.open() } -> std::convertible_to<typename Traits::Handle>;
} || because<"say how to make one: `Handle open();`, called in the process that uses it, may throw">();

template <class Traits>
concept Forgets = requires(Traits& traits, typename Traits::Handle& handle) {
  { traits.forget(handle) } noexcept;
} || because<"say how a child drops it without a word to the peer: `void forget(Handle&) noexcept;`">();

/// Traits of DropAndReopen.
///
/// Meaning:
///  - `open()` runs in the process that uses the handle, at its first use;
///  - `forget(handle)` runs in a child, on the parent's handle: it detaches the descriptor and frees or leaks the memory; it
///    sends nothing, unlinks nothing, and waits for nobody; the handle is not used and not destroyed afterwards;
///  - optional `void close(Handle&)`: the orderly goodbye, in the process that opened it only; without it the handle is
///    destroyed;
///  - optional `std::string_view in_use(Handle&)`: before a fork, why it is not safe now; empty if it is.
template <class Traits>
concept DropTraits = NamesHandle<Traits> && Opens<Traits> && Forgets<Traits>;

/// A connection that a child forgets and opens anew when it next uses it (kind K1). Not thread-safe.
///
/// Also repairs what no container announced: each use compares the generation of the process.
template <DropTraits Traits>
class DropAndReopen : public Resource<DropAndReopen<Traits>, Traits> {
 public:
  using Handle = typename Traits::Handle;
  static constexpr Phase phase = Phase::detach;
  using Resource<DropAndReopen, Traits>::Resource;

  /// The handle of this process; opens it where there is none. Throws what `open` throws.
  [[nodiscard]] Handle& get() {
    forget_inherited();
    if (handle_ == nullptr) {
      handle_ = new Handle(this->traits().open());
      opened_in_ = generation();
    }
    return *handle_;
  }

  /// Whether this process has opened it.
  [[nodiscard]] bool is_open() const noexcept { return handle_ != nullptr && opened_in_ == generation(); }

  /// Says goodbye, if this process has opened it; the next use opens another.
  void close() {
    forget_inherited();
    if (handle_ == nullptr) return;
    std::unique_ptr<Handle> const handle{std::exchange(handle_, nullptr)};
    if constexpr (requires { this->traits().close(*handle); }) this->traits().close(*handle);
  }

  void operator()(ApplicationPreFork const&)
    requires requires(Traits& traits, Handle& handle) { { traits.in_use(handle) } -> std::convertible_to<std::string_view>; }
  {
    if (!is_open()) return;
    this->or_veto([&] {
      if (std::string_view const reason = this->traits().in_use(*handle_); !reason.empty()) veto(reason);
    });
  }
  void operator()(ApplicationPostForkParent const&)
    requires requires(Traits& traits, Handle& handle) { { traits.in_use(handle) } -> std::convertible_to<std::string_view>; }
  {
    this->fork_is_over();
  }
  void operator()(ApplicationPostFork const&) {
    forget_inherited();
    this->refuse_if_vetoed();
  }

 private:
  void forget_inherited() noexcept {
    if (handle_ == nullptr || opened_in_ == generation()) return;
    this->traits().forget(*handle_);
    // Leaked: its destructor is the parent's to run.
    handle_ = nullptr;
  }

  Handle* handle_ = nullptr;
  std::uint64_t opened_in_ = 0;
};

/// Traits of NeverTouch.
///
/// Meaning:
///  - `open()` runs in the process that uses the object;
///  - the object of a parent is never used, closed or destroyed in a child;
///  - optional `static constexpr InChild in_child`: whether a child makes its own at the next use (lazily), in
///    ApplicationPostFork (at_once), or refuses until recreate() (never, the default).
template <class Traits>
concept NeverTouchTraits = NamesHandle<Traits> && Opens<Traits>;

/// What the use of an inherited object throws.
class InheritedObject : public std::logic_error {
 public:
  InheritedObject(std::string_view name, std::uint64_t made_in, std::uint64_t used_in)
      : std::logic_error{std::string{name} + " was made in process generation " + std::to_string(made_in) +
                         " and is used in generation " + std::to_string(used_in) +
                         ", behind a fork that it does not survive: recreate() it first"} {}
};

/// An object that is dead behind a fork: a child leaks it and makes its own (kind K7). Not thread-safe.
template <NeverTouchTraits Traits>
class NeverTouch : public Resource<NeverTouch<Traits>, Traits> {
 public:
  using Handle = typename Traits::Handle;
  static constexpr Phase phase = Phase::detach;
  static constexpr InChild in_child = [] {
    if constexpr (requires { { Traits::in_child } -> std::convertible_to<InChild>; }) return Traits::in_child;
    return InChild::never;
  }();
  using Resource<NeverTouch, Traits>::Resource;

  /// The object of this process; made at the first use. Throws InheritedObject where the parent's stands in the way.
  [[nodiscard]] Handle& get() {
    if (handle_ != nullptr && made_in_ != generation()) {
      if (in_child == InChild::never) throw InheritedObject{this->name, made_in_, generation()};
      handle_ = nullptr;
    }
    return handle_ == nullptr ? recreate() : *handle_;
  }

  /// Leaks what there is and makes another one.
  Handle& recreate() {
    handle_ = new Handle(this->traits().open());
    made_in_ = generation();
    return *handle_;
  }

  void operator()(ApplicationPostFork const&) {
    if (in_child == InChild::at_once && handle_ != nullptr && made_in_ != generation()) recreate();
  }

 private:
  Handle* handle_ = nullptr;
  std::uint64_t made_in_ = 0;
};

}  // namespace forksafe
