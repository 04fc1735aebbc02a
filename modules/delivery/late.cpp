// SPDX-License-Identifier: MIT
module;
#include <memory>
module forksafe;

import forksafe.policy;
import forksafe.std.operators;

namespace forksafe {

Subscription LateSubscribers::add(std::size_t event, std::string key, Phase phase,
                                  std::function<void(EventContext const&)> callable, std::chrono::milliseconds deadline,
                                  bool shown) {
  auto made = std::make_shared<RuntimeCallable>(short_name_of(key), std::move(callable));
  auto const same = std::ranges::find_if(all_, [&](RuntimeSubscriber const& subscriber) {
    return subscriber.event == event && subscriber.key == key && subscriber.callable;
  });
  if (same != all_.end()) {
    same->phase = phase;
    same->deadline = deadline;
    same->shown = shown;
    std::uint64_t const number = same->number;
    // The callable that was there before ends with `made`, after the last use of `same`: it may subscribe as it ends.
    same->callable.swap(made);
    return {*this, number};
  }
  std::uint64_t const number = ++last_subscription_;
  all_.push_back({number, event, std::move(key), phase, std::move(made), deadline, shown});
  return {*this, number};
}

void LateSubscribers::remove(std::uint64_t number) noexcept {
  auto const found = std::ranges::find(all_, number, &RuntimeSubscriber::number);
  if (found == all_.end()) return;
  // The callable ends last: its destructor may unsubscribe others.
  auto const callable = std::exchange(found->callable, nullptr);
  if (deliveries_ == 0) drop_empty();
}

std::uint64_t LateSubscribers::begin_delivery() noexcept {
  ++deliveries_;
  return ++last_delivery_;
}

void LateSubscribers::end_delivery() noexcept {
  if (--deliveries_ == 0) drop_empty();
}

void LateSubscribers::drop_empty() noexcept {
  std::erase_if(all_, [](RuntimeSubscriber const& one) { return !one.callable; });
}

void Subscription::unsubscribe() noexcept { subscribers_->remove(number_); }

PassedEvents::Passed const* PassedEvents::find(std::size_t event) const noexcept {
  return passed_[event].generation == generation() ? &passed_[event] : nullptr;
}

void PassedEvents::remember(std::size_t event, std::size_t row, EventContext const& event_context) noexcept {
  passed_[event] = {generation(), row, event_context};
}

std::vector<SubscribedRow> subscribed_rows(Report const& report, LateSubscribers const& late) {
  std::vector<SubscribedRow> rows;
  for (std::size_t number = 0; number != phase_count; ++number) {
    auto const phase = static_cast<Phase>(number);
    for (SubscriberRow const& row : report.subscribers)
      if (row.phase == phase) rows.push_back({std::string{row.name}, phase, {row.events.begin(), row.events.end()}, false});
    std::size_t const first = rows.size();
    for (RuntimeSubscriber const& subscriber : late.all()) {
      if (subscriber.phase != phase || !subscriber.callable || !subscriber.shown) continue;
      auto const same = std::find_if(rows.begin() + static_cast<std::ptrdiff_t>(first), rows.end(),
                                     [&](SubscribedRow const& row) { return row.name == subscriber.callable->name; });
      if (same == rows.end()) {
        rows.push_back({subscriber.callable->name, phase, {event_names[subscriber.event]}, true});
      } else {
        same->events.push_back(event_names[subscriber.event]);
      }
    }
  }
  return rows;
}

}  // namespace forksafe
