// SPDX-License-Identifier: MIT
#include "child.hpp"
#include <boost/random/mersenne_twister.hpp>
#include <boost/test/unit_test.hpp>
#include <boost/uuid/random_generator.hpp>
#include <boost/uuid/uuid_io.hpp>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <unistd.h>

import forks;
import forksafe;
import forksafe.resource.random;
import forksafe.standalone;

using namespace forksafe;

namespace {

using Engines = std::tuple<std::minstd_rand0, std::minstd_rand, std::mt19937, std::mt19937_64, std::ranlux24_base,
                           std::ranlux48_base, std::ranlux24, std::ranlux48, std::knuth_b, boost::random::mt19937>;

template <class Drawn>
std::string text_of(Drawn const& drawn) {
  if constexpr (requires { std::to_string(drawn); }) {
    return std::to_string(drawn);
  } else {
    return boost::uuids::to_string(drawn);
  }
}

/// Returns the next draws of the parent and of two of its children.
template <class Generator>
std::set<std::string> drawn_unprotected(Generator& generator) {
  auto const draw = [&] { return text_of(generator()); };
  return {in_child(draw).text, in_child(draw).text, draw()};
}

template <class Traits>
std::set<std::string> drawn_protected(pid_t (*make)()) {
  auto& app = *new ForkSafeApp<StandalonePolicy, Reseed<Traits>>{"random"};
  auto& resource = *app.registry().template find<Reseed<Traits>>();
  auto const draw = [&] { return text_of(resource.get()()); };
  draw();
  if (make == ::fork) return {in_worker(app, draw).text, in_worker(app, draw).text, draw()};
  return {in_child(draw, make).text, in_child(draw, make).text, draw()};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(random_state)

BOOST_AUTO_TEST_CASE_TEMPLATE(unprotected_engines_draw_the_same_in_all_processes, Engine, Engines) {
  Engine engine{static_cast<typename Engine::result_type>(std::random_device{}())};
  BOOST_TEST(drawn_unprotected(engine).size() == 1u);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(reseeded_engines_draw_different_numbers, Engine, Engines) {
  BOOST_TEST(drawn_protected<RandomEngine<Engine>>(::fork).size() == 3u);
  BOOST_TEST(drawn_protected<RandomEngine<Engine>>(::_Fork).size() == 3u);
}

BOOST_AUTO_TEST_CASE(an_engine_serves_distributions) {
  auto& app = *new ForkSafeApp<StandalonePolicy, Reseed<RandomEngine<std::mt19937_64>>>{"random"};
  int const die = std::uniform_int_distribution<int>{1, 6}(app.registry().find<Reseed<RandomEngine<std::mt19937_64>>>()->get());
  BOOST_TEST(die >= 1);
  BOOST_TEST(die <= 6);
}

BOOST_AUTO_TEST_CASE(the_parent_goes_on_with_its_own_numbers) {
  using Kind = Reseed<RandomEngine<std::mt19937_64>>;
  auto& app = *new ForkSafeApp<StandalonePolicy, Kind>{"random"};
  std::mt19937_64 copy = app.registry().find<Kind>()->get();
  static_cast<void>(in_worker(app, [] { return ""; }));
  BOOST_TEST(app.registry().find<Kind>()->get()() == copy());
}

BOOST_AUTO_TEST_CASE(an_unprotected_uuid_generator_repeats_itself_unless_it_keeps_no_state) {
  boost::uuids::random_generator_mt19937 twister;
  BOOST_TEST(drawn_unprotected(twister).size() == 1u);
  boost::uuids::random_generator_pure pure;
  BOOST_TEST(drawn_unprotected(pure).size() == 3u);
}

BOOST_AUTO_TEST_CASE(a_reseeded_uuid_generator_does_not) {
  BOOST_TEST(drawn_protected<UuidGenerator<>>(::fork).size() == 3u);
  BOOST_TEST(drawn_protected<UuidGenerator<>>(::_Fork).size() == 3u);
  BOOST_TEST(drawn_protected<UuidGenerator<boost::uuids::random_generator>>(::fork).size() == 3u);
}

BOOST_AUTO_TEST_SUITE_END()
