// SPDX-License-Identifier: MIT
// page WORKERS TIMES    prints the bytes of the page and of its JSON form, and the milliseconds of the processor's time that the
// debug object and each of the two take, when all workers of a real tree of processes were replaced once
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <ctime>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

import forksafe;
import forksafe.page;
import forksafe.standalone;
import forksafe.testing;

namespace {

struct Subscriber {
  void operator()(forksafe::ApplicationPreFork const&) {}
  void operator()(forksafe::ApplicationPostForkParent const&) {}
  void operator()(forksafe::ApplicationPostFork const&) {}
  void operator()(forksafe::ApplicationWorkerReady const&) {}
};
using App = forksafe::ForkSafeApp<forksafe::StandalonePolicy, Subscriber>;
using Container = forksafe::testing::Container<App>;

long number_in(char const* text) {
  std::string_view const digits{text};
  long number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

/// As a reload does: an old worker ends before a new one takes its slot.
std::vector<forksafe::testing::Worker> replaced(Container& container, long workers) {
  std::vector<forksafe::testing::Worker> living;
  for (long worker = 0; worker != workers; ++worker) living.push_back(container.fork_hanging());
  container.reload();
  for (auto& worker : living) {
    worker.child.kill(SIGTERM);
    container.reap(worker);
    worker = container.fork_hanging();
  }
  return living;
}

template <class Work>
double milliseconds_of_each(long times, Work work) {
  std::clock_t const begin = std::clock();
  std::size_t bytes = 0;
  for (long time = 0; time != times; ++time) bytes += work();
  return bytes == 0 ? -1 : 1e3 * static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC / static_cast<double>(times);
}

}  // namespace

int main(int argument_count, char** arguments) {
  long const workers = argument_count == 3 ? number_in(arguments[1]) : 0, times = workers > 0 ? number_in(arguments[2]) : 0;
  if (times <= 0) {
    std::fputs("usage: page WORKERS TIMES\n", stderr);
    return 2;
  }
  Container container{"bench"};
  container.start();
  auto living = replaced(container, workers);
  auto& app = container.app();
  forksafe::PageContext const context{
      .application = "bench", .process = ::getpid(), .now = app.journal().wall_time(std::chrono::steady_clock::now())};
  std::string const html = forksafe::to_html(app.debug(), context, "nonce");
  std::string const brief = forksafe::to_brief_json(app.debug(), context);
  double const debug_takes = milliseconds_of_each(times, [&] { return app.debug().processes.size(); });
  double const page_takes =
      milliseconds_of_each(times, [&] { return forksafe::to_html(app.debug(), context, "nonce").size(); });
  double const json_takes = milliseconds_of_each(times, [&] { return forksafe::to_brief_json(app.debug(), context).size(); });
  std::printf("%zu %zu %zu %.4f %.4f %.4f\n", app.debug().processes.size(), html.size(), brief.size(), debug_takes, page_takes,
              json_takes);
  for (auto& worker : living) container.time_out(worker);
}
