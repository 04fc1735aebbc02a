// SPDX-License-Identifier: MIT
module;
#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <stdio_ext.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <vector>
module forksafe.audit;

import forksafe.generation;

namespace forksafe {
namespace {

/// Flags of a task in the kernel's <linux/sched.h>; field 9 of /proc/PID/stat.
constexpr unsigned exiting = 0x4, io_worker = 0x10, user_worker = 0x4000;

/// Calls `visit(number)` for each number that names an entry of a directory.
template <class Visit>
void each_number(char const* directory, Visit visit) {
  int const opened = ::open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (opened < 0) return;
  alignas(dirent64) char buffer[4096];
  for (ssize_t size; (size = ::getdents64(opened, buffer, sizeof buffer)) > 0;) {
    for (ssize_t at = 0; at < size;) {
      auto const* entry = reinterpret_cast<dirent64 const*>(buffer + at);
      at += entry->d_reclen;
      int number = 0;
      std::string_view const name = entry->d_name;
      if (std::from_chars(name.data(), name.data() + name.size(), number).ec == std::errc{} && number != opened) visit(number);
    }
  }
  ::close(opened);
}

std::string task_file(pid_t thread, char const* file) {
  return read_proc("/proc/self/task/" + std::to_string(thread) + "/" + file);
}

/// Fields of /proc/PID/stat behind the name, which may hold anything.
std::string_view behind_name(std::string_view stat) {
  auto const end = stat.rfind(')');
  return end == std::string_view::npos ? std::string_view{} : stat.substr(end + 1);
}

unsigned flags_of(std::string_view stat) {
  unsigned flags = 0;
  char state = 0;
  std::string const fields{behind_name(stat)};
  std::sscanf(fields.c_str(), " %c %*d %*d %*d %*d %*d %u", &state, &flags);
  return flags;
}

SeenThread look_at_thread(pid_t id, std::string_view stat) {
  SeenThread thread{.id = id};
  auto const begin = stat.find('('), end = stat.rfind(')');
  thread.name = stat.substr(begin + 1, end - begin - 1);
  std::string const where = task_file(id, "wchan");
  if (!where.empty() && where != "0") thread.doing = "waits in " + where;
  long number = 0;
  unsigned long first = 0;
  if (std::sscanf(task_file(id, "syscall").c_str(), "%ld %lx", &number, &first) == 2 && number == SYS_futex) thread.waits_for = first;
  return thread;
}

void look_at_locks(SeenDescriptor& seen) {
  std::string const info = read_proc("/proc/self/fdinfo/" + std::to_string(seen.number));
  seen.locked_by_process = info.find("POSIX") != std::string::npos;
  seen.locked_by_file = info.find("FLOCK") != std::string::npos || info.find("OFDLCK") != std::string::npos;
}

std::size_t unread(std::FILE* stream) noexcept { return stream == nullptr ? 0 : ::__fpending(stream); }

}  // namespace

std::string read_proc(std::string_view path, std::size_t limit) {
  std::string content;
  int const file = ::open(std::string{path}.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return content;
  content.resize(limit);
  std::size_t filled = 0;
  for (ssize_t size; filled < limit && (size = ::read(file, content.data() + filled, limit - filled)) > 0;)
    filled += static_cast<std::size_t>(size);
  ::close(file);
  content.resize(filled);
  return content;
}

bool has_thread(pid_t thread) noexcept {
  char path[64];
  std::snprintf(path, sizeof path, "/proc/self/task/%d", thread);
  return ::access(path, F_OK) == 0;
}

std::vector<SeenThread> other_threads() {
  std::vector<SeenThread> threads;
  struct stat tasks{};
  if (::stat("/proc/self/task", &tasks) == 0 && tasks.st_nlink <= 3) return threads;
  pid_t const self = ::gettid();
  each_number("/proc/self/task", [&](pid_t id) {
    if (id == self) return;
    std::string const stat = task_file(id, "stat");
    // A thread that was joined may be listed for a while; it is marked as ending before anyone can have joined it.
    if (stat.empty() || (flags_of(stat) & (exiting | io_worker | user_worker)) != 0) return;
    threads.push_back(look_at_thread(id, stat));
  });
  return threads;
}

SeenDescriptor look_at(int number) {
  SeenDescriptor seen{.number = number};
  struct stat status{};
  if (::fstat(number, &status) != 0) return {};
  seen.mode = status.st_mode;
  seen.device = status.st_dev;
  seen.special = status.st_rdev;
  seen.inode = status.st_ino;
  seen.flags = ::fcntl(number, F_GETFL);
  if (S_ISSOCK(seen.mode)) {
    socklen_t size = sizeof seen.identity;
    ::getsockopt(number, SOL_SOCKET, SO_COOKIE, &seen.identity, &size);
    return seen;
  }
  if (S_ISFIFO(seen.mode)) return seen;
  char path[40], link[4096];
  std::snprintf(path, sizeof path, "/proc/self/fd/%d", number);
  ssize_t const size = ::readlink(path, link, sizeof link);
  if (size > 0) seen.link.assign(link, static_cast<std::size_t>(size));
  if (S_ISREG(seen.mode)) {
    seen.offset = ::lseek(number, 0, SEEK_CUR);
    // A database takes read locks too, but a file that nobody may write is not locked.
    if ((seen.flags & O_ACCMODE) != O_RDONLY) look_at_locks(seen);
  }
  if (seen.link == "anon_inode:[eventfd]") {
    std::string const info = read_proc("/proc/self/fdinfo/" + std::to_string(number));
    auto const at = info.find("eventfd-id:");
    if (at != std::string::npos) seen.identity = std::strtoull(info.c_str() + at + 11, nullptr, 10) + 1;
  }
  return seen;
}

std::vector<SeenDescriptor> open_descriptors() {
  std::vector<SeenDescriptor> descriptors;
  each_number("/proc/self/fd", [&](int number) {
    SeenDescriptor seen = look_at(number);
    if (seen.number >= 0) descriptors.push_back(std::move(seen));
  });
  return descriptors;
}

Inventory take_inventory() {
  Inventory inventory{.generation = generation(),
                      .unannounced = unannounced_forks(),
                      .process = ::getpid(),
                      .forking_thread = ::gettid(),
                      .threads = other_threads(),
                      .descriptors = open_descriptors(),
                      .notes = {},
                      .streams = {{"stdout", unread(stdout)}, {"stderr", unread(stderr)}}};
  for (Note& note : notes()) {
    SeenNote seen{.note = std::move(note)};
    seen.holder = holder_of(seen.note);
    if (seen.note.draw != nullptr) seen.note.draw(seen.note.object, seen.drawn);
    if (seen.note.kind == NoteKind::stream)
      inventory.streams.push_back({seen.note.text, unread(static_cast<std::FILE*>(const_cast<void*>(seen.note.object)))});
    inventory.notes.push_back(std::move(seen));
  }
  return inventory;
}

}  // namespace forksafe
