// SPDX-License-Identifier: MIT
module forksafe;

import :application;
import :context;
import :deadline;
import :history;
import :late;
import forksafe.policy;
import forksafe.std.operators;

namespace forksafe {
namespace {
constinit Application* newest = nullptr;
}

Application::Application(ApplicationTraits const& traits, std::string_view name)
    : registry_(name),
      context_{.traits = traits, .registry = registry_, .journal = {to_event_hooks(traits.wiring), generation}},
      older_(std::exchange(newest, this)) {
  watch_forks();
  watch_exit();
  registry_.settings().expect("audit.allow");
  context_.inheritance.prepare(traits.audit_profile);
  registry_.provide(std::shared_ptr<Application>{this, [](Application*) {}});
}

std::string Application::function_key(void const* function) {
  return "function at " + std::to_string(reinterpret_cast<std::uintptr_t>(function));
}

bool Application::has_hook(std::string_view event) const noexcept {
  return !environment_ || std::ranges::any_of(context_.traits.report->wiring, [&](auto const& row) {
    return row.event == event && row.source == Support::native;
  });
}

DebugObject Application::debug() const {
  std::vector<SettingRow> settings;
  for (Setting const& setting : registry_.settings().all())
    settings.push_back({setting.key, redacted(setting), setting.source});
  // An exception of a client library often holds the address that it was given, with the password in it.
  std::vector<FailureRow> failures = context_.failures.rows();
  for (FailureRow& failure : failures) failure.reason = redacted_text(failure.reason);
  std::vector<std::string> log = log_;
  for (std::string& line : log) line = redacted_text(line);
  JournalReading read = context_.journal.read();
  ServerProcesses processes = server_processes(context_.journal, read, context_.traits.processes);
  return {status_,
          environment_,
          std::move(log),
          context_.executed_hooks,
          std::move(failures),
          context_.failures.dropped(),
          last_failed_call(context_.journal),
          context_.traits.report->wiring,
          subscribed_rows(*context_.traits.report, context_.late),
          context_.traits.report->requirements,
          std::move(processes.rows),
          std::move(processes.departed),
          std::move(settings),
          unannounced_forks() + unheard_forks(),
          context_.inheritance.audited(),
          context_.inheritance.findings(),
          incident_rows(context_.journal, read, context_.traits.processes),
          journal_view(std::move(read.page), context_.traits.processes)};
}

}  // namespace forksafe
