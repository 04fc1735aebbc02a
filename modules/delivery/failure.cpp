// SPDX-License-Identifier: MIT
module;
#include <cerrno>
#include <cstdlib>
#include <time.h>
#include <unistd.h>
module forksafe;

import :context;
import :deadline;
import :delivery;
import forksafe.std.operators;

namespace forksafe {
namespace {

constexpr std::chrono::milliseconds first_delay{100};
constexpr std::chrono::milliseconds longest_delay{5'000};

std::string_view in_words(Outcome outcome) noexcept {
  return outcome == Outcome::called_exit ? "called exit()" : "outlasted its deadline";
}

void sleep_for(std::chrono::milliseconds duration) noexcept {
  timespec remaining{static_cast<time_t>(duration.count() / 1000), static_cast<long>(duration.count() % 1000) * 1'000'000};
  while (::nanosleep(&remaining, &remaining) != 0 && errno == EINTR) {}
}

}  // namespace

bool Delivery::must_exit(Outcome outcome) const noexcept {
  // A worker that is not ready in time is replaced, too: its container may wait for it without a limit.
  bool const is_late = outcome == Outcome::outlasted && event_.index == event_index<ApplicationWorkerReady>;
  return (event_.nature.guards_serving || is_late) && event_context_.forked && context_.is_closed();
}

void Delivery::exit_for_replacement() noexcept {
  Process const& process = event_context_.process;
  std::uint32_t const failures = context_.journal.count_startup_failure(context_.kind(process), process.slot.value_or(0));
  auto delay = std::min(first_delay * (1u << std::min(failures - 1, 10u)), longest_delay);
  if (StartLimit const& limit = context_.start_limit; limit.generation == generation()) {
    auto const left = std::chrono::floor<std::chrono::milliseconds>(limit.due() - SteadyTime::clock::now());
    delay = std::min(delay, std::max(left, std::chrono::milliseconds{}));
  }
  char line[200];
  log_line(signal_safe_text(line,
                            {name_of(process), " does not serve after its failed ", event_names[event_.index],
                             "; it exits to be replaced, after failure number "},
                            failures));
  sleep_for(delay);
  context_.traits.leave();
  ::_exit(EXIT_FAILURE);
}

bool Delivery::under_way() noexcept {
  return current_ != nullptr && current_generation_ == generation() && current_->inside_.load();
}

SteadyTime Delivery::due() noexcept { return under_way() ? current_->next_moment() : SteadyTime::max(); }

void Delivery::overdue() noexcept {
  if (!under_way()) return;
  SteadyTime const now = SteadyTime::clock::now();
  if (now >= current_->due_) return interrupted(Outcome::outlasted);
  if (now >= current_->warning_) current_->warn();
  arm_deadline(current_->next_moment());
}

void Delivery::interrupted(Outcome outcome) noexcept {
  if (!under_way()) return;
  Delivery& delivery = *current_;
  delivery.context_.journal.end(delivery.ticket_, outcome, SteadyTime::clock::now() - delivery.started_);
  Process const& process = delivery.event_context_.process;
  char who[80];
  std::string_view const who_it_is =
      process.slot ? signal_safe_text(who, {name_of(process), " "}, static_cast<std::uint64_t>(*process.slot))
                   : name_of(process);
  char line[800];
  log_line(signal_safe_text(
      line,
      {"subscriber ", delivery.subscriber_, " failed on ", event_names[delivery.event_.index], " (hook ",
       delivery.event_context_.hook, ", ", who_it_is, "): ", in_words(outcome),
       outcome == Outcome::outlasted ? delivery.context_.inheritance.lost_in_fork() : std::string_view{}, ", pid "},
      static_cast<std::uint64_t>(::getpid())));
  delivery.failed_ = true;
  if (!delivery.must_exit(outcome)) return;
  delivery.context_.journal.count(delivery.row_, true);
  delivery.exit_for_replacement();
}

}  // namespace forksafe
