// SPDX-License-Identifier: MIT
module;
#include <algorithm>
#include <array>
#include <cstdint>
#include <exception>
#include <cstdlib>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unistd.h>
#include <utility>
#include <vector>
module forksafe;

import :deadline;
import :history;

namespace forksafe {

namespace {
constinit Application* newest = nullptr;

Meaning meaning_of(std::size_t event) noexcept {
  if (event == event_index<ApplicationForkFailed>) return Meaning::fork_failed;
  return event == event_index<ApplicationWorkerExit> ? Meaning::orderly_end : Meaning::other;
}

std::vector<JournalSource> sources_of(std::span<Wire const> wiring) {
  static_assert(wire_limit <= source_limit);
  std::vector<JournalSource> sources;
  for (Wire const& wire : wiring) sources.push_back({event_names[wire.event], wire.hook, meaning_of(wire.event)});
  return sources;
}

}

Application::Application(ApplicationTraits const& traits, std::string_view name)
    : traits_(traits), registry_(name), journal_(sources_of(traits.wiring), generation), older_(std::exchange(newest, this)) {
  watch_forks();
  watch_exit();
  registry_.settings().expect("audit.allow");
  prepare_audit();
  if (!traits.report->environment.empty()) not_available(traits.report->environment);
  registry_.provide(std::shared_ptr<Application>{this, [](Application*) {}});
}

void Application::configure(std::string_view location) {
  if (location.empty()) {
    char const* const from_environment = std::getenv("FORKSAFE_SETTINGS");
    if (from_environment != nullptr) location = from_environment;
  }
  if (!location.empty()) registry_.settings() = Settings::from_file(location);
  registry_.settings().add_environment(registry_.name(), ::environ);
}

void Application::tell_unread() noexcept {
  try {
    for (std::string const& line : registry_.settings().take_unread()) remark(line);
  } catch (...) {
    log_line("no memory to say which settings are read by nothing");
  }
}

void Application::recognised() {
  status_ = traits_.report->status;
  environment_ = traits_.report->environment;
  // What was tried before the container was found stays in the log.
  if (!chosen_) log_.clear();
  log_.insert(log_.end(), traits_.report->autoconfigure_log.begin(), traits_.report->autoconfigure_log.end());
}

void Application::complain(Requirement const& requirement) {
  status_ = std::string{traits_.report->environment} + " error";
  environment_.reset();
  if (!chosen_) log_.clear();
  log_.push_back(std::string{requirement.complaint});
  log_line(requirement.complaint);
}

void Application::not_available(std::string_view environment, std::string_view reason) {
  log_.push_back(std::string{environment} + " not available" + (reason.empty() ? "" : ": ") + std::string{reason});
}

void Application::remark(std::string_view line) {
  log_.push_back(std::string{line});
  log_line(line);
}

bool Application::become(ApplicationTraits const& traits) {
  if (chosen_) return traits_.report == traits.report;
  traits_ = traits;
  journal_.rename_sources(sources_of(traits.wiring));
  profile_host();
  chosen_ = true;
  return true;
}

std::string Application::function_key(void const* function) {
  return "function at " + std::to_string(reinterpret_cast<std::uintptr_t>(function));
}

Subscription Application::subscribe_at(std::size_t event, std::string key, Phase phase,
                                      std::function<void(Occurrence const&)> callable) {
  static constexpr auto traits = []<class... Events>(EventList<Events...>) {
    return std::array{event_traits<Events>...};
  }(AllEvents{});
  Subscription const subscription = add(event, std::move(key), phase, std::move(callable));
  if (Occurrence const* const passed = traits[event].heard_once ? passed_here(event) : nullptr) {
    Occurrence occurrence{*passed};
    hear_late(subscription, traits[event], occurrence);
  }
  return subscription;
}

Subscription Application::add(std::size_t event, std::string key, Phase phase,
                             std::function<void(Occurrence const&)> callable) {
  auto const same = std::ranges::find_if(subscribers_, [&](RuntimeSubscriber const& subscriber) {
    return subscriber.event == event && subscriber.key == key && subscriber.callable;
  });
  if (same != subscribers_.end()) {
    same->phase = phase;
    same->callable = std::move(callable);
    return {*this, same->number};
  }
  subscribers_.push_back({++last_subscription_, event, std::move(key), phase, std::move(callable)});
  return {*this, last_subscription_};
}

void Subscription::unsubscribe() noexcept {
  // Emptied, not erased: a delivery may be walking the list right now.
  for (Application::RuntimeSubscriber& subscriber : application_->subscribers_)
    if (subscriber.number == number_) subscriber.callable = nullptr;
}

Occurrence const* Application::passed_here(std::size_t event) const noexcept {
  return passed_[event].generation == generation() ? &passed_[event].occurrence : nullptr;
}

void Application::failed_call(std::string_view subscriber, std::string_view event) noexcept {
  char line[300];
  log_line(signal_safe_text(line, {"subscriber ", subscriber, " failed on ", event, ": it threw, pid "},
                            static_cast<std::uint64_t>(::getpid())));
}

Response Application::failed_request(Request const& request) noexcept {
  char line[600];
  // Redacted before it is cut off: what is left of a secret may not look like one.
  char safe[400];
  std::string_view reason = "something that is no std::exception";
  try {
    throw;
  } catch (std::exception const& exception) {
    reason = redacted_into(safe, sizeof safe, exception.what());
    log_line(signal_safe_text(line, {"the request handler failed on ", request.path(), ": it threw: ", reason, ", pid "},
                              static_cast<std::uint64_t>(::getpid())));
  } catch (...) {
    log_line(signal_safe_text(line, {"the request handler failed on ", request.path(), ": it threw ", reason, ", pid "},
                              static_cast<std::uint64_t>(::getpid())));
  }
  return {500, {{"Content-Type", "text/plain"}}, "Internal Server Error\n"};
}

bool Application::has_hook(std::string_view event) const noexcept {
  return !environment_ || std::ranges::any_of(traits_.report->wiring, [&](auto const& row) {
    return row.event == event && row.source == name_of(Source::native);
  });
}

DebugObject Application::debug() const {
  std::vector<SettingRow> settings;
  for (Setting const& setting : registry_.settings().all())
    settings.push_back({setting.key, redacted(setting), setting.source});
  // What a client library throws often holds the address that it was given, with the password in it.
  std::vector<FailureRow> failures = failures_;
  for (FailureRow& failure : failures) failure.reason = redacted_text(failure.reason);
  std::vector<std::string> log = log_;
  for (std::string& line : log) line = redacted_text(line);
  return {status_,
          environment_,
          std::move(log),
          executed_hooks_,
          std::move(failures),
          traits_.report->wiring,
          traits_.report->subscribers,
          traits_.report->requirements,
          process_rows(journal_),
          departed_rows(journal_),
          std::move(settings),
          unannounced_forks(),
          audited_,
          findings_,
          incident_rows(journal_),
          journal_view(journal_)};
}

}  // namespace forksafe
