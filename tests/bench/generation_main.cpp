// SPDX-License-Identifier: MIT
// generation count CHECKS    checks an Origin and, by hand, the same page, for callgrind to count
// generation time CHECKS     prints the nanoseconds of one check of an Origin, of one by hand, of one plain load of the same
//                            page, and of getpid()
#include <atomic>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string_view>
#include <time.h>
#include <unistd.h>
#include <utility>

import forksafe.generation;

extern "C" void const* generation_page();

namespace {

/// Returns the processor time of this process, so that other processes do not count.
double nanoseconds_used() {
  timespec used{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) * 1e9 + static_cast<double>(used.tv_nsec);
}

/// Makes sixteen calls in each turn of the loop. Real code does not check in an empty loop, so the cost of the loop itself is
/// kept small, and equal on all sides.
template <class Call>
[[gnu::noinline]] double nanoseconds_of_each(long iterations, Call call) {
  long const turns = iterations / 16 + 1;
  double const start = nanoseconds_used();
  for (long turn = 0; turn != turns; ++turn) {
    [&]<std::size_t... Times>(std::index_sequence<Times...>) {
      ((static_cast<void>(Times), call()), ...);
    }(std::make_index_sequence<16>{});
  }
  return (nanoseconds_used() - start) / static_cast<double>(turns * 16);
}

using Page = std::atomic<std::int64_t>;

}  // namespace

/// What a check is to those who call it: one function each, so that callgrind sees both.
[[gnu::noinline]] bool check_of_origin(forksafe::Origin const& origin) { return origin.is_current(); }
/// The least that any check has to do: it loads, compares and branches.
[[gnu::noinline]] bool check_by_hand(Page const& page, std::int64_t const& made_in) {
  if (page.load(std::memory_order_relaxed) == made_in) [[likely]]
    return true;
  ::_exit(1);
}

int main(int argument_count, char** arguments) {
  long checks = 0;
  if (argument_count == 3) {
    std::string_view const text{arguments[2]};
    std::from_chars(text.data(), text.data() + text.size(), checks);
  }
  if (checks <= 0) {
    std::fputs("usage: generation count|time CHECKS\n", stderr);
    return 2;
  }

  forksafe::Origin const origin;
  auto const* const page = static_cast<Page const*>(generation_page());
  auto const made_in = static_cast<std::int64_t>(origin.made_in());
  if (!forksafe::sees_every_fork() || page->load() != made_in) {
    std::fputs("this system wipes no page\n", stderr);
    return 1;
  }
  if (std::string_view{arguments[1]} == "count") {
    for (long check = 0; check != checks; ++check)
      if (!check_of_origin(origin) || !check_by_hand(*page, made_in)) return 1;
    return 0;
  }

  auto const check = [origin] {
    if (!origin.is_current()) ::_exit(1);
  };
  auto const by_hand = [page, made_in] {
    if (page->load(std::memory_order_relaxed) != made_in) [[unlikely]]
      ::_exit(1);
  };
  auto const load = [page] {
    std::int64_t const loaded = page->load(std::memory_order_relaxed);
    asm volatile("" : : "r"(loaded));
  };
  auto const ask = [] { static_cast<void>(::getpid()); };

  nanoseconds_of_each(checks / 10 + 1, check);
  double const checked = nanoseconds_of_each(checks, check);
  double const compared = nanoseconds_of_each(checks, by_hand);
  double const plain = nanoseconds_of_each(checks, load);
  double const asked = nanoseconds_of_each(checks / 100 + 1, ask);
  std::printf("%.4f %.4f %.4f %.4f\n", checked, compared, plain, asked);
}
