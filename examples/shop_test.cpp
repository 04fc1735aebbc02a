// SPDX-License-Identifier: MIT
#define BOOST_TEST_MODULE shop
#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <unistd.h>

import forksafe;
import forksafe.preset;
import forksafe.testing;
import shop;

using forksafe::PresetPolicy;

static_assert(shop::Shop::report.subscribers.front().name == "shop::Orders");
static_assert(shop::Shop::report.subscribers.front().phase == forksafe::Phase::detach);
static_assert(shop::Shop::report.subscribers.size() == 2);
static_assert(shop::Shop::handles_requests);

namespace {

std::string const path = "/tmp/forksafe-shop-" + std::to_string(::getpid());

std::string content() {
  std::ifstream file{path};
  return {std::istreambuf_iterator<char>{file}, {}};
}

std::string no_work() { return {}; }

/// A shop that has taken one order, in the container for unit tests.
struct Server {
  forksafe::testing::Container<shop::Shop> container{"shop"};

  Server() {
    container.set("orders.path", path);
    container.start();
    forksafe::testing::TestRequest order{"POST", "/orders", "one"};
    BOOST_TEST(container.app().handle(forksafe::Request{order}).status == 201);
  }
  ~Server() { ::unlink(path.c_str()); }
};

}  // namespace

// Both children end as the workers of containers do: by exit(), which writes the buffers of open files.
BOOST_FIXTURE_TEST_CASE(without_the_events_the_child_writes_the_order_before_the_parent_does, Server) {
  auto worker = container.fork_unannounced(no_work, forksafe::testing::Ending::by_exit);
  container.reap(worker);
  BOOST_TEST(content() == "one\n");
  std::fflush(nullptr);
  BOOST_TEST(content() == "one\none\n");
}

BOOST_FIXTURE_TEST_CASE(with_them_it_is_written_once, Server) {
  auto worker = container.fork(no_work, forksafe::testing::Ending::by_exit);
  container.reap(worker);
  std::fflush(nullptr);
  BOOST_TEST(content() == "one\n");
  BOOST_TEST(to_text(container.heard_in(worker.process.pid)).starts_with("shop::Orders heard ApplicationPostFork\n"));
}

BOOST_FIXTURE_TEST_CASE(a_failed_fork_is_told_of_where_the_container_tells, Server) {
  container.fail_fork(EAGAIN);
  bool const heard = to_text(container.heard()).find("shop::Alarm heard ApplicationForkFailed") != std::string::npos;
  BOOST_TEST(heard == (forksafe::emits<PresetPolicy, forksafe::ApplicationForkFailed>));
}
