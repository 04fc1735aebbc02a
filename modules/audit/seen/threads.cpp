// SPDX-License-Identifier: MIT
module;
#include <cstdio>
#include <ctime>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
module forksafe.audit;

import forksafe.base;
import forksafe.std.operators;

namespace forksafe {
namespace {

/// Flags of a task in the kernel's <linux/sched.h>; field 9 of /proc/PID/stat.
constexpr unsigned exiting = 0x4, io_worker = 0x10, user_worker = 0x4000;

/// How long a fork waits for threads to end.
constexpr std::chrono::milliseconds patience{50};
constexpr long look_again_after = 500'000;

/// The threads that a fork has waited for in vain.
constinit std::atomic<std::vector<pid_t> const*> lasting{nullptr};

struct State {
  char letter = 0;
  unsigned flags = 0;
};

std::string task_file(pid_t thread, char const* file) {
  return base::read_proc("/proc/self/task/" + std::to_string(thread) + "/" + file);
}

State parse_state(std::string_view stat) {
  // The name before it may hold anything.
  auto const end = stat.rfind(')');
  State state;
  if (end == std::string_view::npos) return state;
  std::string const fields{stat.substr(end + 1)};
  std::sscanf(fields.c_str(), " %c %*d %*d %*d %*d %*d %u", &state.letter, &state.flags);
  return state;
}

SeenThread look_at_thread(pid_t id, std::string_view stat) {
  SeenThread thread{};
  thread.id = id;
  auto const begin = stat.find('('), end = stat.rfind(')');
  thread.name = stat.substr(begin + 1, end - begin - 1);
  std::string const where = task_file(id, "wchan");
  if (!where.empty() && where != "0") thread.doing = "waits in " + where;
  long number = 0;
  unsigned long first = 0;
  if (std::sscanf(task_file(id, "syscall").c_str(), "%ld %lx", &number, &first) == 2 && number == SYS_futex)
    thread.waits_for = first;
  return thread;
}

/// Calls `visit(thread, its line of /proc, its state)` for all threads of this process but the calling one, those of the
/// kernel and those that are marked as ending.
template <class Visit>
void each_other_thread(Visit visit) {
  struct stat tasks{};
  if (::stat("/proc/self/task", &tasks) == 0 && tasks.st_nlink <= 3) return;
  pid_t const self = ::gettid();
  each_number("/proc/self/task", [&](pid_t id) {
    if (id == self) return;
    std::string const stat = task_file(id, "stat");
    State const state = parse_state(stat);
    if (!stat.empty() && (state.flags & (exiting | io_worker | user_worker)) == 0) visit(id, stat, state.letter);
  });
}

/// Not the library's own function: the preloaded library takes that for the program's.
void wait_a_little() noexcept {
  timespec const pause{0, look_again_after};
  ::syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &pause, nullptr);
}

}  // namespace

std::vector<std::pair<std::string_view, std::size_t>> counted_names(std::vector<SeenThread> const& threads) {
  std::vector<std::pair<std::string_view, std::size_t>> names;
  for (SeenThread const& thread : threads) {
    auto const same = std::ranges::find(names, thread.name, &std::pair<std::string_view, std::size_t>::first);
    if (same == names.end()) {
      names.emplace_back(thread.name, 1);
    } else {
      ++same->second;
    }
  }
  return names;
}

bool has_thread(pid_t thread) noexcept {
  char path[64];
  std::snprintf(path, sizeof path, "/proc/self/task/%d", thread);
  return ::access(path, F_OK) == 0;
}

std::vector<SeenThread> other_threads() {
  std::unique_ptr<std::vector<pid_t> const> const known{lasting.exchange(nullptr)};
  auto const may_be_ending = [&](pid_t id, char state) {
    // A thread that ends is at work, or its end would have to wait for another one.
    return known == nullptr || std::ranges::find(*known, id) == known->end() || state == 'R' || state == 'D';
  };
  auto const until = std::chrono::steady_clock::now() + patience;
  for (bool again = true; again;) {
    again = false;
    each_other_thread([&](pid_t id, std::string_view, char state) { again = again || may_be_ending(id, state); });
    again = again && std::chrono::steady_clock::now() < until;
    if (again) wait_a_little();
  }
  std::vector<SeenThread> threads;
  each_other_thread([&](pid_t id, std::string_view stat, char) { threads.push_back(look_at_thread(id, stat)); });
  auto ids = std::make_unique<std::vector<pid_t>>();
  for (SeenThread const& thread : threads) ids->push_back(thread.id);
  std::unique_ptr<std::vector<pid_t> const> const superseded{lasting.exchange(ids.release())};
  return threads;
}

}  // namespace forksafe
