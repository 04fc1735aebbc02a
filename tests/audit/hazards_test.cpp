// SPDX-License-Identifier: MIT
#include "skips.hpp"
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <iterator>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "found.hpp"
import forksafe.audit;
import hazards;

namespace {

/// Returns the hazard that this run is about, which CTest names: one that this system refuses is skipped, and no other with it.
hazards::Case const& chosen() {
  auto const& suite = boost::unit_test::framework::master_test_suite();
  std::string const name = suite.argc == 2 ? suite.argv[1] : "";
  for (auto const& hazards : {hazards::descriptors(), hazards::memory(), hazards::objects(), hazards::signals()})
    for (hazards::Case const& hazard : hazards)
      if (hazard.name == name) return hazard;
  throw std::invalid_argument{"there is no hazard '" + name + "'"};
}

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

void check(hazards::Case const& hazard, void (*after_fork)() = [] {}) {
  std::string const found = seen_behind(hazard, lines_of, after_fork);
  if (found.starts_with(not_made)) return skip("this system refuses it: " + found.substr(not_made.size()));
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

BOOST_AUTO_TEST_SUITE(hazards)

// One case: both parts of it are skipped, or none.
BOOST_AUTO_TEST_CASE(is_found) {
  hazards::Case const& hazard = chosen();
  check(hazard);
  // Nothing but descriptors is compared with it.
  if (std::ranges::find(hazards::descriptors(), hazard.name, &hazards::Case::name) == hazards::descriptors().end()) return;
  BOOST_TEST_CONTEXT("without kcmp") { check(hazard, forbid_kcmp); }
}

BOOST_AUTO_TEST_SUITE_END()
