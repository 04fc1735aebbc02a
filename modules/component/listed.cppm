// SPDX-License-Identifier: MIT
module;
#include <chrono>
#include <concepts>
#include <optional>
#include <string_view>
#include <type_traits>
export module forksafe:listed;

import :declared;
import :handler;
import :request;
import :subscriber;
import forksafe.journal;
import forksafe.policy;

namespace forksafe {

template <Phase Value>
  requires(Value <= Phase::threads)
struct PhaseConstant;

template <bool Right>
  requires Right
struct Holds;

template <class Type>
concept SaysPhase = requires { typename PhaseConstant<Type::phase>; };

template <class Type>
concept SaysDeadline = requires {
  { Type::deadline } -> std::convertible_to<std::chrono::milliseconds>;
  typename Holds<(std::chrono::milliseconds{Type::deadline} > std::chrono::milliseconds{})>;
};

template <class Type>
concept SaysName = requires {
  { Type::name } -> std::convertible_to<std::string_view>;
  typename Holds<(!std::string_view{Type::name}.empty() && std::string_view{Type::name}.size() <= subscriber_limit)>;
};

template <class Type>
concept SaysWhatItMayMiss = requires {
  { Type::template may_miss<ApplicationPreFork> } -> std::convertible_to<bool>;
  typename std::bool_constant<Type::template may_miss<ApplicationPreFork>>;
};

template <class Type>
concept DoesAnything = hears_any<Type> || requires(Type& component, Request const& request) { component.handle(request); } ||
                       requires(Type& component, Request const& request) { component.intercept(request); } || Loads<Type>;

}  // namespace forksafe

