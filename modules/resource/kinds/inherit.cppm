// SPDX-License-Identifier: MIT
module;
#include <vector>
export module forksafe.resource:inherit;

import :resource;
import forksafe;
import forksafe.audit;
import forksafe.std;

export namespace forksafe {

/// A descriptor that several processes are meant to use, and the reason: "accepts for all workers".
struct SharedDescriptor {
  int descriptor;
  std::string_view reason;
};

}  // namespace forksafe

namespace forksafe {

template <class Range>
concept RangeOfShared =
    std::ranges::input_range<Range> && std::convertible_to<std::ranges::range_reference_t<Range>, SharedDescriptor>;

}  // namespace forksafe

export namespace forksafe {

/// Traits of Inherit.
///
/// Meaning: `descriptors()` names those that are open at the moment of the call; it is called before each fork and in each
/// child.
template <class Traits>
concept InheritTraits =
    requires(Traits& traits) {
      { traits.descriptors() } -> RangeOfShared;
    } || because("say which descriptors are shared on purpose: `std::array<SharedDescriptor, N> descriptors();` or another "
                 "range of {descriptor, reason}");

/// Descriptors that are meant to be inherited, so that the audit does not report them (kind K9).
template <InheritTraits Traits>
class Inherit : public Resource<Inherit<Traits>, Traits> {
 public:
  static constexpr Phase phase = Phase::generation;
  using Resource<Inherit, Traits>::Resource;

  /// Declares what is open now, in place of what was declared before.
  void declare() {
    std::vector<Declaration> declarations;
    for (SharedDescriptor const& shared : this->traits().descriptors())
      declarations.push_back(declare_shared(shared.descriptor, shared.reason));
    declarations_ = std::move(declarations);
  }

  void operator()(ApplicationPreFork const&) { declare(); }
  void operator()(ApplicationPostFork const&) { declare(); }

 private:
  std::vector<Declaration> declarations_;
};

}  // namespace forksafe
