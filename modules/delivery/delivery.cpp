// SPDX-License-Identifier: MIT
module;
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <exception>
#include <fcntl.h>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>
module forksafe;

import :deadline;

namespace forksafe {
namespace {

/// As good as forever, and far from an overflow.
constexpr std::chrono::hours longest_deadline{24 * 365};

std::string thrown_text() noexcept {
  try {
    throw;
  } catch (std::exception const& exception) {
    return std::string{"threw: "} + exception.what();
  } catch (...) {
    return "threw something that is no std::exception";
  }
}

/// What a subscriber opens in a child that lacks a standard stream would become that stream, and be lost where its container
/// puts /dev/null there later.
void open_standard_streams() noexcept {
  for (int const number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::fcntl(number, F_GETFD) < 0) static_cast<void>(::open("/dev/null", O_RDWR));
}

bool closes_fork(std::size_t event) noexcept {
  return event == event_index<ApplicationPostForkParent> || event == event_index<ApplicationForkFailed>;
}

}  // namespace

Delivery::Delivery(Application& application, Occurrence& occurrence, EventTraits const& event, std::size_t row,
                   std::uint64_t only) noexcept
    : application_(application),
      occurrence_(occurrence),
      event_(event),
      row_(row),
      only_(only),
      saved_errno_(errno),
      wanted_(is_wanted()),
      outer_(current_) {
  if (!wanted_) return;
  if (event.index == event_index<ApplicationPostFork>) open_standard_streams();
  ++application.deliveries_;
  number_ = ++application.last_delivery_;
  left_ = Moment::clock::now();
  Process& process = occurrence.process;
  process.pid = ::getpid();
  process.parent = ::getppid();
  occurrence.registry = &application.registry_;
  occurrence.container = application.traits_.container;
  occurrence.hook = application.traits_.wiring[row].hook;
  occurrence.respawn = process.incarnation.value_or(1) > 1;
  if (event.index != event_index<ApplicationServerStarting>) application.tell_unread();
  if (event.index == event_index<ApplicationPreFork>) application.fork_announced_ = true;
  if (closes_fork(event.index) || event.index == event_index<ApplicationPostFork>) application.fork_announced_ = false;
  application.journal_.enter({kind_of(process, application.traits_.processes), process.pid, process.parent, process.slot.value_or(0),
                              process.incarnation.value_or(0), occurrence.forked},
                             left_);
  current_ = this;
  current_generation_ = generation();
}

bool Delivery::is_wanted() const noexcept {
  if (event_.index == event_index<ApplicationPreFork>) return !application_.fork_announced_;
  if (closes_fork(event_.index)) return application_.fork_announced_;
  return only_ != 0 || !event_.nature.heard_once || application_.passed_[event_.index].generation != generation();
}

void Delivery::enter(std::string_view subscriber, std::chrono::milliseconds deadline) noexcept {
  anyone_heard_ = true;
  subscriber_ = subscriber;
  application_.registry_.asker_ = subscriber;
  deadline_ = deadline;
  entered_ = left_;
  due_ = entered_ + std::min<std::chrono::milliseconds>(deadline, longest_deadline);
  if (StartLimit const& limit = application_.start_limit_; limit.generation == generation()) {
    due_ = std::min(due_, limit.due());
    deadline_ = std::min(deadline, std::chrono::floor<std::chrono::milliseconds>(due_ - entered_));
    warning_ = limit.warning();
    warned_.store(false);
  }
  ticket_ = application_.journal_.begin(row_, subscriber, entered_);
  inside_.store(true);
  arm_deadline(next_moment());
}

void Delivery::end(Outcome outcome) noexcept {
  inside_.store(false);
  application_.registry_.asker_ = {};
  left_ = Moment::clock::now();
  if (outcome == Outcome::heard && left_ > due_) {
    outcome = Outcome::outlasted;
  } else if (outcome == Outcome::heard && left_ > warning_) {
    outcome = Outcome::slow;
  }
  application_.journal_.end(ticket_, outcome, left_ - entered_);
}

void Delivery::leave() noexcept {
  end(Outcome::heard);
  if (left_ > due_) {
    try {
      auto const taken = std::chrono::duration_cast<std::chrono::milliseconds>(left_ - entered_);
      fail("took " + std::to_string(taken.count()) + " ms, its deadline is " + std::to_string(deadline_.count()) + " ms");
    } catch (...) {
      fail("outlasted its deadline");
    }
  }
}

void Delivery::caught() noexcept {
  end(Outcome::threw);
  fail(thrown_text());
}

void Delivery::fail(std::string_view reason) noexcept {
  failed_ = true;
  Process const& process = occurrence_.process;
  try {
    FailureRow failure{std::string{subscriber_},      std::string{event_names[event_.index]}, std::string{occurrence_.hook},
                       std::string{name_of(process)}, process.slot,                      process.pid,
                       std::string{reason},            1};
    std::string const slot = failure.slot ? " " + std::to_string(*failure.slot) : std::string{};
    log_line("subscriber " + failure.subscriber + " failed on " + failure.event + " (hook " + failure.hook + ", " +
             failure.role + slot + ", pid " + std::to_string(failure.pid) + "): " + failure.reason);
    // Made harmless before it is cut off: half a credential is not recognised.
    failure.reason = redacted({"reason", failure.reason, {}});
    application_.failures_.add(std::move(failure));
  } catch (...) {
    log_line("a subscriber failed, and there was no memory to say more");
  }
}

void Delivery::hear_at_run_time(std::size_t index) noexcept {
  auto& subscriber = application_.subscribers_[index];
  if (subscriber.event != event_.index || subscriber.delivery == number_ || !subscriber.callable) return;
  if (only_ != 0 && subscriber.number != only_) return;
  subscriber.delivery = number_;
  // `subscriber` may move while it is called.
  auto const callable = subscriber.callable;
  enter(callable->name, subscriber.deadline);
  try {
    callable->call(occurrence_);
    leave();
  } catch (...) {
    caught();
  }
}

void Delivery::hear_next_phase() noexcept {
  auto const& all = application_.subscribers_;
  std::size_t const phase = event_.nature.in_reverse ? phase_count - 1 - phases_heard_ : phases_heard_;
  for (std::size_t step = 0; step != all.size(); ++step) {
    std::size_t const index = event_.nature.in_reverse ? all.size() - 1 - step : step;
    if (static_cast<std::size_t>(all[index].phase) == phase) hear_at_run_time(index);
  }
  ++phases_heard_;
}

void Delivery::hear_before(Phase phase) noexcept {
  auto const wanted = static_cast<std::size_t>(phase);
  std::size_t const before = event_.nature.in_reverse ? phase_count - wanted : wanted;
  while (phases_heard_ < before) hear_next_phase();
}

void Delivery::hear_the_rest() noexcept {
  auto const& all = application_.subscribers_;
  if (all.empty()) return;
  while (phases_heard_ < phase_count) hear_next_phase();
  // Those that were added during the event, to a phase that had been heard.
  for (std::size_t index = 0; index != all.size(); ++index) hear_at_run_time(index);
}

void Delivery::record() noexcept {
  if (only_ == 0) application_.journal_.count(row_, failed_, left_);
  if (!anyone_heard_) {
    if (only_ == 0) application_.journal_.end(application_.journal_.begin(row_, {}, left_), Outcome::heard, {});
    return;
  }
  try {
    ExecutedHook executed{"containers." + std::string{application_.traits_.container} + "." + std::string{occurrence_.hook} +
                              std::string{application_.traits_.hook_suffix},
                          std::string{event_names[event_.index]}, failed_};
    auto const same = std::ranges::find_if(application_.executed_hooks_, [&](ExecutedHook const& other) {
      return other.hook == executed.hook && other.event == executed.event;
    });
    if (same == application_.executed_hooks_.end()) {
      application_.executed_hooks_.push_back(std::move(executed));
    } else {
      same->failed = same->failed || failed_;
    }
  } catch (...) {
    log_line("no memory to record an executed hook");
  }
}

Delivery::~Delivery() {
  if (wanted_) {
    hear_the_rest();
    // Those that were emptied meanwhile.
    if (--application_.deliveries_ == 0)
      std::erase_if(application_.subscribers_, [](auto const& subscriber) { return !subscriber.callable; });
    if (event_.nature.heard_once && only_ == 0) application_.passed_[event_.index] = {generation(), row_, occurrence_};
    record();
    if (event_.index == event_index<ApplicationPreFork>) application_.take_inventory();
    current_ = outer_;
    if (under_way()) {
      arm_deadline(current_->next_moment());
    } else {
      disarm_deadline();
    }
    auto const role = kind_of(occurrence_.process, application_.traits_.processes);
    int const slot = occurrence_.process.slot.value_or(0);
    if (failed_ && must_leave(Outcome::threw)) leave_for_replacement();
    if (event_.index == event_index<ApplicationWorkerReady>) application_.journal_.absolve(role, slot);
  }
  errno = saved_errno_;
}

void Application::hear_late(Subscription const& subscription, EventTraits const& event, Occurrence& occurrence) noexcept {
  occurrence.late = true;
  Delivery{*this, occurrence, event, passed_[event.index].row, subscription.number_};
}

}  // namespace forksafe
