// SPDX-License-Identifier: MIT
module;
#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>
#include <utility>
module forksafe;

import forksafe.audit;

namespace forksafe {
namespace {

void allow(std::string_view entries, std::string_view source) noexcept {
  try {
    audit_allow(entries);
  } catch (std::exception const& exception) {
    log_line(std::string{source} + ": " + exception.what());
  }
}

}  // namespace

void Application::prepare_audit() {
  char const* const wanted = std::getenv("FORKSAFE_AUDIT");
  audits_ = wanted != nullptr && std::string_view{wanted} == "1";
  if (!audits_) return;
  audit_start();
  char const* const entries = std::getenv("FORKSAFE_AUDIT_ALLOW");
  if (entries != nullptr) allow(entries, "FORKSAFE_AUDIT_ALLOW");
  profile_host();
}

void Application::profile_host() {
  if (audits_ && traits_.host != nullptr) audit_host(*traits_.host);
}

void Application::take_inventory() noexcept {
  if (!audits_) return;
  // At the first fork the settings are known.
  if (!std::exchange(audit_is_set_up_, true))
    if (auto const entries = registry_.settings().get("audit.allow")) allow(*entries, "the setting audit.allow");
  audit_before();
  audit_is_due_ = true;
}

void Application::audit() noexcept {
  audit_is_due_ = false;
  if (!audit_due()) return;
  try {
    AuditReport report = forksafe::audit();
    log_line(to_text(report));
    findings_.clear();
    audited_ = true;
    for (Finding& finding : report.findings)
      findings_.push_back({name_of(finding.severity), name_of(finding.hazard), std::move(finding.what),
                           std::move(finding.where_from), finding.why, finding.repair});
  } catch (std::exception const& exception) {
    log_line(std::string{"the audit failed: "} + exception.what());
  }
}

}  // namespace forksafe
