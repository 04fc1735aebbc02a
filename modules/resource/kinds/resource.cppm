// SPDX-License-Identifier: MIT
export module forksafe.resource:resource;

import :traits;
import :veto;
import :waiting;
import forksafe;
import forksafe.std;

export namespace forksafe {

/// The base of all kinds: the traits object, its name and deadline, and how the application finds the resource:
/// `registry.get<DropAndReopen<Traits>>()`. Made once, before the first fork, and never destroyed.
///
/// Traits are constructed from the Registry, for their settings, or from nothing. Optional members: `name`, `deadline`, as a
/// subscriber's.
template <class Self, class Traits>
  requires WellFormedName<Traits> && WellFormedDeadline<Traits>
class Resource : public NamedByTraits<Traits> {
 public:
  /// What a class derived from it must hear, too: see HidesItsBase.
  using resource_kind = Self;
  static constexpr std::chrono::milliseconds deadline = deadline_of<Traits>();
  /// A container that does not tell of a failed fork stops then.
  template <class Event>
  static constexpr bool may_miss = std::same_as<Event, ApplicationForkFailed>;

  explicit Resource(Registry& registry) : traits_(make_traits<Traits>(registry)), shown_as_(subscriber_name<Self>()) {
    registry.provide(std::shared_ptr<Self>{static_cast<Self*>(this), [](Self*) {}});
  }
  Resource(Resource const&) = delete;
  Resource& operator=(Resource const&) = delete;

  [[nodiscard]] Traits& traits() noexcept { return traits_; }

  /// Returns the name under which the application lists it. The audit and its exceptions use the name.
  [[nodiscard]] std::string_view shown_as() const noexcept { return shown_as_; }
  void listed_as(std::string_view name) { shown_as_ = name; }

 protected:
  /// Half of what a hook may take, so that a veto comes before the deadline.
  [[nodiscard]] static std::chrono::steady_clock::time_point veto_time() noexcept { return halfway_point(deadline); }
  /// Before the fork: remembers what `action` throws until that fork is over.
  template <class Action>
  void or_veto(Action action) {
    vetoed_ = true;
    action();
    vetoed_ = false;
  }
  /// In the child, after all repairs: fails if the fork that made it was vetoed.
  void refuse_if_vetoed() {
    if (std::exchange(vetoed_, false)) throw Veto{"was forked in spite of its veto"};
  }
  /// In the parent.
  void fork_is_over() noexcept { vetoed_ = false; }

 private:
  Traits traits_;
  std::string_view shown_as_;
  bool vetoed_ = false;
};

}  // namespace forksafe
