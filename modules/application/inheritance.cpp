// SPDX-License-Identifier: MIT
module;
#include <cstdlib>
module forksafe;

import :inheritance;
import forksafe.audit;
import forksafe.policy;
import forksafe.std.operators;

namespace forksafe {
namespace {

/// More would push the rest of a line out of a signal handler's buffer.
constexpr std::size_t longest_names = 300;

void allow(std::string_view entries, std::string_view source) noexcept {
  try {
    audit_allow(entries);
  } catch (std::exception const& exception) {
    log_line(std::string{source} + ": " + exception.what());
  }
}

}  // namespace

void Inheritance::prepare(AuditProfile const* profile) {
  char const* const wanted = std::getenv("FORKSAFE_AUDIT");
  is_wanted_ = wanted != nullptr && std::string_view{wanted} == "1";
  if (!is_wanted_) return;
  audit_start();
  char const* const entries = std::getenv("FORKSAFE_AUDIT_ALLOW");
  if (entries != nullptr) allow(entries, "FORKSAFE_AUDIT_ALLOW");
  this->profile(profile);
}

void Inheritance::profile(AuditProfile const* profile) {
  if (is_wanted_ && profile != nullptr) audit_container(*profile);
}

void Inheritance::take_inventory(Settings const& settings) noexcept {
  if (!is_wanted_) return;
  // The settings are known at the first fork.
  if (!std::exchange(is_set_up_, true))
    if (auto const entries = settings.get("audit.allow")) allow(*entries, "the setting audit.allow");
  audit_before();
  is_due_ = true;
  lost_in_fork_ = {};
  try {
    if (std::string const names = threads_to_lose(); !names.empty())
      lost_in_fork_ = {
          "; its fork lost the threads " + names.substr(0, longest_names) + ", and a lock that one of them held stays held",
          generation()};
  } catch (std::exception const&) {
    // Without memory for it a hang is logged as if there were no inventory.
  }
}

std::string_view Inheritance::lost_in_fork() const noexcept {
  return lost_in_fork_.parent == generation() ? std::string_view{} : std::string_view{lost_in_fork_.text};
}

void Inheritance::audit() noexcept {
  is_due_ = false;
  if (!audit_due()) return;
  try {
    AuditReport const report = forksafe::audit();
    log_line(to_text(report));
    findings_.clear();
    audited_ = true;
    for (Finding const& finding : report.findings)
      // The names of files, sockets and shared memory may hold what was in a URL.
      findings_.push_back({finding.severity, finding.hazard, redacted_text(finding.what), redacted_text(finding.where_from),
                           finding.why, finding.repair});
  } catch (std::exception const& exception) {
    log_line(std::string{"the audit failed: "} + exception.what());
  }
}

}  // namespace forksafe
