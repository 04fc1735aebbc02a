// SPDX-License-Identifier: MIT
module;
#include <fcntl.h>
#include <unistd.h>
module forksafe;

import :context;
import :deadline;
import :delivery;
import forksafe.base;
import forksafe.std.operators;

namespace forksafe {
namespace {

/// Practically endless, and far from an overflow.
constexpr std::chrono::hours longest_deadline{24 * 365};

/// A descriptor that a subscriber opens in a child without a standard stream would become that stream, and be lost where its
/// container puts /dev/null there later.
void open_standard_streams() noexcept {
  for (int const number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::fcntl(number, F_GETFD) < 0) static_cast<void>(::open("/dev/null", O_RDWR));
}

bool closes_fork(std::size_t event) noexcept {
  return event == event_index<ApplicationPostForkParent> || event == event_index<ApplicationForkFailed>;
}

}  // namespace

Delivery::Delivery(DeliveryContext& context, EventContext& event_context, EventTraits const& event, std::size_t row,
                   std::uint64_t only) noexcept
    : context_(context),
      event_context_(event_context),
      event_(event),
      row_(row),
      only_(only),
      wanted_(is_wanted()),
      outer_(current_) {
  if (!wanted_) return;
  if (event.index == event_index<ApplicationPostFork>) open_standard_streams();
  number_ = context.late.begin_delivery();
  finished_ = SteadyTime::clock::now();
  Process& process = event_context.process;
  process.pid = ::getpid();
  process.parent = ::getppid();
  event_context.registry = &context.registry;
  event_context.container = context.traits.container;
  event_context.hook = context.traits.wiring[row].hook;
  event_context.respawn = process.incarnation.value_or(1) > 1;
  if (event.index == event_index<ApplicationPreFork>) context.fork_announced = true;
  if (closes_fork(event.index) || event.index == event_index<ApplicationPostFork>) context.fork_announced = false;
  context.journal.enter({context.kind(process), process.pid, process.parent, process.slot.value_or(0),
                         process.incarnation.value_or(0), event_context.forked},
                        finished_);
  current_ = this;
  current_generation_ = generation();
}

SteadyTime Delivery::next_moment() const noexcept { return warned_.load() ? due_ : std::min(due_, warning_); }

bool Delivery::is_wanted() const noexcept {
  if (event_.index == event_index<ApplicationPreFork>) return !context_.fork_announced;
  if (closes_fork(event_.index)) return context_.fork_announced;
  return only_ != 0 || !event_.nature.heard_once || context_.passed.find(event_.index) == nullptr;
}

void Delivery::start(std::string_view subscriber, std::chrono::milliseconds deadline) noexcept {
  anyone_heard_ = true;
  subscriber_ = subscriber;
  Asking::set(context_.registry, subscriber);
  deadline_ = deadline;
  started_ = finished_;
  due_ = started_ + std::min<std::chrono::milliseconds>(deadline, longest_deadline);
  if (StartLimit const& limit = context_.start_limit; limit.generation == generation()) {
    due_ = std::min(due_, limit.due());
    deadline_ = std::min(deadline, std::chrono::floor<std::chrono::milliseconds>(due_ - started_));
    warning_ = limit.warning();
    warned_.store(false);
  }
  ticket_ = context_.journal.begin(row_, subscriber, started_);
  inside_.store(true);
  arm_deadline(next_moment());
}

void Delivery::end(Outcome outcome) noexcept {
  inside_.store(false);
  Asking::set(context_.registry, {});
  finished_ = SteadyTime::clock::now();
  if (outcome == Outcome::heard && finished_ > due_) {
    outcome = Outcome::outlasted;
  } else if (outcome == Outcome::heard && finished_ > warning_) {
    outcome = Outcome::slow;
  }
  context_.journal.end(ticket_, outcome, finished_ - started_);
}

void Delivery::finish() noexcept {
  end(Outcome::heard);
  if (finished_ > due_) {
    try {
      auto const taken = std::chrono::duration_cast<std::chrono::milliseconds>(finished_ - started_);
      fail(base::concat("took ", taken.count(), " ms, its deadline is ", deadline_.count(), " ms"));
    } catch (...) {
      fail("outlasted its deadline");
    }
  }
}

void Delivery::caught() noexcept {
  end(Outcome::threw);
  fail("threw: " + base::describe_current_exception());
}

void Delivery::fail(std::string_view reason) noexcept {
  failed_ = true;
  context_.record_failure(event_context_, event_.index, subscriber_, reason);
}

void Delivery::hear_at_run_time(std::size_t index) noexcept {
  auto& subscriber = context_.late.all()[index];
  if (subscriber.event != event_.index || subscriber.delivery == number_ || !subscriber.callable) return;
  if (only_ != 0 && subscriber.number != only_) return;
  subscriber.delivery = number_;
  // `subscriber` may move while it is called.
  auto const callable = subscriber.callable;
  start(callable->name, subscriber.deadline);
  try {
    callable->call(event_context_);
    finish();
  } catch (...) {
    caught();
  }
}

void Delivery::hear_next_phase() noexcept {
  auto const& all = context_.late.all();
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
  auto const& all = context_.late.all();
  if (all.empty()) return;
  while (phases_heard_ < phase_count) hear_next_phase();
  // Calls those that were added during the event, to a phase that had been heard.
  for (std::size_t index = 0; index != all.size(); ++index) hear_at_run_time(index);
}

void Delivery::record() noexcept {
  if (only_ == 0) context_.journal.count(row_, failed_, finished_);
  if (!anyone_heard_) {
    if (only_ == 0) context_.journal.end(context_.journal.begin(row_, {}, finished_), Outcome::heard, {});
    return;
  }
  context_.record_hook(event_context_, event_.index, failed_);
}

Delivery::~Delivery() {
  if (wanted_) {
    hear_the_rest();
    context_.late.end_delivery();
    if (event_.nature.heard_once && only_ == 0) context_.passed.remember(event_.index, row_, event_context_);
    record();
    if (event_.index == event_index<ApplicationPreFork>) context_.inheritance.take_inventory(context_.registry.settings());
    current_ = outer_;
    if (under_way()) {
      arm_deadline(current_->next_moment());
    } else {
      disarm_deadline();
    }
    auto const role = context_.kind(event_context_.process);
    int const slot = event_context_.process.slot.value_or(0);
    if (failed_ && must_exit(Outcome::threw)) exit_for_replacement();
    if (event_.index == event_index<ApplicationWorkerReady>) context_.journal.reset_startup_failures(role, slot);
  }
}

void hear_late(DeliveryContext& context, Subscription const& subscription, EventTraits const& event,
               EventContext& event_context) noexcept {
  PassedEvents::Passed const* const passed = context.passed.find(event.index);
  if (passed == nullptr) return;
  event_context.late = true;
  Delivery{context, event_context, event, passed->row, LateSubscribers::number_of(subscription)};
}

}  // namespace forksafe
