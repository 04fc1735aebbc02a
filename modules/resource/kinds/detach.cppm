// SPDX-License-Identifier: MIT
export module forksafe.resource:detach;

import :fork_owned;
import :open_file;
import :resource;
import :traits;
import :veto;
import forksafe;
import forksafe.audit;
import forksafe.std;

namespace forksafe {

template <class Traits>
concept NamesHandle =
    requires { typename Traits::Handle; } || because("name what you hold: `using Handle = ...;`, an object type");

template <class Result, class Handle>
concept MakesHandle = std::same_as<Result, Handle> || std::convertible_to<Result, Handle>;

template <class Traits>
concept Opens = requires(Traits& traits) {
  { traits.open() } -> MakesHandle<typename Traits::Handle>;
} || because("say how to make one: `Handle open();`, called in the process that uses it, may throw");

template <class Traits>
concept Forgets = requires(Traits& traits, typename Traits::Handle& handle) {
  { traits.forget(handle) } noexcept;
} || because("say how a child drops it without a word to the peer: `void forget(Handle&) noexcept;`");

/// Whether the traits can tell that a fork would hurt now.
template <class Traits>
concept HasInUse = requires(Traits& traits, typename Traits::Handle& handle) {
  { traits.in_use(handle) } -> std::convertible_to<std::string_view>;
};

/// Whether the traits can tell the audit which descriptor is theirs.
template <class Traits>
concept HasDescriptor = requires(Traits& traits, typename Traits::Handle& handle) {
  { traits.descriptor(handle) } -> std::same_as<int>;
};

/// Makes a handle, whose owner the audit can name.
template <class Traits>
typename Traits::Handle& open_tagged(ForkOwned<typename Traits::Handle>& kept, Traits& traits, std::string_view owner) {
  typename Traits::Handle& handle = kept.emplace([&] { return traits.open(); });
  if constexpr (HasDescriptor<Traits>) kept.tag(own_descriptor(traits.descriptor(handle), owner));
  return handle;
}

}  // namespace forksafe

export namespace forksafe {

/// Traits of DropAndReopen.
///
/// Meaning:
///  - `open()` runs in the process that uses the handle, at its first use;
///  - `forget(handle)` runs in a child, on the parent's handle: it detaches the descriptor and frees or leaks the memory; it
///    sends nothing, unlinks nothing, and waits for nothing; the handle is not used and not destroyed afterwards;
///  - optional `void close(Handle&)`: the orderly goodbye, in the process that opened it only; the handle is destroyed
///    afterwards;
///  - optional `std::string_view in_use(Handle&)`: returns, before a fork, why it is not safe now; empty if it is;
///  - optional `int descriptor(Handle&)`: returns what it is opened on, so that the audit can name its owner, and that a child
///    which has closed it, and uses the number for something else, leaks the handle instead of calling `forget`.
template <class Traits>
concept DropTraits = NamesHandle<Traits> && Opens<Traits> && Forgets<Traits> && WellFormedClose<Traits> &&
                     WellFormedInUse<Traits> && WellFormedHandleDescriptor<Traits>;

/// A connection that a child forgets and opens again at its next use (kind K1). Not thread-safe.
///
/// Also repairs forks that no container announced: each use compares the generation of the process.
template <DropTraits Traits>
class DropAndReopen : public Resource<DropAndReopen<Traits>, Traits> {
 public:
  using Handle = typename Traits::Handle;
  static constexpr Phase phase = Phase::detach;
  using Resource<DropAndReopen, Traits>::Resource;

  /// Returns the handle of this process; opens it where there is none. Throws what `open` throws.
  [[nodiscard]] Handle& get() {
    forget_inherited();
    if (Handle* const handle = handle_.find()) return *handle;
    Handle& opened = open_tagged(handle_, this->traits(), this->shown_as());
    note_file(opened);
    return opened;
  }

  /// Whether this process has opened it.
  [[nodiscard]] bool is_open() const noexcept { return handle_.is_own(); }

