// SPDX-License-Identifier: MIT
export module forksafe:listed;

import :declared;
import :handler;
import :request;
import :subscriber;
import forksafe.journal;
import forksafe.policy;
import forksafe.std;

namespace forksafe {

template <Phase Value>
  requires(Value <= Phase::threads)
struct PhaseConstant;

template <bool Right>
  requires Right
struct Holds;

template <class Type>
concept ValidPhase = requires { typename PhaseConstant<Type::phase>; };

template <class Type>
concept ValidDeadline = requires {
  { Type::deadline } -> std::convertible_to<std::chrono::milliseconds>;
  typename Holds<(std::chrono::milliseconds{Type::deadline}.count() > 0)>;
};

template <class Type>
concept ValidName = requires {
  { Type::name } -> std::convertible_to<std::string_view>;
  typename Holds<(!std::string_view{Type::name}.empty() && std::string_view{Type::name}.size() <= subscriber_limit)>;
};

template <class Type>
concept ValidMayMiss = requires {
  { Type::template may_miss<ApplicationPreFork> } -> std::convertible_to<bool>;
  typename std::bool_constant<Type::template may_miss<ApplicationPreFork>>;
};

template <class Type>
concept HasEntryPoint = hears_any<Type> || requires(Type& component, Request const& request) { component.handle(request); } ||
                        requires(Type& component, Request const& request) { component.intercept(request); } || Loads<Type>;

/// std::constructible_from without what it costs for each component.
template <class Type, class Argument>
concept BuiltFrom = requires(Argument& argument) { Type(argument); };

template <class Type>
inline constexpr bool can_be_built = BuiltFrom<Type, Application> || BuiltFrom<Type, Registry> || requires { Type(); };

template <class Type>
concept Constructible =
    can_be_built<Type> || because("give it a constructor from nothing, from forksafe::Registry& or from "
                                  "forksafe::Application&: it is constructed before any argument could be known");

template <class Type>
concept IsClass = std::is_class_v<Type> ||
                  because("list a class: what stands in the list is a type, and a pointer to a function would be null");

template <class Type>
concept WellFormedHandler = !DeclaresHandle<Type> || RequestHandler<Type>;

template <class Type>
concept WellFormedInterceptor = !DeclaresIntercept<Type> || RequestInterceptor<Type>;

template <class Type>
concept WellFormedLoad =
    !DeclaresLoad<Type> ||
    requires(Type& component, Application& application) {
      { component.load(application) } -> std::same_as<void>;
    } ||
    because("declare `void load(forksafe::Application&)`, public; it throws to fail; what the container does not call needs "
            "another name");

template <class Type>
concept WellFormedPhase = !DeclaresPhase<Type> || ValidPhase<Type> ||
                          because("declare `static constexpr forksafe::Phase phase = forksafe::Phase::detach;`, or another of "
                                  "its values, public");

}  // namespace forksafe

export namespace forksafe {

// A resource asks both of its traits.

template <class Type>
concept WellFormedDeadline = !DeclaresDeadline<Type> || ValidDeadline<Type> ||
                             because("declare `static constexpr std::chrono::milliseconds deadline{2'000};`, public, more than "
                                     "none");

template <class Type>
concept WellFormedName = !DeclaresName<Type> || ValidName<Type> ||
                         because("declare `static constexpr std::string_view name = \"...\";`, public, of 1 to 77 characters; "
                                 "what is not the subscriber's name in log and page needs another name");

}  // namespace forksafe

