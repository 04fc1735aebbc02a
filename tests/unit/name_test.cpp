// SPDX-License-Identifier: MIT
// A part of the module, for short_name is not exported.
module;
#include "child.hpp"
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>
module forksafe;

import :name;
import forksafe.resource;
import forksafe.resource.random;
import toy;

using namespace forksafe;

namespace vault {

template <class...>
struct List {};

struct Seed {
  void reseed() {}
};

struct Named {
  static constexpr std::string_view name = "the vault's dice";
  void reseed() {}
};

struct Answers {
  void operator()(ApplicationPostFork const&) { throw std::runtime_error{"no answer"}; }
};

/// Gets a service that is absent.
struct Api {
  explicit Api(Registry& registry) : answers(&registry.get<Answers>()) {}
  void operator()(ApplicationPostFork const&) {}

  Answers* answers;
};

/// A user's resource that is derived from one of the framework.
struct Dice : Reseed<Seed> {
  using Reseed::Reseed;
};

struct Asking {
  void operator()(ApplicationPostFork const& event) { static_cast<void>(event.registry->get<List<int>>()); }
};

struct Loading {
  void load(Application& application) { static_cast<void>(application.registry().get<List<char>>()); }
};

}  // namespace vault

namespace {

using Engine = Reseed<RandomEngine<std::mt19937_64>>;

std::string what_of(auto call) {
  try {
    call();
  } catch (NotProvided const& missing) {
    return missing.what();
  }
  return "nothing was thrown";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(name)

BOOST_AUTO_TEST_CASE(a_type_is_called_without_the_framework_s_and_the_library_s_namespaces) {
  BOOST_TEST(short_name<vault::Api> == "vault::Api");
  BOOST_TEST(short_name<Reseed<vault::Seed>> == "Reseed<vault::Seed>");
  BOOST_TEST(short_name<std::vector<std::string>> == "vector<basic_string<char>>");
}

BOOST_AUTO_TEST_CASE(arguments_are_left_out_from_within_until_the_journal_has_room) {
  BOOST_TEST(short_name<Engine> == "Reseed<RandomEngine<mersenne_twister_engine<...>>>");
  using Long = vault::List<vault::List<vault::Answers, vault::Api, vault::Seed>, vault::List<vault::Dice, vault::Asking>>;
  BOOST_TEST(short_name<Long> == "vault::List<vault::List<...>, vault::List<vault::Dice, vault::Asking>>");
}

BOOST_AUTO_TEST_CASE(a_name_of_run_time_is_shortened_alike) {
  BOOST_TEST(short_name_of("std::vector<forksafe::Application>") == "vector<Application>");
  BOOST_TEST(short_name_of("(lambda at /srv/build/shop/shop.cpp:12:34)") == "(lambda at shop.cpp:12:34)");
  std::string const endless = short_name_of(std::string(100, 'x'));
  BOOST_TEST(endless.size() == subscriber_limit);
  BOOST_TEST(endless.starts_with("..."));
  BOOST_TEST(short_name_of("") == "");
}

BOOST_AUTO_TEST_CASE(each_view_has_the_same_name) {
  using App = ForkSafeApp<toy::ToyPolicy, Engine, vault::Dice, Reseed<vault::Named>, vault::Answers>;
  static_assert(App::report.subscribers[0].name == "Reseed<RandomEngine<mersenne_twister_engine<...>>>");
  static_assert(App::report.subscribers[1].name == "vault::Dice");
  static_assert(App::report.subscribers[2].name == "the vault's dice");
  static_assert(App::report.subscribers[3].name == "vault::Answers");
  static auto& app = *new App{"vault"};
  app.on_failure(Failure::open);
  app.subscribe<ApplicationPostFork>([](ApplicationPostFork const&) { throw std::runtime_error{"late"}; });
  auto const result = in_child([&] {
    ApplicationPostFork event;
    event.process = {Role::worker, 0, 0, 1, 1};
    event.forked = true;
    app.emit<"child">(event);
    auto const debug = app.debug();
    std::string text;
    for (JournalRow const& row : debug.journal.records) text += row.subscriber + "|";
    for (FailureRow const& failure : debug.failures) text += "failed " + failure.subscriber + "|";
    return text;
  });
  std::string const text = result.text.substr(0, result.text.find("(lambda"));
  BOOST_TEST(text == "Reseed<RandomEngine<mersenne_twister_engine<...>>>|vault::Dice|the vault's dice|vault::Answers|");
  std::string const failed = result.text.substr(result.text.find("failed"));
  BOOST_TEST(failed.starts_with("failed vault::Answers|failed (lambda at name_test.cpp:"), failed);
}

BOOST_AUTO_TEST_CASE(what_is_listed_is_found_under_the_type_of_the_list) {
  static auto& app = *new ForkSafeApp<toy::ToyPolicy, Engine, vault::Dice, vault::Answers, vault::Api>{"vault"};
  Registry& registry = app.registry();
  BOOST_TEST(registry.find<Engine>() == &registry.get<Engine>());
  BOOST_TEST(static_cast<Reseed<vault::Seed>*>(registry.find<vault::Dice>()) == registry.find<Reseed<vault::Seed>>());
  BOOST_TEST(registry.get<vault::Dice>().shown_as() == "vault::Dice");
  BOOST_TEST(registry.get<vault::Api>().answers == registry.find<vault::Answers>());
}

BOOST_AUTO_TEST_CASE(what_is_missing_is_named_with_its_cure) {
  BOOST_TEST(what_of([] { ForkSafeApp<toy::ToyPolicy, vault::Dice, vault::Api, vault::Answers>{"vault"}; }) ==
             "no vault::Answers is provided: list it before vault::Api in the application's ForkSafeApp, or `provide` it "
             "before that asks; provided are: Application, Reseed<vault::Seed>, vault::Dice");
  Registry registry{"vault"};
  BOOST_TEST(what_of([&] { static_cast<void>(registry.get<Engine>()); }) ==
             "no Reseed<RandomEngine<mersenne_twister_engine<...>>> is provided: list it before what asks for it in the "
             "application's ForkSafeApp, or `provide` it before that asks; provided are: none");
  auto& loading = *new ForkSafeApp<toy::ToyPolicy, vault::Loading>{"vault"};
  BOOST_TEST(what_of([&] { loading.load(); }).starts_with("no vault::List<char> is provided: list it before vault::Loading "));
}

BOOST_AUTO_TEST_CASE(a_subscriber_that_asks_for_what_is_missing_fails_with_the_cure) {
  auto& app = *new ForkSafeApp<toy::ToyPolicy, vault::Asking>{"vault"};
  app.on_failure(Failure::open);
  auto const result = in_child([&] {
    ApplicationPostFork event;
    event.forked = true;
    app.emit<"child">(event);
    return app.debug().failures.at(0).reason;
  });
  BOOST_TEST(result.text.starts_with("threw: no vault::List<int> is provided: list it before vault::Asking "), result.text);
}

BOOST_AUTO_TEST_SUITE_END()
