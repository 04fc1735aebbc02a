// SPDX-License-Identifier: MIT
#define BOOST_TEST_MODULE shop
#include <boost/test/unit_test.hpp>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <sys/wait.h>
#include <unistd.h>

import forksafe;
import forksafe.preset;
import shop;

using forksafe::PresetPolicy;

static_assert(shop::Shop::report.subscribers.front().name == "shop::Orders");
static_assert(shop::Shop::report.subscribers.front().phase == "detach");
static_assert(shop::Shop::report.subscribers.size() == 2);
static_assert(shop::Shop::handles_requests);

namespace {

std::string const path = "/tmp/forksafe-shop-" + std::to_string(::getpid());

std::string content() {
  std::ifstream file{path};
  return {std::istreambuf_iterator<char>{file}, {}};
}

/// A request as a container would hand it over.
struct Order final : forksafe::RequestSource {
  std::string_view method() override { return "POST"; }
  std::string_view target() override { return "/orders"; }
  std::string_view path() override { return "/orders"; }
  std::string_view query() override { return ""; }
  std::string_view header(std::string_view) override { return ""; }
  std::span<forksafe::HeaderView const> headers() override { return {}; }
  std::string_view body() override { return "one"; }
  std::string_view peer() override { return "127.0.0.1"; }
};

/// Takes an order, forks, and lets the child end as containers let their workers end: with exit().
void order_and_fork(bool protect) {
  auto& app = *new shop::Shop{"shop"};
  app.registry().settings().set("orders.path", path, "test");
  app.load();
  Order order;
  BOOST_TEST(app.handle(forksafe::Request{order}).status == 201);
  if (protect) app.call_subscribers(forksafe::ApplicationPreFork{});
  if (::fork() == 0) {
    if (protect) app.call_subscribers(forksafe::ApplicationPostFork{});
    std::exit(0);
  }
  ::wait(nullptr);
}

}  // namespace

BOOST_AUTO_TEST_CASE(without_the_events_the_child_writes_the_order_before_the_parent_does) {
  order_and_fork(false);
  BOOST_TEST(content() == "one\n");
  std::fflush(nullptr);
  BOOST_TEST(content() == "one\none\n");
  ::unlink(path.c_str());
}

BOOST_AUTO_TEST_CASE(with_them_it_is_written_once) {
  order_and_fork(true);
  std::fflush(nullptr);
  BOOST_TEST(content() == "one\n");
  ::unlink(path.c_str());
}
