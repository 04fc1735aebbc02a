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

void Application::prepare_audit() {
  char const* const wanted = std::getenv("FORKSAFE_AUDIT");
  audits_ = wanted != nullptr && std::string_view{wanted} == "1";
  if (!audits_) return;
  audit_start();
  profile_host();
}

void Application::profile_host() {
  if (audits_ && traits_.host != nullptr) audit_host(*traits_.host);
}

void Application::take_inventory() noexcept {
  if (!audits_) return;
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
