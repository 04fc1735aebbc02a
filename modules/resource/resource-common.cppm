// SPDX-License-Identifier: MIT
module;
#include <chrono>
#include <concepts>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
export module forksafe.resource:common;

import forksafe;

export namespace forksafe {

/// What veto() throws.
class Veto : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// For traits, before the fork: it is not safe now, because of `reason`. Never returns.
///
/// No container lets a hook forbid a fork. What a veto does: it is logged and recorded as the resource's failure in the
/// parent; the child fails its ApplicationPostFork, so that with Failure::closed it does not serve, leaves, and is
/// forked again after a delay, and with Failure::open it serves and is recorded.
[[noreturn]] inline void veto(std::string_view reason) { throw Veto{"vetoes the fork: " + std::string{reason}}; }

/// What a child does with something that its parent had: wait for the next use, act on the fork, or do without.
enum class InChild : std::uint8_t { lazily, at_once, never };

/// The common part of all kinds: the traits object, its name and deadline, and how the application finds the resource:
/// `registry.find<DropAndReopen<Traits>>()`. Made once, before the first fork, and never destroyed.
///
/// Traits are constructed from the Registry, for their settings, or from nothing. Optional members: `name`, `deadline`.
template <class Self, class Traits>
class Resource {
  static_assert(std::constructible_from<Traits, Registry&> || std::default_initializable<Traits>,
                "give the traits a constructor from nothing or from forksafe::Registry&");

 public:
  static constexpr std::string_view name = subscriber_name<Traits>();
  static constexpr std::chrono::milliseconds deadline = deadline_of<Traits>();

  explicit Resource(Registry& registry) : traits_(make(registry)) {
    registry.provide(std::shared_ptr<Self>{static_cast<Self*>(this), [](Self*) {}});
  }
  Resource(Resource const&) = delete;
  Resource& operator=(Resource const&) = delete;

  [[nodiscard]] Traits& traits() noexcept { return traits_; }

 protected:
  /// Remembers a veto until its fork is over.
  template <class Action>
  void or_veto(Action action) {
    vetoed_ = true;
    action();
    vetoed_ = false;
  }
  /// In the child: fails if the fork that made it was vetoed.
  void refuse_if_vetoed() {
    if (std::exchange(vetoed_, false)) throw Veto{"was forked in spite of its veto"};
  }
  void fork_is_over() noexcept { vetoed_ = false; }

 private:
  static Traits make(Registry& registry) {
    if constexpr (std::constructible_from<Traits, Registry&>) {
      return Traits(registry);
    } else {
      return Traits();
    }
  }

  Traits traits_;
  bool vetoed_ = false;
};

}  // namespace forksafe
