// SPDX-License-Identifier: MIT
#include <boost/test/unit_test.hpp>
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/time.h>
#include <thread>
#include "found.hpp"
import forksafe.audit;
import hazards;

namespace {

std::string show(forksafe::AuditReport const& report) {
  std::string text;
  for (forksafe::Finding const& finding : report.findings) text += finding.what + "; ";
  return text;
}

hazards::Case const& named(std::span<hazards::Case const> cases, std::string_view name) {
  return *std::ranges::find(cases, name, &hazards::Case::name);
}

std::string found_behind(std::string_view hazard, void (*after_fork)()) {
  return seen_behind(named(hazards::signals(), hazard), show, after_fork);
}

sigset_t stop_signals() {
  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGTERM);
  ::sigaddset(&set, SIGUSR1);
  return set;
}

void wait_in_thread() {
  static sigset_t set = stop_signals();
  std::thread([] {
    int signal = 0;
    ::sigwait(&set, &signal);
  }).detach();
  std::this_thread::sleep_for(std::chrono::milliseconds{50});
}

/// The bytes that are written, so that a fork has to copy their page tables.
constexpr std::size_t touched = 64 << 20;
std::string touch_memory() {
  void* const memory = ::mmap(nullptr, touched, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return "no memory";
  std::fill_n(static_cast<char*>(memory), touched, 'x');
  return {};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(signals)

BOOST_AUTO_TEST_CASE(blocked_by_whoever_started_the_process) {
  sigset_t const set = stop_signals();
  sigset_t before;
  ::pthread_sigmask(SIG_BLOCK, &set, &before);
  std::string const found = found_behind("blocked_stop", [] {});
  std::string const more = found_behind("blocked_user", [] {});
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  BOOST_TEST(found == "");
  BOOST_TEST(more == "blocked SIGUSR2; ");
}

BOOST_AUTO_TEST_CASE(taken_by_the_child) {
  BOOST_TEST(found_behind("blocked_stop", [] {}) == "blocked SIGTERM, SIGUSR1; ");
  BOOST_TEST(found_behind("blocked_stop", [] {
               sigset_t const set = stop_signals();
               ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
             }) == "");
  BOOST_TEST(found_behind("blocked_stop", wait_in_thread) == "");
  BOOST_TEST(found_behind("blocked_stop", [] {
               sigset_t const set = stop_signals();
               ::signalfd(-1, &set, 0);
             }) == "");
}

BOOST_AUTO_TEST_CASE(set_anew_by_the_child) {
  BOOST_TEST(found_behind("unloaded_handler", [] {}) == "handler of SIGUSR2; ");
  BOOST_TEST(found_behind("unloaded_handler", [] { ::signal(SIGUSR2, SIG_DFL); }) == "");
  BOOST_TEST(found_behind("profile", [] {}) == "interval timer of SIGPROF; ");
  BOOST_TEST(found_behind("profile", [] { ::signal(SIGPROF, SIG_IGN); }) == "");
  BOOST_TEST(found_behind("profile", [] {
               itimerval const value{{1, 0}, {3600, 0}};
               ::setitimer(ITIMER_PROF, &value, nullptr);
             }) == "");
}

BOOST_AUTO_TEST_CASE(writes_to_a_closed_connection) {
  hazards::Case const& stream = named(hazards::descriptors(), "tcp");
  std::string const both = seen_behind(stream, show);
  BOOST_TEST(both.find("default action of SIGPIPE") != both.npos, both);
  for (auto* const harmless : {+[] { ::signal(SIGPIPE, SIG_IGN); }, +[] { ::signal(SIGPIPE, [](int) {}); },
                               +[] {
                                 sigset_t set;
                                 ::sigemptyset(&set);
                                 ::sigaddset(&set, SIGPIPE);
                                 ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
                               }}) {
    std::string const one = seen_behind(stream, show, harmless);
    BOOST_TEST(one.starts_with("connected socket"), one);
    BOOST_TEST(one.find("SIGPIPE") == one.npos, one);
  }
}

BOOST_AUTO_TEST_CASE(cost_of_a_fork) {
  auto const anonymous = [](hazards::Case const& hazard) {
    return std::stoul(seen_behind(hazard, [](forksafe::AuditReport const& report) {
      forksafe::ForkCost const& cost = report.cost;
      bool const sound = cost.page_tables > 0 && cost.huge <= cost.anonymous && cost.anonymous < cost.resident;
      return sound ? std::to_string(cost.anonymous) : "0";
    }));
  };
  auto const little = anonymous({"", [] { return std::string{}; }, ""}), much = anonymous({"", touch_memory, ""});
  BOOST_TEST(little > 0U);
  BOOST_TEST(much >= little + touched / 10 * 9);
  std::string const text = seen_behind({"", touch_memory, ""}, forksafe::to_text),
                    json = seen_behind({"", touch_memory, ""}, forksafe::to_json);
  BOOST_TEST(text.find("  memory    a fork of this parent copies up to ") != text.npos, text);
  BOOST_TEST(json.find("],\"memory\":{\"resident\":") != json.npos, json);
}

BOOST_AUTO_TEST_SUITE_END()