export namespace forksafe {

template <class Type>
inline constexpr bool can_be_built = std::is_constructible_v<Type, Application&> || std::is_constructible_v<Type, Registry&> ||
                                     std::is_default_constructible_v<Type>;

template <class Type>
concept Constructible =
    can_be_built<Type> || because<"give it a constructor from nothing, from forksafe::Registry& or from "
                                  "forksafe::Application&: it is constructed before any argument could be known">();

template <class Type>
concept IsClass = std::is_class_v<Type> ||
                  because<"list a class: what stands in the list is a type, and a pointer to a function would be null">();

template <class Type>
concept HandlesIfItSaysSo = !DeclaresHandle<Type> || RequestHandler<Type>;

template <class Type>
concept InterceptsIfItSaysSo = !DeclaresIntercept<Type> || RequestInterceptor<Type>;

template <class Type>
concept LoadsIfItSaysSo =
    !DeclaresLoad<Type> ||
    requires(Type& component, Application& application) {
      { component.load(application) } -> std::same_as<void>;
    } ||
    because<"declare `void load(forksafe::Application&)`, public; it throws to fail; what the container does not call needs "
            "another name">();

template <class Type>
concept PhaseIfItSaysSo = !DeclaresPhase<Type> || SaysPhase<Type> ||
                          because<"declare `static constexpr forksafe::Phase phase = forksafe::Phase::detach;`, or another of "
                                  "its values, public">();

template <class Type>
concept DeadlineIfItSaysSo = !DeclaresDeadline<Type> || SaysDeadline<Type> ||
                             because<"declare `static constexpr std::chrono::milliseconds deadline{2'000};`, public, more than "
                                     "none">();

template <class Type>
concept NameIfItSaysSo = !DeclaresName<Type> || SaysName<Type> ||
                         because<"declare `static constexpr std::string_view name = \"...\";`, public, of 1 to 77 characters; "
                                 "what is not the subscriber's name in log and page needs another name">();

template <class Type>
concept MayMissIfItSaysSo = !DeclaresMayMiss<Type> || SaysWhatItMayMiss<Type> ||
                            because<"declare `template <class Event> static constexpr bool may_miss = std::same_as<Event, "
                                    "forksafe::ApplicationForkFailed>;`, public">();

/// Whether all optional members have the form in which they count: one of another form would be taken for absent.
template <class Type>
concept SaysItRight = HandlesIfItSaysSo<Type> && InterceptsIfItSaysSo<Type> && LoadsIfItSaysSo<Type> && PhaseIfItSaysSo<Type> &&
                      DeadlineIfItSaysSo<Type> && NameIfItSaysSo<Type> && MayMissIfItSaysSo<Type>;

/// A type other than a resource's traits, which tell the resource what to do. Listed alone, they would hear nothing.
template <class Type>
concept NoTraitsOfThreads = !requires(Type& traits, std::chrono::steady_clock::time_point until) {
  traits.start();
  traits.stop(until);
  traits.discard();
} || because<"these are traits: list `forksafe::StopRestart<...>` of them">();
template <class Type>
concept NoTraitsOfRandomness =
    !requires(Type& traits) { traits.reseed(); } || because<"these are traits: list `forksafe::Reseed<...>` of them">();
template <class Type>
concept NoTraitsOfConnections = !requires(Type& traits, typename Type::Handle& handle) { traits.forget(handle); } ||
                                because<"these are traits: list `forksafe::DropAndReopen<...>` of them">();
template <class Type>
concept NoTraitsOfObjects = (!requires(Type& traits) { typename Type::Handle; traits.open(); } &&
                             !requires(Type& traits, typename Type::Handle& handle) { traits.close(handle); }) ||
                            because<"these are traits: list `forksafe::NeverTouch<...>` of them">();
template <class Type>
concept NoTraitsOfLocks = !requires(Type& traits) {
  traits.try_lock();
  traits.unlock();
  traits.reset();
} || because<"these are traits: list `forksafe::HoldLock<...>` of them">();
template <class Type>
concept NoTraitsOfBothSides = !requires(Type& traits) {
  traits.before_fork();
  traits.after_fork_in_child();
} || because<"these are traits: list `forksafe::NotifyBothSides<...>` of them">();
template <class Type>
concept NoTraitsOfChildren = !requires(Type& traits) { traits.after_fork_in_child(); } ||
                             because<"these are traits: list `forksafe::NotifyChildOnly<...>` of them">();
template <class Type>
concept NoTraitsOfParents = !requires(Type& traits) { traits.before_fork(); } ||
                            because<"these are traits: list `forksafe::PreForkOnly<...>` of them">();
template <class Type>
concept NoTraitsOfSharing =
    !requires(Type& traits) { traits.descriptors(); } || because<"these are traits: list `forksafe::Inherit<...>` of them">();

template <class Type>
concept NoTraits = NoTraitsOfThreads<Type> && NoTraitsOfRandomness<Type> && NoTraitsOfConnections<Type> &&
                   NoTraitsOfObjects<Type> && NoTraitsOfLocks<Type> && NoTraitsOfBothSides<Type> && NoTraitsOfChildren<Type> &&
                   NoTraitsOfParents<Type> && NoTraitsOfSharing<Type>;

template <class Type>
concept DoesSomething =
    DoesAnything<Type> ||
    (NoTraits<Type> && because<"it hears no event: declare `void operator()(forksafe::ApplicationPostFork const&)`, "
                               "public, by const reference; or `handle` or `intercept` requests, or `load`">());

/// Whether each overload for the event is one that is called.
template <class Type, class Event>
concept HearsAsDeclared =
    !mistakes<Type, Event>() ||
    because<"an overload for this event is never called: declare `void operator()(Event const&)`, public, once, by const "
            "reference, without && and without further parameters">();

template <class Type, class Event>
concept ReturnsNothing = !Hears<Type, Event> || requires(Type& subscriber, Event const& event) {
  { subscriber(event) } -> std::same_as<void>;
} || because<"declare `void operator()`: what it returns is dropped, and a coroutine would never run; it throws to fail">();

template <class Type, class Event>
concept HearsRightly = HearsAsDeclared<Type, Event> && ReturnsNothing<Type, Event>;

template <class Type>
concept HearsItsBasesToo =
    !HidesItsBase<Type> || because<"its call operators hide those of its base, which hears more: add `using "
                                   "Base::operator();`">();

template <class Type>
concept HearsWhatItDeclares = HearsRightly<Type, ApplicationPreFork> && HearsRightly<Type, ApplicationPostFork> &&
                              HearsRightly<Type, ApplicationPostWorkerInit> && HearsRightly<Type, ApplicationPostForkParent> &&
                              HearsRightly<Type, ApplicationForkFailed> && HearsRightly<Type, ApplicationWorkerReady> &&
                              HearsRightly<Type, ApplicationWorkerExit> && HearsRightly<Type, ApplicationWorkerReaped> &&
                              HearsRightly<Type, ApplicationWorkerAbort> && HearsRightly<Type, ApplicationServerStarting> &&
                              HearsRightly<Type, ApplicationServerReady> && HearsRightly<Type, ApplicationServerReload> &&
                              HearsRightly<Type, ApplicationServerExit> && HearsItsBasesToo<Type>;

template <class Type>
concept IsThreadSafe = requires { requires Type::thread_safe; };

template <class Component, class Policy, class Type = typename Unwrapped<Component>::type>
concept IsCalledSafely =
    !(DeclaresHandle<Type> || DeclaresIntercept<Type>) || Policy::handler_calls == HandlerCalls::one_at_a_time ||
    Unwrapped<Component>::serialised || IsThreadSafe<Type> ||
    because<"this container may call handlers from several threads of a process at once: declare `static constexpr bool "
            "thread_safe = true;` if yours can stand it, or list `forksafe::serialised<...>` of it">();

/// What may stand in an application's list: a subscriber, a component that handles or intercepts requests or has something to
/// load, or an option.
template <class Component, class Policy>
concept ComponentOf = is_option<Component> ||
                      (IsClass<typename Unwrapped<Component>::type> && Constructible<typename Unwrapped<Component>::type> &&
                       SaysItRight<typename Unwrapped<Component>::type> && DoesSomething<typename Unwrapped<Component>::type> &&
                       HearsWhatItDeclares<typename Unwrapped<Component>::type> && IsCalledSafely<Component, Policy> &&
                       (Unwrapped<Component>::tolerant || HearsOnlyWhatIsEmitted<typename Unwrapped<Component>::type, Policy>));

}  // namespace forksafe
