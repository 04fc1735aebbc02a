// SPDX-License-Identifier: MIT
#include "child.hpp"
#include <boost/test/unit_test.hpp>
#include <csignal>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <unistd.h>

import forksafe;
import forksafe.resource;
import forksafe.standalone;
import forks;

using namespace forksafe;

namespace {

std::string heard;
bool refuses = false;

struct Library {
  static constexpr std::string_view name = "library";
  void before_fork() {
    heard += "before ";
    if (refuses) throw std::runtime_error{"a call is under way"};
  }
  void after_fork_in_parent() { heard += "parent "; }
  void after_fork_in_child() { heard += "child "; }
};

struct Counter {
  static constexpr std::string_view name = "counter";
  explicit Counter(Registry& registry) : first(registry.name().size()) {}
  void reseed() { value = first + ++seeds; }
  std::size_t first;
  std::size_t seeds = 0;
  std::size_t value = 0;
};

using BothKindsOfLoop = std::tuple<NotifyBothSides<Library>, NotifyChildOnly<Library>>;

template <class Kind>
auto& fresh() {
  heard.clear();
  refuses = false;
  return *new ForkSafeApp<StandalonePolicy, Kind>{"notify"};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(kinds_notify)

BOOST_AUTO_TEST_CASE(a_library_that_refuses_is_not_told_in_the_parent_and_its_child_does_not_serve) {
  auto& app = fresh<NotifyBothSides<Library>>();
  refuses = true;
  BOOST_TEST(in_worker(app, [] { return heard; }).exit_status() == StandalonePolicy::replace_status);
  BOOST_TEST(heard == "before ");
  BOOST_TEST(failures_of(app) == "library: threw: a call is under way; ");
  refuses = false;
  BOOST_TEST(in_worker(app, [] { return heard; }).text == "before before child ");
  BOOST_TEST(heard == "before before parent ");
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_signal_to_the_child_is_not_taken_before_the_library_was_told, Kind, BothKindsOfLoop) {
  auto& app = fresh<Kind>();
  ::signal(SIGUSR2, [](int) { heard += "signal "; });
  before_fork(app);
  auto const result = in_child(
      [&] {
        ::raise(SIGUSR2);
        heard += "repairs ";
        after_fork_in_child(app);
        ::raise(SIGUSR2);
        return heard;
      },
      ::fork, [&] { after_fork_in_parent(app); });
  BOOST_TEST(result.text.ends_with("repairs child signal signal "), result.text);
  ::raise(SIGUSR2);
  BOOST_TEST(heard.ends_with("signal "));
  before_fork(app);
  ::raise(SIGUSR2);
  auto const before = heard;
  after_failed_fork(app);
  BOOST_TEST(heard.size() > before.size());
  ::signal(SIGUSR2, SIG_DFL);
}

BOOST_AUTO_TEST_CASE(only_the_child_is_told_once) {
  auto& app = fresh<NotifyChildOnly<Library>>();
  BOOST_TEST(in_worker(app, [&] {
               return static_cast<void>(app.registry().template find<NotifyChildOnly<Library>>()->get()), heard;
             }).text == "child ");
  BOOST_TEST(heard == "");
}

BOOST_AUTO_TEST_CASE(what_can_t_be_made_clean_vetoes) {
  auto& app = fresh<PreForkOnly<Library>>();
  BOOST_TEST(in_worker(app, [] { return heard; }).text == "before ");
  refuses = true;
  BOOST_TEST(in_worker(app, [] { return heard; }).exit_status() == StandalonePolicy::replace_status);
  after_failed_fork(app);
  BOOST_TEST(heard == "before before ");
}

BOOST_AUTO_TEST_CASE(each_process_seeds_once_and_before_its_first_use) {
  auto& app = fresh<Reseed<Counter>>();
  auto& counter = *app.registry().find<Reseed<Counter>>();
  BOOST_TEST(counter.get().value == 7u);
  BOOST_TEST(counter.get().value == 7u);
  for (auto* const make : {::fork, ::_Fork}) {
    BOOST_TEST(in_worker(app, [&] { return std::to_string(counter.traits().value); }, make).text == "8");
    BOOST_TEST(in_child([&] { return std::to_string(counter.get().value); }, make).text == "8");
  }
  BOOST_TEST(counter.get().value == 7u);
}

BOOST_AUTO_TEST_SUITE_END()
