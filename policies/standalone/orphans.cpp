// SPDX-License-Identifier: MIT
module;
#include <dirent.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
module forksafe.standalone.binding;

import forksafe.std.operators;

namespace forksafe::standalone {
namespace {

bool inherits_orphans() noexcept {
  if (::getpid() == 1) return true;
  int subreaper = 0;
  return ::prctl(PR_GET_CHILD_SUBREAPER, &subreaper) == 0 && subreaper != 0;
}

/// Excludes the children of other threads: orphans become children of the main thread.
bool is_dead_and_of_this_thread(idtype_t which, pid_t pid) noexcept {
  siginfo_t found{};
  int const options = WEXITED | WNOHANG | WNOWAIT | __WNOTHREAD;
  return ::waitid(which, static_cast<id_t>(pid), &found, options) == 0 && found.si_pid != 0;
}

/// Reads the parent from /proc/PID/stat: the second field after the name, which is in parentheses and may contain some.
pid_t read_parent(pid_t pid) {
  char line[512];
  std::string const path = "/proc/" + std::to_string(pid) + "/stat";
  int const file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  auto const size = ::read(file, line, sizeof line);
  ::close(file);
  std::string_view const stat{line, static_cast<std::size_t>(std::max<decltype(size)>(size, 0))};
  auto const name_end = stat.rfind(')');
  if (name_end == stat.npos || stat.size() < name_end + 5) return 0;
  pid_t parent = 0;
  std::from_chars(stat.data() + name_end + 4, stat.data() + stat.size(), parent);
  return parent;
}

std::vector<pid_t> children() {
  std::vector<pid_t> found;
  std::unique_ptr<DIR, int (*)(DIR*)> const processes{::opendir("/proc"), ::closedir};
  if (processes == nullptr) return found;
  while (dirent const* const entry = ::readdir(processes.get())) {
    std::string_view const name = entry->d_name;
    pid_t pid = 0;
    auto const [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (error == std::errc{} && end == name.data() + name.size() && read_parent(pid) == ::getpid()) found.push_back(pid);
  }
  return found;
}

}  // namespace

Orphans::Orphans() {
  if (inherits_orphans()) of_the_application_ = children();
}

Clock::time_point Orphans::reap(std::span<Worker const> workers, Clock::time_point now) {
  if (!inherits_orphans() || !is_dead_and_of_this_thread(P_ALL, 0)) {
    dead_.clear();
    return Clock::time_point::max();
  }
  std::vector<Dead> still_dead;
  for (pid_t const pid : children()) {
    if (std::ranges::find(of_the_application_, pid) != of_the_application_.end()) continue;
    if (std::ranges::any_of(workers, [pid](Worker const& worker) { return worker.process.pid == pid; })) continue;
    if (!is_dead_and_of_this_thread(P_PID, pid)) continue;
    auto const known = std::ranges::find(dead_, pid, &Dead::pid);
    Dead const dead{pid, known == dead_.end() ? now : known->seen};
    if (now - dead.seen < patience) {
      still_dead.push_back(dead);
    } else {
      ::waitpid(pid, nullptr, WNOHANG | __WNOTHREAD);
    }
  }
  dead_ = std::move(still_dead);
  auto const first = std::ranges::min_element(dead_, {}, &Dead::seen);
  return first == dead_.end() ? Clock::time_point::max() : first->seen + patience;
}

}  // namespace forksafe::standalone
