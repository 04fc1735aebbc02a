// SPDX-License-Identifier: MIT
#include "child.hpp"
#include <boost/test/unit_test.hpp>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

import forksafe;
import toy;

using namespace forksafe;

// Subscribers change the list in which they are, and services the registry. The sanitizers' builds run these tests too.
namespace {

using App = ForkSafeApp<toy::ToyPolicy>;

void hear_fork(App& app) {
  app.emit<"before">(ApplicationPreFork{});
  app.emit<"after">(ApplicationPostForkParent{});
}

/// Subscribes so many others that the list is moved in memory.
void crowd(App& app, std::string const& prefix) {
  for (int number = 0; number != 100; ++number)
    app.subscribe<ApplicationPreFork>([](ApplicationPreFork const&) {}, prefix + std::to_string(number));
}

/// Runs the action in its destructor.
template <class Action>
class AtEnd {
 public:
  explicit AtEnd(Action action) : action_(std::move(action)) {}
  AtEnd(AtEnd const&) = delete;
  AtEnd& operator=(AtEnd const&) = delete;
  ~AtEnd() { action_(); }

 private:
  Action action_;
};

struct Pool {
  int size = 0;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(subscription)

BOOST_AUTO_TEST_CASE(a_callable_keeps_its_state_between_events) {
  auto& app = *new App{"shop"};
  std::vector<int> counted;
  app.subscribe<ApplicationPreFork>([&counted, count = 0](ApplicationPreFork const&) mutable { counted.push_back(++count); });
  hear_fork(app);
  hear_fork(app);
  BOOST_TEST(counted == (std::vector{1, 2}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_callable_outlives_its_place_in_the_list) {
  auto& app = *new App{"shop"};
  std::string said;
  app.subscribe<ApplicationPreFork>(
      [&, word = std::string(100, 'x')](ApplicationPreFork const&) {
        app.subscribe<ApplicationPreFork>([](ApplicationPreFork const&) {}, "self");
        crowd(app, "from within ");
        said = word;
      },
      "self");
  hear_fork(app);
  BOOST_TEST(said == std::string(100, 'x'));
}

BOOST_AUTO_TEST_CASE(what_is_replaced_may_subscribe_as_it_ends) {
  auto& app = *new App{"shop"};
  auto ending = std::make_shared<AtEnd<std::function<void()>>>([&app] { crowd(app, "at the end "); });
  app.subscribe<ApplicationPreFork>([ending = std::exchange(ending, nullptr)](ApplicationPreFork const&) {}, "key");
  int heard = 0;
  Subscription second = app.subscribe<ApplicationPreFork>([&](ApplicationPreFork const&) { ++heard; }, "key");
  hear_fork(app);
  second.unsubscribe();
  hear_fork(app);
  BOOST_TEST(heard == 1);
}

BOOST_AUTO_TEST_CASE(what_is_unsubscribed_may_subscribe_as_it_ends) {
  auto& app = *new App{"shop"};
  auto ending = std::make_shared<AtEnd<std::function<void()>>>([&app] { crowd(app, "at the end "); });
  Subscription first =
      app.subscribe<ApplicationPreFork>([ending = std::exchange(ending, nullptr)](ApplicationPreFork const&) {}, "key");
  int heard = 0;
  app.subscribe<ApplicationPreFork>([&](ApplicationPreFork const&) { ++heard; }, "other");
  first.unsubscribe();
  hear_fork(app);
  BOOST_TEST(heard == 1);
}

BOOST_AUTO_TEST_CASE(a_service_may_provide_others_as_it_ends) {
  Registry registry{"shop"};
  auto const provide_more = [&registry] {
    registry.provide(std::make_shared<int>(3));
    registry.provide(std::make_shared<long>(4));
    registry.provide(std::make_shared<std::string>("five"));
  };
  using Ending = AtEnd<decltype(provide_more)>;
  registry.provide(std::make_shared<Ending>(provide_more));
  registry.provide(std::make_shared<Ending>(provide_more));
  BOOST_TEST(registry.get<std::string>() == "five");
  BOOST_TEST(registry.get<long>() == 4);
}

BOOST_AUTO_TEST_CASE(a_service_is_not_null) {
  Registry registry{"shop"};
  BOOST_CHECK_THROW(registry.provide(std::shared_ptr<Pool>{}), std::invalid_argument);
  BOOST_TEST(registry.find<Pool>() == nullptr);
}

BOOST_AUTO_TEST_SUITE_END()
