// SPDX-License-Identifier: MIT
#include <boost/test/unit_test.hpp>
#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <iterator>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string>
#include <string_view>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "child.hpp"
import forksafe.audit;
import forksafe.generation;
import hazards;

namespace {

/// As in Case::expected, but with all of what the audit says of the thing.
std::string lines_of(forksafe::AuditReport const& report) {
  std::string text;
  for (forksafe::Finding const& finding : report.findings) {
    text += text.empty() ? "" : "\n";
    text += std::string{name_of(finding.severity)} + "; " + std::string{name_of(finding.hazard)} + "; " + finding.what;
    text += (finding.where_from.empty() ? "" : " " + finding.where_from) + "; " + std::string{finding.repair};
  }
  return text;
}

/// Each expected line is the beginning of severity, hazard and what, and the beginning of the repair, and none is left.
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
    if (found_repair == std::string_view::npos || !found_line.substr(0, found_repair).starts_with(expected_line.substr(0, expected_repair)) ||
        !found_line.substr(found_repair).starts_with(expected_line.substr(expected_repair)))
      return false;
  }
  return found.empty();
}

/// What a child that has been forked behind the hazard finds. `after_fork` runs in it first.
std::string findings_behind(hazards::Case const& hazard, void (*after_fork)() = [] {}) {
  // What the test runner has buffered would be a finding, and a true one.
  std::fflush(stdout);
  ChildResult const result = in_child([&]() -> std::string {
    ::alarm(30);
    int ends[2];
    if (::pipe(ends) != 0) return "no pipe";
    forksafe::watch_forks();
    forksafe::audit_start();
    if (std::string const reason = hazard.make(); !reason.empty()) return "skipped: " + reason;
    forksafe::audit_before();
    pid_t const child = hazard.fork();
    if (child == 0) {
      after_fork();
      std::string const lines = lines_of(forksafe::audit());
      static_cast<void>(::write(ends[1], lines.data(), lines.size()));
      ::_exit(0);
    }
    ::close(ends[1]);
    std::string text;
    char buffer[4096];
    for (ssize_t size; (size = ::read(ends[0], buffer, sizeof buffer)) > 0;) text.append(buffer, static_cast<std::size_t>(size));
    int status = -1;
    ::waitpid(child, &status, 0);
    return status == 0 ? text : "the child ended with " + std::to_string(status);
  });
  return result.status == 0 ? result.text : "the parent ended with " + std::to_string(result.status);
}

void check(hazards::Case const& hazard, void (*after_fork)() = [] {}) {
  std::string const found = findings_behind(hazard, after_fork);
  if (found.starts_with("skipped: ")) {
    BOOST_TEST_MESSAGE(hazard.name << ": " << found);
    std::fprintf(stderr, "%.*s %s\n", static_cast<int>(hazard.name.size()), hazard.name.data(), found.c_str());
    return;
  }
  BOOST_TEST(agrees(found, hazard.expected), hazard.name << ": expected\n" << hazard.expected << "\nfound\n" << found);
}

/// From now on kcmp fails with EPERM, as in containers without CAP_SYS_PTRACE.
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

BOOST_AUTO_TEST_CASE(descriptors) {
  for (hazards::Case const& hazard : hazards::descriptors()) check(hazard);
}

BOOST_AUTO_TEST_CASE(owner_is_named) {
  hazards::Case const owned{"owned", [] {
    forksafe::own_descriptor(::eventfd(0, 0), "shop::Orders").keep();
    return std::string{};
  }, ""};
  std::string const found = findings_behind(owned);
  BOOST_TEST(found.find("eventfd, descriptor") != std::string::npos, found);
  BOOST_TEST(found.find(" of shop::Orders; DropAndReopen") != std::string::npos, found);
}

BOOST_AUTO_TEST_CASE(threads_locks_and_state) {
  for (hazards::Case const& hazard : hazards::objects()) check(hazard);
}

BOOST_AUTO_TEST_CASE(without_kcmp) {
  for (hazards::Case const& hazard : hazards::descriptors()) check(hazard, forbid_kcmp);
}

BOOST_AUTO_TEST_SUITE_END()
