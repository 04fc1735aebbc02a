// SPDX-License-Identifier: MIT
#include "processes.hpp"
#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <unistd.h>

import forksafe.generation;

namespace {

int made = 0;
int destroyed = 0;

struct Session {
  explicit Session(int number) : number(number) {}
  Session(Session const&) = delete;
  ~Session() { ++destroyed; }
  int number;
};

struct OpenSession {
  Session operator()() const { return Session{++made}; }
};

struct SeededEngine {
  std::mt19937_64 operator()() const {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device()};
    return std::mt19937_64{seed};
  }
};

using Engine = forksafe::ForkLocal<std::mt19937_64, SeededEngine>;

/// Draws few numbers at a time: small buffers show best which processes draw from the same state.
std::string draw(Engine& engine) {
  std::string text;
  for (int index = 0; index != 2; ++index) text += std::to_string(engine.get()()) + " ";
  return text;
}

struct FailsFirst {
  int operator()() { return ++calls == 1 ? throw std::runtime_error{"not yet"} : calls; }
  int calls = 0;
};

pid_t (*const kinds[])() = {::fork, ::_Fork, raw_clone};

}  // namespace

BOOST_AUTO_TEST_SUITE(local)

BOOST_AUTO_TEST_CASE(each_process_makes_its_own_and_a_child_destroys_nothing_of_its_parent) {
  made = destroyed = 0;
  auto session = std::make_unique<forksafe::ForkLocal<Session, OpenSession>>();
  BOOST_TEST(!session->has_value());
  BOOST_TEST(session->get().number == 1);
  auto& local = *session;
  BOOST_TEST(local->number == 1);
  for (auto* const make : kinds) {
    BOOST_TEST(in_child(
                   [&] {
                     bool const inherited = session->has_value();
                     std::string const text = std::to_string(session->get().number) + std::to_string(session->get().number);
                     session.reset();
                     return text + (inherited ? "!" : " ") + std::to_string(destroyed);
                   },
                   make)
                   .text == "22 1");
    BOOST_TEST(in_child(
                   [&] {
                     session.reset();
                     return std::to_string(destroyed);
                   },
                   make)
                   .text == "0");
  }
  BOOST_TEST(session->get().number == 1);
  session.reset();
  BOOST_TEST(destroyed == 1);
  BOOST_TEST(made == 1);
}

BOOST_AUTO_TEST_CASE(four_children_and_their_parent_draw_different_numbers) {
  Engine engine;
  static_cast<void>(draw(engine));
  for (auto* const make : kinds) {
    std::set<std::string> drawn;
    for (int child = 0; child != 4; ++child) drawn.insert(in_child([&] { return draw(engine); }, make).text);
    drawn.insert(draw(engine));
    BOOST_TEST(drawn.size() == 5u);
  }
}

BOOST_AUTO_TEST_CASE(an_engine_that_is_not_fork_local_repeats_itself_here) {
  std::mt19937_64 engine = SeededEngine{}();
  auto const draw_next = [&] { return std::to_string(engine()); };
  BOOST_TEST(in_child(draw_next).text == in_child(draw_next).text);
}

BOOST_AUTO_TEST_CASE(threads_of_a_child_share_one_value) {
  forksafe::ForkLocal<Session, OpenSession> session;
  static_cast<void>(session.get());
  for (int round = 0; round != 20; ++round) {
    auto const result = in_child([&] {
      made = 0;
      std::string text;
      for (int const number : in_threads(4, [&] { return session.get().number; })) text += std::to_string(number);
      return text + std::to_string(made);
    });
    BOOST_REQUIRE_EQUAL(result.text, "11111");
  }
}

BOOST_AUTO_TEST_CASE(a_factory_that_throws_is_asked_again) {
  forksafe::ForkLocal<int, FailsFirst> number;
  BOOST_CHECK_THROW(static_cast<void>(number.get()), std::runtime_error);
  BOOST_TEST(!number.has_value());
  BOOST_TEST(number.get() == 2);
  BOOST_TEST(number.get() == 2);
}

BOOST_AUTO_TEST_CASE(what_can_be_neither_copied_nor_moved_is_made_in_its_place) {
  forksafe::ForkLocal<std::mutex> mutex;
  mutex->lock();
  BOOST_TEST(in_child([&] { return std::string{mutex->try_lock() ? "free" : "held"}; }).text == "free");
  mutex->unlock();
}

BOOST_AUTO_TEST_CASE(the_use_of_an_inherited_object_names_both_generations) {
  forksafe::Origin const origin;
  BOOST_TEST(origin.is_current());
  BOOST_CHECK_NO_THROW(origin.require("the session"));
  auto const use = [&] {
    try {
      origin.require("the session");
      return std::string{"used"};
    } catch (forksafe::InheritedObject const& refusal) {
      return std::string{origin.is_current() ? "current " : ""} + refusal.what() + "|" +
             std::to_string(refusal.used_in() - refusal.made_in());
    }
  };
  auto const here = forksafe::generation();
  BOOST_TEST(origin.made_in() == here);
  for (auto* const make : kinds)
    BOOST_TEST(in_child(use, make).text == "the session was made in process generation " + std::to_string(here) +
                                               " and is used in generation " + std::to_string(here + 1) +
                                               ", after a fork that it does not survive: make a new one first|1");
}

BOOST_AUTO_TEST_SUITE_END()
