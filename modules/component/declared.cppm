// SPDX-License-Identifier: MIT
export module forksafe:declared;

import :request;
import forksafe.policy;
import forksafe.std;

// What a type declares, as far as the compiler lets others see it: also what is private, is hidden, or has another form than
// the one that is called. None of it is called.
namespace forksafe {

/// The result of a call that the type does not declare.
struct NotDeclared {};

/// A base beside a type: a name that both declare is ambiguous, whatever it is and whatever its access. A call that nothing in
/// the type takes ends here, while one that a private overload takes is an error.
struct Decoy {
  using Otherwise = NotDeclared (*)(...);
  operator Otherwise() const;

  int handle, intercept, load, phase, deadline, name, may_miss;
};

template <class Type>
struct Beside : Type, Decoy {};

/// A final class and a type that is not a class cannot be looked into: only their public members are seen.
template <class Type>
concept Open = std::is_class_v<Type> && !std::is_final_v<Type>;

template <class Type>
concept DeclaresHandle = (Open<Type> && !requires { &Beside<Type>::handle; }) || requires { &Type::handle; } ||
                         requires(Type& type, Request const& request) { type.handle(request); } ||
                         requires(Type& type, Request& request) { type.handle(request); };
template <class Type>
concept DeclaresIntercept = (Open<Type> && !requires { &Beside<Type>::intercept; }) || requires { &Type::intercept; } ||
                            requires(Type& type, Request const& request) { type.intercept(request); } ||
                            requires(Type& type, Request& request) { type.intercept(request); };
template <class Type>
concept DeclaresLoad = (Open<Type> && !requires { &Beside<Type>::load; }) || requires { &Type::load; };
template <class Type>
concept DeclaresPhase = (Open<Type> && !requires { &Beside<Type>::phase; }) || requires { &Type::phase; };
template <class Type>
concept DeclaresDeadline = (Open<Type> && !requires { &Beside<Type>::deadline; }) || requires { &Type::deadline; };
template <class Type>
concept DeclaresName = (Open<Type> && !requires { &Beside<Type>::name; }) || requires { &Type::name; };
template <class Type>
concept DeclaresMayMiss = (Open<Type> && !requires { &Beside<Type>::may_miss; }) || requires { &Type::may_miss; };

/// Converts to one kind of parameter only.
template <class Event>
struct AsMutable {
  template <class To>
    requires std::same_as<To, Event>
  operator To&() const;
};
template <class Event>
struct AsTemporary {
  template <class To>
    requires std::same_as<To, Event>
  operator To&&() const;
};
template <class Event>
struct AsPointer {
  template <class To>
    requires std::same_as<std::remove_cv_t<To>, Event>
  operator To*() const;
};
struct AsAnything {
  template <class To>
  operator To&() const;
  template <class To>
  operator To&&() const;
};

/// A type that no subscriber is made for.
struct Stranger {};

template <class Type, class... Arguments>
concept CallsOf = requires(Type& type, Arguments... arguments) { type(static_cast<Arguments>(arguments)...); };

/// Whether the call is one to an overload of the type, be it private, deleted or ambiguous.
template <class Type, class... Arguments>
consteval bool takes() {
  if constexpr (Open<Type>) {
    return !requires(Beside<Type>& type, Arguments... arguments) {
      { type(static_cast<Arguments>(arguments)...) } -> std::same_as<NotDeclared>;
    };
  } else {
    return CallsOf<Type, Arguments...>;
  }
}

/// Whether a template takes the event: one whose return type is deduced cannot be asked about any other.
template <class Type, class Event>
concept TakesByTemplate =
    requires(Type& type, Event const& event) { type(event); } && !requires(Type& type, Event const& event) { type({event}); };

template <class Type>
inline constexpr bool takes_by_template =
    [] { return []<class... Events>(EventList<Events...>) { return (TakesByTemplate<Type, Events> || ...); }(AllEvents{}); }();

/// Whether the type can be asked which events it takes: it has no template for them, and does not take whatever there is.
template <class Type>
consteval bool is_selective() {
  if constexpr (takes_by_template<Type>) {
    return false;
  } else {
    return !takes<Type, Stranger>();
  }
}

struct TakesNothing {
  void operator()() const;
};
/// A type whose call operators are hidden. What takes an argument then is a conversion to a pointer to a function.
template <class Type>
struct WithoutCalls : Type, TakesNothing {
  using TakesNothing::operator();
};

/// Whether a conversion takes the place of a call operator, beside those that the type has.
template <class Type>
consteval bool is_called_by_conversion() {
  if constexpr (Open<Type>) {
    return takes<WithoutCalls<Type>, AsAnything>() || takes<WithoutCalls<Type>, AsAnything, AsAnything>();
  } else {
    return false;
  }
}

/// Whether the type has one call operator, no template, for one of the events, as it is to be: then it mistakes none.
template <class Type, class... Events>
consteval bool hears_one(EventList<Events...>) {
  if constexpr (requires { &Type::operator(); }) {
    using Member = decltype(&Type::operator());
    return (... ||
            (std::same_as<Member, void (Type::*)(Events const&)> || std::same_as<Member, void (Type::*)(Events const&) const> ||
             std::same_as<Member, void (Type::*)(Events const&) noexcept> ||
             std::same_as<Member, void (Type::*)(Events const&) const noexcept>)) &&
           !is_called_by_conversion<Type>();
  } else {
    return false;
  }
}
template <class Type>
inline constexpr bool hears_one_event = hears_one<Type>(AllEvents{});

/// Whether an overload is meant for the event and never called with it.
template <class Type, class Event>
consteval bool mistakes() {
  if constexpr (hears_one_event<Type>) {
    return false;
  } else if constexpr (requires(Type& type, Event const& event) { type(event); }) {
    // An overload for a base of the event takes the place of one that takes `Event&`.
    if constexpr (is_selective<Type>()) {
      return takes<Type, AsMutable<Event>>() != takes<Type, AsTemporary<Event>>() || takes<Type, AsPointer<Event>>();
    } else {
      return false;
    }
  } else {
    if constexpr (takes<Type, Event const&>() || takes<Type, Event&>() || takes<Type, Event>() ||
                  takes<Type, Event const&, AsAnything>() ||
                  requires(Type&& type, Event const& event) { std::move(type)(event); }) {
      return true;
    } else if constexpr (is_selective<Type>()) {
      return takes<Type, AsPointer<Event>>();
    } else {
      return false;
    }
  }
}

/// Whether `Base` hears an event that the class derived from it does not hear.
template <class Base, class Type>
inline constexpr bool hears_more = [] {
  return []<class... Events>(EventList<Events...>) {
    return ((
                requires(Base& base, Events const& event) { base(event); } &&
                !requires(Type& type, Events const& event) { type(event); }) ||
            ...);
  }(AllEvents{});
}();

template <class Base, class Type>
concept BaseOf = std::is_base_of_v<Base, Type> && !std::same_as<Base, Type>;

/// Stands for the bases in the list that an aggregate is initialised with.
template <class Type>
struct AsBase {
  template <class Base>
    requires BaseOf<Base, Type>
  operator Base() const;
};
template <class Type>
struct AsHiddenBase {
  template <class Base>
    requires(BaseOf<Base, Type> && hears_more<Base, Type>)
  operator Base() const;
};

template <template <class...> class Base, class... Arguments>
Base<Arguments...> const& template_base_of(Base<Arguments...> const* type);

/// Whether a base hears what the class does not hear, because the class's call operators hide those of its bases. Sees the
/// first four bases of an aggregate, a base that is the only one made from a template, and the base of a resource.
template <class Type>
concept HidesItsBase =
    (std::is_aggregate_v<Type> && std::is_class_v<Type> &&
     (requires { Type{AsHiddenBase<Type>{}}; } || requires { Type{AsBase<Type>{}, AsHiddenBase<Type>{}}; } ||
      requires { Type{AsBase<Type>{}, AsBase<Type>{}, AsHiddenBase<Type>{}}; } ||
      requires { Type{AsBase<Type>{}, AsBase<Type>{}, AsBase<Type>{}, AsHiddenBase<Type>{}}; })) ||
    requires(Type const* type) {
      requires hears_more<std::remove_cvref_t<decltype(template_base_of(type))>, Type>;
    } || requires { requires hears_more<typename Type::resource_kind, Type>; };

}  // namespace forksafe
