// SPDX-License-Identifier: MIT
#define BOOST_TEST_MODULE repairs
#include <boost/test/unit_test.hpp>
#include <cstdio>
#include <fcntl.h>
#include <mutex>
#include <random>
#include <string>
#include <string_view>
#include <unistd.h>

import forksafe;
import forksafe.audit;
import forksafe.preset;
import forksafe.resource;
import forksafe.testing;

namespace {

/// A resource that the user writes. The compiler names each member that is missing.
struct Printer {
  using Handle = int;
  Handle open() { return ::open("/dev/null", O_WRONLY | O_CLOEXEC); }
  /// Closes the parent's handle in a child, and sends nothing to the printer.
  void forget(Handle& printer) noexcept { ::close(printer); }
  /// Returns, before a fork, why the fork is not safe now.
  std::string_view in_use(Handle&) { return printing ? "a page is half printed" : ""; }

  bool printing = false;
};
using Printing = forksafe::DropAndReopen<Printer>;
using Office = forksafe::ForkSafeApp<forksafe::PresetPolicy, Printing>;

struct SeededEngine {
  std::mt19937_64 operator()() const { return std::mt19937_64{std::random_device{}()}; }
};
thread_local forksafe::ForkLocal<std::mt19937_64, SeededEngine> engine;

void append_to_the_file() { forksafe::PreventFork const whole{"append_to_the_file"}; }

class Account {
 public:
  void withdraw() { origin_.require("the account"); }

 private:
  forksafe::Origin origin_;
};

std::mutex cache_lock;

void declare(int board, std::mt19937 const& tokens) {
  forksafe::declare_shared(board, "statistics of all workers").detach();
  forksafe::watch_lock("the cache", cache_lock).detach();
  forksafe::watch_generator("the tokens", tokens).detach();
}

std::string incidents_of(Office& office) {
  std::string text;
  for (forksafe::Incident const& incident : office.journal().incidents())
    text += std::string{forksafe::name_of(incident.kind)} + " x" + std::to_string(incident.times) + "\n";
  return text;
}

/// Returns whether the check holds in a child.
template <class Check>
bool holds_in_child(Check check) {
  auto child = forksafe::testing::Child::fork();
  if (child.is_self()) {
    child.say(check() ? "yes" : "no");
    child.end(forksafe::testing::Ending::at_once);
  }
  return child.wait().said == "yes";
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_child_has_a_handle_of_its_own) {
  auto& office = *new Office{"office"};
  auto& printing = *office.registry().find<Printing>();
  int const before = printing.get();
  BOOST_TEST(printing.is_open());
  BOOST_TEST(holds_in_child([&] { return !printing.is_open() && printing.get() >= 0 && printing.is_open(); }));
  BOOST_TEST(printing.get() == before);
  BOOST_TEST(incidents_of(office) == "");
}

BOOST_AUTO_TEST_CASE(a_child_draws_other_numbers_and_knows_what_is_its_parent_s) {
  append_to_the_file();
  auto const next = [] { return engine.get()(); };
  static_cast<void>(next());
  auto ahead = engine.get();
  auto const parents_next = ahead();
  Account account;
  account.withdraw();
  BOOST_TEST(holds_in_child([&] { return next() != parents_next; }));
  BOOST_TEST(holds_in_child([&] {
    try {
      account.withdraw();
    } catch (forksafe::InheritedObject const&) {
      return true;
    }
    return false;
  }));
}

BOOST_AUTO_TEST_CASE(what_is_declared_is_no_finding) {
  static std::mt19937 tokens{1};
  int const board = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  declare(board, tokens);
  forksafe::audit_start();
  // Without this line the test's own output would be a finding too.
  std::fflush(stdout);
  forksafe::audit_before();
  BOOST_TEST(holds_in_child([] {
    auto const report = forksafe::audit();
    return report.findings.size() == 1 && report.findings[0].what == "generator 'the tokens'";
  }));
}
