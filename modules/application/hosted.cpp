// SPDX-License-Identifier: MIT
module;
#include <cstdlib>
#include <unistd.h>
module forksafe;

import :context;
import :delivery;
import :hosted;
import :late;
import forksafe.base;
import forksafe.policy;
import forksafe.std.operators;

namespace forksafe {
namespace {

/// The forks, on the way to this process, of a container none of whose hooks was called.
constinit std::uint64_t unheard = 0;

/// Returns a line about a subscriber to an event that the container never raises; empty for any other.
std::string never_heard(std::span<Wire const> wiring, std::size_t event, std::string_view subscriber) {
  for (Wire const& wire : wiring)
    if (wire.event == event && wire.support == Support::absent)
      return "subscriber " + std::string{subscriber} + " never hears " + std::string{event_names[event]} +
             " in this container: " + std::string{wire.hook};
  return {};
}

}  // namespace

std::uint64_t unheard_forks() noexcept { return unheard; }

HostedApplication::HostedApplication(ApplicationTraits const& traits, std::string_view name) : Application(traits, name) {
  if (!traits.report->environment.empty()) mark_unavailable(traits.report->environment);
}

void HostedApplication::configure(std::string_view location) {
  if (location.empty()) {
    char const* const from_environment = std::getenv("FORKSAFE_SETTINGS");
    if (from_environment != nullptr) location = from_environment;
  }
  if (!location.empty()) registry_.settings() = Settings::from_file(location);
  registry_.settings().add_environment(registry_.name(), ::environ);
}

void HostedApplication::tell_unread() noexcept {
  try {
    for (std::string const& line : registry_.settings().take_unread()) log_note(line);
  } catch (...) {
    log_line("no memory to say which settings nothing reads");
  }
}

void HostedApplication::mark_configured() {
  status_ = context_.traits.report->status;
  environment_ = context_.traits.report->environment;
  // The lines of the search for the container stay in the log.
  if (!is_adopted_) log_.clear();
  for (std::string_view const line : context_.traits.report->autoconfigure_log) add_line(log_, std::string{line});
  for (RuntimeSubscriber const& one : context_.late.all())
    if (std::string const line = never_heard(context_.traits.wiring, one.event, one.key);
        one.callable && one.shown && !line.empty())
      log_note(line);
}

void HostedApplication::mark_misconfigured(Requirement const& requirement) {
  status_ = std::string{context_.traits.report->environment} + " error";
  environment_.reset();
  if (!is_adopted_) log_.clear();
  add_line(log_, std::string{requirement.complaint});
  log_line(requirement.complaint);
}

void HostedApplication::mark_unavailable(std::string_view environment, std::string_view reason) {
  std::string line = std::string{environment} + " not available" + (reason.empty() ? "" : ": ") + std::string{reason};
  // Containers that were not found stand before the one that was chosen, whichever was noticed first.
  if (is_adopted_) {
    log_.insert(log_.begin(), std::move(line));
  } else {
    add_line(log_, std::move(line));
  }
}

void HostedApplication::log_note(std::string_view line) {
  add_line(log_, std::string{line});
  log_line(line);
}

void HostedApplication::note_unheard_fork(std::string_view software, std::string_view cure) {
  auto const at_run_time =
      std::ranges::count_if(context_.late.all(), [](RuntimeSubscriber const& subscriber) { return bool{subscriber.callable}; });
  std::size_t const count = context_.traits.report->subscribers.size() + static_cast<std::size_t>(at_run_time);
  if (count == 0) return;
  ++unheard;
  log_note(base::concat("this is ", software, ", and none of its hooks call forksafe, so that ", count,
                        count == 1 ? " subscriber hears" : " subscribers hear", " nothing: ", cure));
}

bool HostedApplication::adopt(ApplicationTraits const& traits) {
  if (is_adopted_) return context_.traits.report == traits.report;
  context_.traits = traits;
  context_.journal.replace_event_hooks(to_event_hooks(traits.wiring));
  context_.inheritance.profile(traits.audit_profile);
  is_adopted_ = true;
  return true;
}

Subscription HostedApplication::subscribe_at(std::size_t event, std::string key, Phase phase,
                                             std::function<void(EventContext const&)> callable,
                                             std::chrono::milliseconds deadline, bool shown) {
  static constexpr auto traits = []<class... Events>(EventList<Events...>) {
    return std::array{event_traits<Events>...};
  }(AllEvents{});
  if (std::string const line = environment_ && shown ? never_heard(context_.traits.wiring, event, key) : std::string{};
      !line.empty())
    log_note(line);
  Subscription const subscription = context_.late.add(event, std::move(key), phase, std::move(callable), deadline, shown);
  if (PassedEvents::Passed const* const passed = traits[event].nature.heard_once ? context_.passed.find(event) : nullptr) {
    EventContext event_context{passed->event_context};
    hear_late(context_, subscription, traits[event], event_context);
  }
  return subscription;
}

void HostedApplication::failed_call(std::string_view subscriber, std::string_view event) noexcept {
  char line[300];
  log_line(signal_safe_text(line, {"subscriber ", subscriber, " failed on ", event, ": it threw, pid "},
                            static_cast<std::uint64_t>(::getpid())));
}

Response HostedApplication::failed_request(Request const& request) noexcept {
  char line[600];
  // Redacted before it is cut off: the rest of a secret may not look like one.
  char safe[400];
  std::string_view const reason = redacted_into(safe, sizeof safe, base::describe_current_exception());
  log_line(signal_safe_text(line, {"the request handler failed on ", request.path(), ": it threw: ", reason, ", pid "},
                            static_cast<std::uint64_t>(::getpid())));
  return Response::internal_error();
}

bool HostedApplication::is_in_subscriber() noexcept { return Delivery::under_way(); }

void HostedApplication::set_start_limit(SteadyTime begin, SteadyTime end, std::string_view setting) noexcept {
  context_.start_limit = {begin, end, setting, end == SteadyTime::max() ? 0 : generation()};
}

}  // namespace forksafe
