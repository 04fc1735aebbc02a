// SPDX-License-Identifier: MIT
#include <boost/test/unit_test.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

import forksafe;
import toy;

using namespace forksafe;

namespace {

std::vector<std::string> heard;

template <int Number, Phase Chosen>
struct Numbered {
  static constexpr Phase phase = Chosen;
  void operator()(ApplicationPreFork const&) { heard.push_back("pre" + std::to_string(Number)); }
  void operator()(ApplicationPostFork const&) { heard.push_back("post" + std::to_string(Number)); }
  void operator()(ApplicationPostForkParent const&) { heard.push_back("parent" + std::to_string(Number)); }
};

struct Unphased {
  void operator()(ApplicationPostFork const&) { heard.push_back("post-unphased"); }
};

struct Throws {
  void operator()(ApplicationPostFork const&) { throw std::runtime_error{"no"}; }
};

struct OnlyReload {
  void operator()(ApplicationServerReload const&) { heard.push_back("reload"); }
  void operator()(ApplicationPostFork const&) { heard.push_back("post-tolerant"); }
};

// These are not declared in the order of their phases, on purpose.
using Phased = ForkSafeApp<toy::ToyPolicy, Numbered<7, Phase::threads>, Numbered<6, Phase::application>,
                           Numbered<5, Phase::detach>, Numbered<4, Phase::event_loops>, Numbered<3, Phase::reseed>,
                           Numbered<2, Phase::locks>, Numbered<1, Phase::generation>>;

static_assert(Phased::report.subscribers.size() == 7);
static_assert(Phased::report.subscribers[0].phase == Phase::generation);
static_assert(Phased::report.subscribers[1].phase == Phase::locks);
static_assert(Phased::report.subscribers[2].phase == Phase::reseed);
static_assert(Phased::report.subscribers[3].phase == Phase::event_loops);
static_assert(Phased::report.subscribers[4].phase == Phase::detach);
static_assert(Phased::report.subscribers[5].phase == Phase::application);
static_assert(Phased::report.subscribers[6].phase == Phase::threads);
static_assert(Phased::report.subscribers[0].events.size() == 3);
static_assert(Phased::report.subscribers[0].events[0] == "ApplicationPreFork");

}  // namespace

BOOST_AUTO_TEST_SUITE(emit)

BOOST_AUTO_TEST_CASE(a_child_goes_through_the_phases_in_order_and_a_parent_backwards) {
  auto& app = *new Phased{"phased"};
  std::vector<std::string> const forwards{"post1", "post2", "post3", "post4", "post5", "post6", "post7"};
  std::vector<std::string> const backwards{"pre7", "pre6", "pre5", "pre4", "pre3", "pre2", "pre1"};
  std::vector<std::string> const undone{"parent1", "parent2", "parent3", "parent4", "parent5", "parent6", "parent7"};
  heard.clear();
  app.call_subscribers(ApplicationPostFork{});
  BOOST_TEST(heard == forwards, boost::test_tools::per_element());
  heard.clear();
  app.call_subscribers(ApplicationPreFork{});
  BOOST_TEST(heard == backwards, boost::test_tools::per_element());
  heard.clear();
  app.call_subscribers(ApplicationPostForkParent{});
  BOOST_TEST(heard == undone, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(within_a_phase_the_order_of_declaration_counts) {
  auto& app = *new ForkSafeApp<toy::ToyPolicy, Numbered<2, Phase::application>, Unphased, Numbered<1, Phase::application>>{"a"};
  heard.clear();
  app.call_subscribers(ApplicationPostFork{});
  std::vector<std::string> const order{"post2", "post-unphased", "post1"};
  BOOST_TEST(heard == order, boost::test_tools::per_element());
  heard.clear();
  app.call_subscribers(ApplicationPreFork{});
  std::vector<std::string> const reversed{"pre1", "pre2"};
  BOOST_TEST(heard == reversed, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_one_throws_keeps_nobody_from_hearing) {
  auto& app = *new ForkSafeApp<toy::ToyPolicy, Throws, Unphased>{"a"};
  heard.clear();
  app.call_subscribers(ApplicationPostFork{});
  BOOST_TEST(heard.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_tolerant_subscriber_hears_only_what_is_raised) {
  using App = ForkSafeApp<toy::ToyPolicy, IfEmitted<OnlyReload>>;
  static_assert(App::report.subscribers[0].events.size() == 1);
  static_assert(App::report.subscribers[0].events[0] == "ApplicationPostFork");
  auto& app = *new App{"a"};
  heard.clear();
  app.call_subscribers(ApplicationPostFork{});
  BOOST_TEST(heard.size() == 1u);
}

BOOST_AUTO_TEST_CASE(nobody_needs_to_listen) {
  auto& app = *new ForkSafeApp<toy::ToyPolicy>{"a"};
  heard.clear();
  app.call_subscribers(ApplicationPostFork{});
  BOOST_TEST(heard.empty());
  BOOST_TEST(ForkSafeApp<toy::ToyPolicy>::report.subscribers.empty());
}

BOOST_AUTO_TEST_SUITE_END()
