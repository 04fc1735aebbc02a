// SPDX-License-Identifier: MIT
export module forksafe.resource:traits;

import forksafe;
import forksafe.std;

export namespace forksafe {

/// What a child does with something that its parent had: wait for the next use, act on the fork, or do without.
enum class InChild : std::uint8_t { lazily, at_once, never };

}  // namespace forksafe

namespace forksafe {

/// What the traits chose, `otherwise` if they declare no `static constexpr InChild in_child`.
template <class Traits>
consteval InChild in_child_of(InChild otherwise) {
  if constexpr (requires {
                  { Traits::in_child } -> std::convertible_to<InChild>;
                }) {
    return Traits::in_child;
  } else {
    return otherwise;
  }
}

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

/// A second base beside traits. A name that both declare is ambiguous, whatever it names and whatever its access is.
struct TraitsDecoy {
  int in_child, close, in_use, descriptor;
};

template <class Traits>
struct BesideTraits : Traits, TraitsDecoy {};

/// Final traits cannot be looked into: of them only what is public and no overload is seen.
template <class Traits>
concept OpenTraits = __is_class(Traits) && !__is_final(Traits);

template <class Traits>
concept DeclaresInChild =
    (OpenTraits<Traits> && !requires { &BesideTraits<Traits>::in_child; }) || requires { &Traits::in_child; };
template <class Traits>
concept DeclaresClose = (OpenTraits<Traits> && !requires { &BesideTraits<Traits>::close; }) || requires { &Traits::close; };
template <class Traits>
concept DeclaresInUse = (OpenTraits<Traits> && !requires { &BesideTraits<Traits>::in_use; }) || requires { &Traits::in_use; };
template <class Traits>
concept DeclaresDescriptor =
    (OpenTraits<Traits> && !requires { &BesideTraits<Traits>::descriptor; }) || requires { &Traits::descriptor; };

template <InChild>
struct InChildConstant;

// What traits may leave out has one form in which it counts: what has another one would be taken for absent.

template <class Traits>
concept WellFormedInChild = !DeclaresInChild<Traits> || requires { typename InChildConstant<Traits::in_child>; } ||
                            because("declare `static constexpr forksafe::InChild in_child = forksafe::InChild::lazily;`, or "
                                    "another of its values, public");
template <class Traits>
concept WellFormedClose = !DeclaresClose<Traits> || requires(Traits& traits, typename Traits::Handle& handle) {
  traits.close(handle);
} || because("declare `void close(Handle&)`, public: it says goodbye");
template <class Traits>
concept WellFormedInUse = !DeclaresInUse<Traits> || requires(Traits& traits, typename Traits::Handle& handle) {
  { traits.in_use(handle) } -> std::convertible_to<std::string_view>;
} || because("declare `std::string_view in_use(Handle&)`, public: why a fork is not safe now, empty if it is");
template <class Traits>
concept WellFormedHandleDescriptor = !DeclaresDescriptor<Traits> || requires(Traits& traits, typename Traits::Handle& handle) {
  { traits.descriptor(handle) } -> std::same_as<int>;
} || because("declare `int descriptor(Handle&)`, public: what it is opened on");
template <class Traits>
concept WellFormedDescriptor = !DeclaresDescriptor<Traits> || requires(Traits& traits) {
  { traits.descriptor() } -> std::same_as<int>;
} || because("declare `int descriptor()`, public: that of the event loop itself");

/// The name of a resource whose traits declare one; the others are called as their type is.
template <class Traits>
struct NamedByTraits {};
template <class Traits>
  requires requires { Traits::name; }
struct NamedByTraits<Traits> {
  static constexpr std::string_view name = Traits::name;
};

}  // namespace forksafe