namespace forksafe {

template <class Type>
concept WellFormedMayMiss = !DeclaresMayMiss<Type> || ValidMayMiss<Type> ||
                            because("declare `template <class Event> static constexpr bool may_miss = std::same_as<Event, "
                                    "forksafe::ApplicationForkFailed>;`, public");

/// Whether all optional members have the form in which they count: one of another form would be taken for absent.
template <class Type>
concept WellFormedMembers =
    WellFormedHandler<Type> && WellFormedInterceptor<Type> && WellFormedLoad<Type> && WellFormedPhase<Type> &&
    WellFormedDeadline<Type> && WellFormedName<Type> && WellFormedMayMiss<Type>;

/// A type other than a resource's traits, which tell the resource what to do. Listed alone, they would hear nothing.
template <class Type>
concept NoTraitsOfThreads = !requires(Type& traits, std::chrono::steady_clock::time_point until) {
  traits.start();
  traits.stop(until);
  traits.discard();
} || because("these are traits: list `forksafe::StopRestart<...>` of them");
template <class Type>
concept NoTraitsOfRandomness =
    !requires(Type& traits) { traits.reseed(); } || because("these are traits: list `forksafe::Reseed<...>` of them");
template <class Type>
concept NoTraitsOfConnections = !requires(Type& traits, typename Type::Handle& handle) { traits.forget(handle); } ||
                                because("these are traits: list `forksafe::DropAndReopen<...>` of them");
template <class Type>
concept NoTraitsOfObjects = (!requires(Type& traits) { typename Type::Handle; traits.open(); } &&
                             !requires(Type& traits, typename Type::Handle& handle) { traits.close(handle); }) ||
                            because("these are traits: list `forksafe::NeverTouch<...>` of them");
template <class Type>
concept NoTraitsOfLocks = !requires(Type& traits) {
  traits.try_lock();
  traits.unlock();
  traits.reset();
} || because("these are traits: list `forksafe::HoldLock<...>` of them");
template <class Type>
concept NoTraitsOfBothSides = !requires(Type& traits) {
  traits.before_fork();
  traits.after_fork_in_child();
} || because("these are traits: list `forksafe::NotifyBothSides<...>` of them");
template <class Type>
concept NoTraitsOfChildren = !requires(Type& traits) { traits.after_fork_in_child(); } ||
                             because("these are traits: list `forksafe::NotifyChildOnly<...>` of them");
template <class Type>
concept NoTraitsOfParents =
    !requires(Type& traits) { traits.before_fork(); } || because("these are traits: list `forksafe::PreForkOnly<...>` of them");
template <class Type>
concept NoTraitsOfSharing =
    !requires(Type& traits) { traits.descriptors(); } || because("these are traits: list `forksafe::Inherit<...>` of them");

template <class Type>
concept NoTraits = NoTraitsOfThreads<Type> && NoTraitsOfRandomness<Type> && NoTraitsOfConnections<Type> &&
                   NoTraitsOfObjects<Type> && NoTraitsOfLocks<Type> && NoTraitsOfBothSides<Type> && NoTraitsOfChildren<Type> &&
                   NoTraitsOfParents<Type> && NoTraitsOfSharing<Type>;

template <class Type>
concept Component =
    HasEntryPoint<Type> ||
    (NoTraits<Type> && because("it hears no event: declare `void operator()(forksafe::ApplicationPostFork const&)`, "
                               "public, by const reference; or `handle` or `intercept` requests, or `load`"));

/// Whether each overload for the event is one that is called.
template <class Type, class Event>
concept CallsEachOverload =
    !mistakes<Type, Event>() ||
    because("an overload for this event is never called: declare `void operator()(Event const&)`, public, once, by const "
            "reference, without && and without further parameters");

template <class Type, class Event>
concept ReturnsVoid = !Hears<Type, Event> || requires(Type& subscriber, Event const& event) {
  { subscriber(event) } -> std::same_as<void>;
} || because("declare `void operator()`: what it returns is dropped, and a coroutine would never run; it throws to fail");

template <class Type, class Event>
concept WellFormedOverload = CallsEachOverload<Type, Event> && ReturnsVoid<Type, Event>;

template <class Type>
concept HidesNoBase = !HidesItsBase<Type> || because("its call operators hide those of its base, which hears more: add `using "
                                                     "Base::operator();`");

template <class Type>
concept WellFormedOverloads =
    WellFormedOverload<Type, ApplicationPreFork> && WellFormedOverload<Type, ApplicationPostFork> &&
    WellFormedOverload<Type, ApplicationPostWorkerInit> && WellFormedOverload<Type, ApplicationPostForkParent> &&
    WellFormedOverload<Type, ApplicationForkFailed> && WellFormedOverload<Type, ApplicationWorkerReady> &&
    WellFormedOverload<Type, ApplicationWorkerExit> && WellFormedOverload<Type, ApplicationWorkerReaped> &&
    WellFormedOverload<Type, ApplicationWorkerAbort> && WellFormedOverload<Type, ApplicationServerStarting> &&
    WellFormedOverload<Type, ApplicationServerReady> && WellFormedOverload<Type, ApplicationServerReload> &&
    WellFormedOverload<Type, ApplicationServerExit> && HidesNoBase<Type>;

template <class Type>
concept IsThreadSafe = requires { requires Type::thread_safe; };

template <class Listed, class Policy, class Type = typename Unwrapped<Listed>::type>
concept SafelyCalled =
    !(DeclaresHandle<Type> || DeclaresIntercept<Type>) || Policy::handler_calls == HandlerCalls::one_at_a_time ||
    Unwrapped<Listed>::serialised || IsThreadSafe<Type> ||
    because("this container may call handlers from several threads of a process at once: declare `static constexpr bool "
            "thread_safe = true;` if yours can stand it, or list `forksafe::Serialised<...>` of it");

}  // namespace forksafe

export namespace forksafe {

/// What may stand in an application's list: a subscriber, a component that handles or intercepts requests or has something to
/// load, or an option.
template <class Listed, class Policy>
concept ComponentOf =
    is_option<Listed> || (IsClass<typename Unwrapped<Listed>::type> && Constructible<typename Unwrapped<Listed>::type> &&
                          WellFormedMembers<typename Unwrapped<Listed>::type> && Component<typename Unwrapped<Listed>::type> &&
                          WellFormedOverloads<typename Unwrapped<Listed>::type> && SafelyCalled<Listed, Policy> &&
                          (Unwrapped<Listed>::tolerant || OnlySupportedEvents<typename Unwrapped<Listed>::type, Policy>));

}  // namespace forksafe
