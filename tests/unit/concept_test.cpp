// SPDX-License-Identifier: MIT
#include "print.hpp"
#include <array>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <string_view>

import forksafe;
import toy;

using namespace forksafe;

namespace {

// One minimal type that satisfies the concept, then one type for each missing part.
namespace subscribers {
struct Minimal {
  void operator()(ApplicationPostFork const&);
};
struct Throwing {
  void operator()(ApplicationPreFork const&) noexcept(false);
};
struct Nothing {};
struct Private {
 private:
  void operator()(ApplicationPostFork const&);
};
struct Mutating {
  void operator()(ApplicationPostFork&);
};
struct WrongEvent {
  void operator()(int);
};
struct Needs {
  explicit Needs(int);
  void operator()(ApplicationPostFork const&);
};
struct FromRegistry {
  explicit FromRegistry(Registry&);
  void operator()(ApplicationPostFork const&);
};
struct NeverRaised {
  void operator()(ApplicationServerReload const&);
};
struct Handler {
  Response handle(Request const&);
};
struct HandlesByValue {
  int handle(Request const&);
};
struct Loader {
  void load(Application&);
};
}  // namespace subscribers

static_assert(Subscriber<subscribers::Minimal>);
static_assert(Subscriber<subscribers::Throwing>);
static_assert(!Subscriber<subscribers::Nothing>);
static_assert(!Subscriber<subscribers::Private>);
static_assert(!Subscriber<subscribers::Mutating>);
static_assert(!Subscriber<subscribers::WrongEvent>);
static_assert(!Subscriber<subscribers::Handler>);

static_assert(ComponentOf<subscribers::Minimal, toy::ToyPolicy>);
static_assert(ComponentOf<subscribers::FromRegistry, toy::ToyPolicy>);
static_assert(ComponentOf<subscribers::Handler, toy::ToyPolicy>);
static_assert(ComponentOf<subscribers::Loader, toy::ToyPolicy>);
static_assert(ComponentOf<OnFailure<Failure::open>, toy::ToyPolicy>);
static_assert(ComponentOf<IfEmitted<subscribers::NeverRaised>, toy::ToyPolicy>);
static_assert(!ComponentOf<subscribers::NeverRaised, toy::ToyPolicy>);
static_assert(!ComponentOf<subscribers::Needs, toy::ToyPolicy>);
static_assert(!ComponentOf<subscribers::Nothing, toy::ToyPolicy>);
static_assert(!ComponentOf<IfEmitted<subscribers::Nothing>, toy::ToyPolicy>);

static_assert(RequestHandler<subscribers::Handler>);
static_assert(!RequestHandler<subscribers::HandlesByValue>);
static_assert(!RequestHandler<subscribers::Minimal>);
static_assert(Loads<subscribers::Loader>);

static_assert(ApplicationEvent<ApplicationPostFork>);
static_assert(!ApplicationEvent<EventContext>);
static_assert(!ApplicationEvent<int>);

namespace policies {
struct Nameless : toy::ToyPolicy {
  static constexpr int name = 0;
};
struct Wordless : toy::ToyPolicy {
  static constexpr int status = 0;
};
struct Unwired : toy::ToyPolicy {
  static constexpr int wiring = 0;
};
struct NoReplacement : toy::ToyPolicy {
  static constexpr std::string_view leave = "none";
};
struct MissesAnEvent : toy::ToyPolicy {
  static constexpr std::array wiring{native<ApplicationPostFork>("child", "worker")};
};
struct Contradicts : toy::ToyPolicy {
  static constexpr auto wiring = [] {
    std::array<Wire, toy::ToyPolicy::wiring.size() + 1> wires{};
    for (std::size_t row = 0; row != toy::ToyPolicy::wiring.size(); ++row) wires[row] = toy::ToyPolicy::wiring[row];
    wires.back() = absent<ApplicationPostFork>("and yet it has one");
    return wires;
  }();
};
struct NeverUndone : toy::ToyPolicy {
  static constexpr auto wiring = [] {
    auto wires = toy::ToyPolicy::wiring;
    wires[2] = absent<ApplicationPostForkParent>("nothing");
    wires[3] = native<ApplicationPostFork>("again", "worker");
    return wires;
  }();
};
}  // namespace policies

static_assert(ContainerPolicy<toy::ToyPolicy>);
static_assert(!ContainerPolicy<policies::Nameless>);
static_assert(!ContainerPolicy<policies::Wordless>);
static_assert(!ContainerPolicy<policies::Unwired>);
static_assert(!ContainerPolicy<policies::NoReplacement>);
static_assert(!ContainerPolicy<policies::MissesAnEvent>);
static_assert(!ContainerPolicy<policies::Contradicts>);
static_assert(!ContainerPolicy<policies::NeverUndone>);
static_assert(!ContainerPolicy<int>);

}  // namespace

BOOST_AUTO_TEST_SUITE(concepts)

BOOST_AUTO_TEST_CASE(the_defaults_of_a_subscriber) {
  BOOST_TEST(phase_of<subscribers::Minimal>() == Phase::application);
  BOOST_TEST(deadline_of<subscribers::Minimal>() == default_deadline);
  BOOST_TEST(subscriber_name<subscribers::Minimal>().ends_with("Minimal"));
}

BOOST_AUTO_TEST_SUITE_END()
