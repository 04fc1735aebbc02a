// SPDX-License-Identifier: MIT
module;
#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
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
/// Forks of a container none of whose hooks was called, on the way to this process.
constinit std::uint64_t unheard_forks = 0;

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

/// What is to be said of a subscriber to an event that the container never raises; empty of any other.
std::string never_heard(std::span<Wire const> wiring, std::size_t event, std::string_view subscriber) {
  for (Wire const& wire : wiring)
    if (wire.event == event && wire.source == Source::absent)
      return "subscriber " + std::string{subscriber} + " never hears " + std::string{event_names[event]} +
             " in this container: " + std::string{wire.hook};
  return {};
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
  for (std::string_view const line : traits_.report->autoconfigure_log) add_line(log_, std::string{line});
  for (RuntimeSubscriber const& one : subscribers_)
    if (std::string const line = never_heard(traits_.wiring, one.event, one.key); one.callable && one.shown && !line.empty())
      remark(line);
}

void Application::complain(Requirement const& requirement) {
  status_ = std::string{traits_.report->environment} + " error";
  environment_.reset();
  if (!chosen_) log_.clear();
  add_line(log_, std::string{requirement.complaint});
  log_line(requirement.complaint);
}

void Application::not_available(std::string_view environment, std::string_view reason) {
  std::string line = std::string{environment} + " not available" + (reason.empty() ? "" : ": ") + std::string{reason};
  // What was not the container stands before the one that was chosen, whichever was noticed first.
  if (chosen_) {
    log_.insert(log_.begin(), std::move(line));
  } else {
    add_line(log_, std::move(line));
  }
}

void Application::remark(std::string_view line) {
  add_line(log_, std::string{line});
  log_line(line);
}

void Application::unheard(std::string_view software, std::string_view cure) {
  auto const at_run_time =
      std::ranges::count_if(subscribers_, [](RuntimeSubscriber const& subscriber) { return bool{subscriber.callable}; });
  std::size_t const count = traits_.report->subscribers.size() + static_cast<std::size_t>(at_run_time);
  if (count == 0) return;
  ++unheard_forks;
  remark("this is " + std::string{software} + ", and none of its hooks call forksafe, so that " + std::to_string(count) +
         (count == 1 ? " subscriber hears" : " subscribers hear") + " nothing: " + std::string{cure});
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
                                       std::function<void(Occurrence const&)> callable,
                                       std::chrono::milliseconds deadline, bool shown) {
  static constexpr auto traits = []<class... Events>(EventList<Events...>) {
    return std::array{event_traits<Events>...};
  }(AllEvents{});
  if (std::string const line = environment_ && shown ? never_heard(traits_.wiring, event, key) : std::string{}; !line.empty())
    remark(line);
  Subscription const subscription = add(event, std::move(key), phase, std::move(callable), deadline, shown);
  if (Occurrence const* const passed = traits[event].nature.heard_once ? passed_here(event) : nullptr) {
    Occurrence occurrence{*passed};
    hear_late(subscription, traits[event], occurrence);
  }
  return subscription;
}

Subscription Application::add(std::size_t event, std::string key, Phase phase,
                              std::function<void(Occurrence const&)> callable, std::chrono::milliseconds deadline,
                              bool shown) {
  auto made = std::make_shared<RuntimeCallable>(short_name_of(key), std::move(callable));
  auto const same = std::ranges::find_if(subscribers_, [&](RuntimeSubscriber const& subscriber) {
    return subscriber.event == event && subscriber.key == key && subscriber.callable;
  });
  if (same != subscribers_.end()) {
    same->phase = phase;
    same->deadline = deadline;
    same->shown = shown;
    std::uint64_t const number = same->number;
    // What it was before ends with `made`, after the last use of `same`: it may subscribe as it ends.
    same->callable.swap(made);
    return {*this, number};
  }
  std::uint64_t const number = ++last_subscription_;
  subscribers_.push_back({number, event, std::move(key), phase, std::move(made), deadline, shown});
  return {*this, number};
}

void Subscription::unsubscribe() noexcept { application_->remove(number_); }

void Application::remove(std::uint64_t subscription) noexcept {
  auto const found = std::ranges::find(subscribers_, subscription, &RuntimeSubscriber::number);
  if (found == subscribers_.end()) return;
  // It ends last: its destructor may unsubscribe others.
  auto const callable = std::exchange(found->callable, nullptr);
  if (deliveries_ == 0) std::erase_if(subscribers_, [](RuntimeSubscriber const& one) { return !one.callable; });
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

std::vector<SubscribedRow> Application::subscribed() const {
  std::vector<SubscribedRow> rows;
  for (std::size_t phase = 0; phase != phase_count; ++phase) {
    std::string_view const name = name_of(static_cast<Phase>(phase));
    for (SubscriberRow const& row : traits_.report->subscribers)
      if (row.phase == name) rows.push_back({std::string{row.name}, name, {row.events.begin(), row.events.end()}, false});
    std::size_t const first = rows.size();
    for (RuntimeSubscriber const& subscriber : subscribers_) {
      if (static_cast<std::size_t>(subscriber.phase) != phase || !subscriber.callable || !subscriber.shown) continue;
      auto const same = std::find_if(rows.begin() + static_cast<std::ptrdiff_t>(first), rows.end(),
                                     [&](SubscribedRow const& row) { return row.name == subscriber.callable->name; });
      if (same == rows.end()) {
        rows.push_back({subscriber.callable->name, name, {event_names[subscriber.event]}, true});
      } else {
        same->events.push_back(event_names[subscriber.event]);
      }
    }
  }
  return rows;
}

DebugObject Application::debug() const {
  std::vector<SettingRow> settings;
  for (Setting const& setting : registry_.settings().all())
    settings.push_back({setting.key, redacted(setting), setting.source});
  // What a client library throws often holds the address that it was given, with the password in it.
  std::vector<FailureRow> failures = failures_.rows();
  for (FailureRow& failure : failures) failure.reason = redacted_text(failure.reason);
  std::vector<std::string> log = log_;
  for (std::string& line : log) line = redacted_text(line);
  ServerProcesses processes = server_processes(journal_, traits_.processes);
  return {status_,
          environment_,
          std::move(log),
          executed_hooks_,
          std::move(failures),
          failures_.dropped(),
          last_failed_call(journal_),
          traits_.report->wiring,
          subscribed(),
          traits_.report->requirements,
          std::move(processes.rows),
          std::move(processes.departed),
          std::move(settings),
          unannounced_forks() + unheard_forks,
          audited_,
          findings_,
          incident_rows(journal_, traits_.processes),
          journal_view(journal_, traits_.processes)};
}

}  // namespace forksafe