  /// Closes the handle in order, if this process has opened it; the next use opens another. Throws what `close` throws.
  void close() {
    forget_inherited();
    Handle* const handle = handle_.find();
    if (handle == nullptr) return;
    if constexpr (requires { this->traits().close(*handle); }) this->traits().close(*handle);
    handle_.destroy();
  }

  void operator()(ApplicationPreFork const&)
    requires HasInUse<Traits>
  {
    this->or_veto([this] {
      if (!is_open()) return;
      // It may have connected again since.
      note_file(*handle_.find());
      if (std::string_view const reason = this->traits().in_use(*handle_.find()); !reason.empty()) veto(reason);
    });
  }
  void operator()(ApplicationPostForkParent const&)
    requires HasInUse<Traits>
  {
    this->fork_is_over();
  }
  void operator()(ApplicationForkFailed const&)
    requires HasInUse<Traits>
  {
    this->fork_is_over();
  }
  void operator()(ApplicationPostFork const&) {
    forget_inherited();
    this->refuse_if_vetoed();
  }

 private:
  void forget_inherited() noexcept {
    if (!handle_.is_inherited()) return;
    // A child that has closed what it inherited may have opened something else under the number.
    if (still_stands_for_it(*handle_.find())) this->traits().forget(*handle_.find());
    handle_.abandon();
  }

  void note_file(Handle& handle) noexcept {
    if constexpr (HasDescriptor<Traits>) file_ = OpenFile{this->traits().descriptor(handle)};
  }
  [[nodiscard]] bool still_stands_for_it(Handle& handle) noexcept {
    if constexpr (HasDescriptor<Traits>) return file_ == OpenFile{this->traits().descriptor(handle)};
    return true;
  }

  ForkOwned<Handle> handle_;
  OpenFile file_{};
};

/// Traits of NeverTouch.
///
/// Meaning:
///  - `open()` runs in the process that uses the object;
///  - the object of a parent is never used, closed or destroyed in a child;
///  - optional `void close(Handle&)`: in the process that made it; the object is destroyed afterwards;
///  - optional `static constexpr InChild in_child`: whether a child makes its own at the next use (lazily), in
///    ApplicationPostFork (at_once), or refuses until recreate() (never, the default);
///  - optional `int descriptor(Handle&)`: as for DropAndReopen.
template <class Traits>
concept NeverTouchTraits = NamesHandle<Traits> && Opens<Traits> && WellFormedClose<Traits> && WellFormedInChild<Traits> &&
                           WellFormedHandleDescriptor<Traits>;

/// An object that is dead after a fork: a child leaks it and makes its own (kind K7). Not thread-safe.
template <NeverTouchTraits Traits>
class NeverTouch : public Resource<NeverTouch<Traits>, Traits> {
 public:
  using Handle = typename Traits::Handle;
  static constexpr Phase phase = Phase::detach;
  static constexpr InChild in_child = in_child_of<Traits>(InChild::never);
  using Resource<NeverTouch, Traits>::Resource;

  /// Returns the object of this process; made at the first use. Throws InheritedObject where the parent's stands in the way.
  [[nodiscard]] Handle& get() {
    if (handle_.is_own()) return *handle_.find();
    if (in_child == InChild::never && handle_.is_inherited())
      throw InheritedObject{this->shown_as(), handle_.made_in(), generation()};
    return recreate();
  }

  /// Whether this process has made it.
  [[nodiscard]] bool is_open() const noexcept { return handle_.is_own(); }

  /// Closes this process's own object, leaks an inherited one, and makes another.
  Handle& recreate() {
    close();
    return open_tagged(handle_, this->traits(), this->shown_as());
  }

  /// Closes this process's own object, or leaks an inherited one.
  void close() {
    if (handle_.is_inherited()) handle_.abandon();
    Handle* const handle = handle_.find();
    if (handle == nullptr) return;
    if constexpr (requires { this->traits().close(*handle); }) this->traits().close(*handle);
    handle_.destroy();
  }

  void operator()(ApplicationPostFork const&) {
    if (in_child == InChild::at_once && handle_.is_inherited()) recreate();
  }

 private:
  ForkOwned<Handle> handle_;
};

}  // namespace forksafe
