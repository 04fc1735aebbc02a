// SPDX-License-Identifier: MIT
#include "print.hpp"
#include "skips.hpp"
#include <algorithm>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <cstdio>
#include <iterator>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <span>
#include <string>
#include <string_view>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>
#include "found.hpp"
import forksafe.audit;
import hazards;

namespace data = boost::unit_test::data;

namespace {

std::vector<hazards::Case> rows(std::span<hazards::Case const> hazards) { return {hazards.begin(), hazards.end()}; }

/// Writes the findings in the form of Case::expected, with all of what the audit reports.
std::string lines_of(forksafe::AuditReport const& report) {
  std::string text;
  for (forksafe::Finding const& finding : report.findings) {
    text += text.empty() ? "" : "\n";
    text += std::string{name_of(finding.severity)} + "; " + std::string{name_of(finding.hazard)} + "; " + finding.what;
    text += (finding.where_from.empty() ? "" : " " + finding.where_from) + "; " + std::string{finding.repair};
  }
  return text;
}

/// Each expected line has the beginning of severity, hazard and what, and the beginning of the repair. No finding may be left.
bool agrees(std::string_view found, std::string_view expected) {
  while (!expected.empty()) {
    auto const take = [](std::string_view& text) {
      auto const end = std::min(text.find('\n'), text.size());
      std::string_view const line = text.substr(0, end);
      text.remove_prefix(std::min(end + 1, text.size()));
      return line;
    };
    std::string_view const found_line = take(found), expected_line = take(expected);
    auto const found_repair = found_line.rfind("; "), expected_repair = expected_line.rfind("; ");
    if (found_repair == std::string_view::npos ||
        !found_line.substr(0, found_repair).starts_with(expected_line.substr(0, expected_repair)) ||
        !found_line.substr(found_repair).starts_with(expected_line.substr(expected_repair)))
      return false;
  }
  return found.empty();
}

std::string findings_behind(hazards::Case const& hazard, void (*after_fork)() = [] {}) {
  return seen_behind(hazard, lines_of, after_fork);
}

void check(hazards::Case const& hazard, void (*after_fork)() = [] {}) {
  std::string const found = findings_behind(hazard, after_fork);
  // The suite hazards_made is skipped for it.
  if (found.starts_with("skipped: ")) {
    BOOST_TEST_MESSAGE(hazard.name << " is " << found);
    return;
  }
  BOOST_TEST(agrees(found, hazard.expected), "expected\n" << hazard.expected << "\nfound\n" << found);
}

/// Makes kcmp fail from now on with EPERM, as in containers without CAP_SYS_PTRACE.
void forbid_kcmp() {
  sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_kcmp, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  sock_fprog const filter{static_cast<unsigned short>(std::size(program)), program};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0) ::_exit(99);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(hazards_alone)

BOOST_DATA_TEST_CASE(descriptors, data::make(rows(hazards::descriptors())), hazard) { check(hazard); }

BOOST_AUTO_TEST_CASE(owner_is_named) {
  hazards::Case const owned{"owned",
                            [] {
                              forksafe::own_descriptor(::eventfd(0, 0), "shop::Orders").detach();
                              return std::string{};
                            },
                            ""};
  std::string const found = findings_behind(owned);
  BOOST_TEST(found.find("eventfd, descriptor") != std::string::npos, found);
  BOOST_TEST(found.find(" of shop::Orders; DropAndReopen") != std::string::npos, found);
}

BOOST_DATA_TEST_CASE(memory, data::make(rows(hazards::memory())), hazard) { check(hazard); }

BOOST_DATA_TEST_CASE(threads_locks_and_state, data::make(rows(hazards::objects())), hazard) { check(hazard); }

BOOST_DATA_TEST_CASE(signals, data::make(rows(hazards::signals())), hazard) { check(hazard); }

BOOST_DATA_TEST_CASE(without_kcmp, data::make(rows(hazards::descriptors())), hazard) { check(hazard, forbid_kcmp); }

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(hazards_made)

BOOST_AUTO_TEST_CASE(this_system_allows_every_hazard) {
  std::string refused;
  for (auto const& hazards : {hazards::descriptors(), hazards::memory(), hazards::objects(), hazards::signals()})
    for (hazards::Case const& hazard : hazards)
      if (std::string const found = findings_behind(hazard); found.starts_with("skipped: "))
        refused += (refused.empty() ? "" : ", ") + std::string{hazard.name} + ": " + found.substr(9);
  if (!refused.empty()) skip("this system refuses what the audit should find: " + refused);
}

BOOST_AUTO_TEST_SUITE_END()
