// SPDX-License-Identifier: MIT
// emit_N count ITERATIONS    calls both sides, for callgrind to count
// emit_N time ITERATIONS     prints the nanoseconds of one call: ours, by hand, and one watched delivery of the fork pair
#include <charconv>
#include <chrono>
#include <cstdio>
#include <string>
#include <string_view>

import forksafe;
import forksafe.standalone;
import subscribers;

extern template void subscribers::Ours::call_subscribers<subscribers::Event>(subscribers::Event const&) noexcept;
void emit_by_hand(subscribers::ByHand& by_hand, subscribers::Event const& event) noexcept;

namespace {

template <class Call>
double nanoseconds_of_each(long iterations, Call call) {
  auto const start = std::chrono::steady_clock::now();
  for (long iteration = 0; iteration != iterations; ++iteration) call();
  std::chrono::duration<double, std::nano> const taken = std::chrono::steady_clock::now() - start;
  return taken.count() / static_cast<double>(iterations);
}

}  // namespace

int main(int argument_count, char** arguments) {
  long iterations = 0;
  if (argument_count == 3) {
    std::string_view const text{arguments[2]};
    std::from_chars(text.data(), text.data() + text.size(), iterations);
  }
  if (iterations <= 0) {
    std::fputs("usage: emit_N count|time ITERATIONS\n", stderr);
    return 2;
  }

  auto& ours = *new subscribers::Ours{"bench"};
  subscribers::ByHand by_hand{"bench"};
  subscribers::Event const event{};
  auto const emit = [&] { ours.call_subscribers(event); };
  auto const call = [&] { emit_by_hand(by_hand, event); };

  if (std::string_view{arguments[1]} == "time") {
    double const emitted = nanoseconds_of_each(iterations, emit);
    double const called = nanoseconds_of_each(iterations, call);
    double const delivered = nanoseconds_of_each(iterations / 100 + 1, [&] {
      ours.emit<"pre_fork">(forksafe::ApplicationPreFork{});
      ours.emit<"post_fork_parent">(forksafe::ApplicationPostForkParent{});
    });
    std::printf("%.4f %.4f %.4f\n", emitted, called, delivered);
    return 0;
  }
  for (long iteration = 0; iteration != iterations; ++iteration) emit();
  for (long iteration = 0; iteration != iterations; ++iteration) call();
}
