// SPDX-License-Identifier: MIT
export module forksafe.resource:common;

import forksafe;
import forksafe.std;

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
/// forked again after a delay, and with Failure::open it serves and is recorded. Whatever else traits throw before the
/// fork has the same effect.
[[noreturn]] void veto(std::string_view reason);

/// What a child does with something that its parent had: wait for the next use, act on the fork, or do without.
enum class InChild : std::uint8_t { lazily, at_once, never };

/// What the traits chose, `otherwise` if they declare no `static constexpr InChild in_child`.
template <class Traits>
consteval InChild in_child_of(InChild otherwise) {
  if constexpr (requires { { Traits::in_child } -> std::convertible_to<InChild>; }) {
    return Traits::in_child;
  } else {
    return otherwise;
  }
}

/// Constructs an object anew in its place without destroying it first: in a child its destructor could hang or
/// terminate (condition variables, threads), and nobody else uses it there.
template <std::default_initializable Object>
void remake(Object& object) noexcept(noexcept(Object{})) {
  std::construct_at(&object);
}

/// Joins a thread that ends before `until`: true, and `thread` stands for none any more. For `stop` of StopRestart.
[[nodiscard]] bool join_until(std::thread& thread, std::chrono::steady_clock::time_point until) noexcept;

/// When half of `deadline` will have passed.
[[nodiscard]] std::chrono::steady_clock::time_point half_of(std::chrono::milliseconds deadline) noexcept;
[[nodiscard]] bool is_over(std::chrono::steady_clock::time_point until) noexcept;

/// Keeps signals from this thread until the same object ends it: around a fork, a handler that writes into a pipe which
/// parent and child still share would wake the other one. What comes meanwhile is pending, and heard in the process that
/// it was sent to. The mask is as it was when the last of several objects ends.
///
/// Faults, SIGALRM and the signal of deadlines still come; so does whatever the container unblocks for its own.
class SignalHold {
 public:
  void begin() noexcept;
  void end() noexcept;

 private:
  bool holds_ = false;
};

/// Ends a hold at the end of its scope.
class EndOfHold {
 public:
  explicit EndOfHold(SignalHold& hold) noexcept : hold_(hold) {}
  EndOfHold(EndOfHold const&) = delete;
  EndOfHold& operator=(EndOfHold const&) = delete;
  ~EndOfHold() { hold_.end(); }

 private:
  SignalHold& hold_;
};

/// Which file, or socket, a descriptor stands for: a number alone may stand for another one by now.
class OpenFile {
 public:
  OpenFile() = default;
  /// What the descriptor is opened on now; nothing where it is not open.
  explicit OpenFile(int descriptor) noexcept;
  [[nodiscard]] bool operator==(OpenFile const&) const = default;

 private:
  std::uint64_t device_ = 0;
  std::uint64_t inode_ = 0;
};

/// A traits object, from the Registry or from nothing.
template <class Traits>
[[nodiscard]] Traits make_traits([[maybe_unused]] Registry& registry) {
  static_assert(std::constructible_from<Traits, Registry&> || std::default_initializable<Traits>,
                "give the traits a constructor from nothing or from forksafe::Registry&");
  if constexpr (std::constructible_from<Traits, Registry&>) {
    return Traits(registry);
  } else {
    return Traits();
  }
}

}  // namespace forksafe

namespace forksafe {

/// Beside traits, as another base: a name that both declare is ambiguous, whatever it is and whoever may use it.
struct TraitsDecoy {
  int in_child, close, in_use, descriptor;
};

template <class Traits>
struct BesideTraits : Traits, TraitsDecoy {};

/// Final traits can't be looked into: of them only what is public and no overload is seen.
template <class Traits>
concept OpenTraits = __is_class(Traits) && !__is_final(Traits);

template <class Traits>
concept DeclaresInChild = (OpenTraits<Traits> && !requires { &BesideTraits<Traits>::in_child; }) ||
                          requires { &Traits::in_child; };
template <class Traits>
concept DeclaresClose = (OpenTraits<Traits> && !requires { &BesideTraits<Traits>::close; }) || requires { &Traits::close; };
template <class Traits>
concept DeclaresInUse = (OpenTraits<Traits> && !requires { &BesideTraits<Traits>::in_use; }) || requires { &Traits::in_use; };
template <class Traits>
concept DeclaresDescriptor = (OpenTraits<Traits> && !requires { &BesideTraits<Traits>::descriptor; }) ||
                             requires { &Traits::descriptor; };

template <InChild>
struct InChildConstant;

}  // namespace forksafe

export namespace forksafe {

// What traits may leave out has one form in which it counts: what has another one would be taken for absent.

template <class Traits>
concept SaysInChildRight = !DeclaresInChild<Traits> || requires { typename InChildConstant<Traits::in_child>; } ||
                           because<"declare `static constexpr forksafe::InChild in_child = forksafe::InChild::lazily;`, or "
                                   "another of its values, public">();
template <class Traits>
concept ClosesRight = !DeclaresClose<Traits> ||
                      requires(Traits& traits, typename Traits::Handle& handle) { traits.close(handle); } ||
                      because<"declare `void close(Handle&)`, public: it says goodbye">();
template <class Traits>
concept SaysInUseRight = !DeclaresInUse<Traits> || requires(Traits& traits, typename Traits::Handle& handle) {
  { traits.in_use(handle) } -> std::convertible_to<std::string_view>;
} || because<"declare `std::string_view in_use(Handle&)`, public: why a fork is not safe now, empty if it is">();
template <class Traits>
concept TellsDescriptorRight = !DeclaresDescriptor<Traits> || requires(Traits& traits, typename Traits::Handle& handle) {
  { traits.descriptor(handle) } -> std::same_as<int>;
} || because<"declare `int descriptor(Handle&)`, public: what it is opened on">();
template <class Traits>
concept TellsItsDescriptorRight = !DeclaresDescriptor<Traits> || requires(Traits& traits) {
  { traits.descriptor() } -> std::same_as<int>;
} || because<"declare `int descriptor()`, public: that of the event loop itself">();

/// The name of a resource whose traits declare one; the others are called as their type is.
template <class Traits>
struct NamedByTraits {};
template <class Traits>
  requires requires { Traits::name; }
struct NamedByTraits<Traits> {
  static constexpr std::string_view name = Traits::name;
};

/// The common part of all kinds: the traits object, its name and deadline, and how the application finds the resource:
/// `registry.get<DropAndReopen<Traits>>()`. Made once, before the first fork, and never destroyed.
///
/// Traits are constructed from the Registry, for their settings, or from nothing. Optional members: `name`, `deadline`, as a
/// subscriber's.
template <class Self, class Traits>
  requires NameIfItSaysSo<Traits> && DeadlineIfItSaysSo<Traits>
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

  /// By which name the application's list shows it: the audit and what it throws call it so.
  [[nodiscard]] std::string_view shown_as() const noexcept { return shown_as_; }
  void listed_as(std::string_view name) { shown_as_ = name; }

 protected:
  /// Half of what a hook may take, so that a veto comes before the deadline.
  [[nodiscard]] static std::chrono::steady_clock::time_point veto_time() noexcept { return half_of(deadline); }
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
