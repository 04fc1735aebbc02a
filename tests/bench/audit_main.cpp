// SPDX-License-Identifier: MIT
// Prints, for 0, 10, 100 and 1000 descriptors beside the usual ones, their number, the microseconds of an inventory, and the
// least microseconds of a look at each descriptor. Both are measured in turns.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <dirent.h>
#include <fcntl.h>
#include <string>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>
import forksafe.audit;
import forksafe.generation;

namespace {

template <class Work>
double microseconds(Work work) {
  auto const begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count();
}

double median(std::vector<double> values) {
  std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2));
  return values[values.size() / 2];
}

void bare_look() {
  DIR* const directory = ::opendir("/proc/self/fd");
  char link[4096];
  while (dirent const* const entry = ::readdir(directory)) {
    if (entry->d_name[0] == '.') continue;
    struct stat status{};
    ::fstat(std::atoi(entry->d_name), &status);
    static_cast<void>(::readlinkat(::dirfd(directory), entry->d_name, link, sizeof link));
  }
  ::closedir(directory);
}

/// Opens a descriptor of the kinds that servers have: mostly sockets, some files and pipes.
void open_one(int number) {
  int ends[2];
  switch (number % 5) {
    case 0: static_cast<void>(::open("/etc/passwd", O_RDONLY)); return;
    case 1: static_cast<void>(::eventfd(0, 0)); return;
    case 2:
      static_cast<void>(::pipe(ends));
      ::close(ends[1]);
      return;
    default: static_cast<void>(::socket(AF_INET, SOCK_STREAM, 0)); return;
  }
}

}  // namespace

int main() {
  rlimit limit{4096, 4096};
  ::setrlimit(RLIMIT_NOFILE, &limit);
  forksafe::watch_forks();
  int opened = 0;
  for (int const count : {0, 10, 100, 1000}) {
    while (opened < count) open_one(opened++);
    std::vector<double> ours, theirs;
    for (int round = 0; round != (count == 1000 ? 20 : 100); ++round) {
      ours.push_back(microseconds(forksafe::audit_before));
      theirs.push_back(microseconds(bare_look));
    }
    std::printf("%d %.1f %.1f\n", count, median(ours), median(theirs));
  }
}
