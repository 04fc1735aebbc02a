// SPDX-License-Identifier: MIT
module;
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <stdio_ext.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
module forksafe.audit;

import forksafe.base;
import forksafe.generation;
import forksafe.std.operators;

namespace forksafe {

bool can_be_marked(std::string_view link) noexcept {
  return link == "anon_inode:[eventpoll]" || link == "anon_inode:[timerfd]" || link == "anon_inode:[signalfd]";
}

namespace {

void look_at_locks(SeenDescriptor& seen) {
  std::string const info = base::read_proc("/proc/self/fdinfo/" + std::to_string(seen.number));
  seen.locked_by_process = info.find("POSIX") != std::string::npos;
  seen.locked_by_file = info.find("FLOCK") != std::string::npos || info.find("OFDLCK") != std::string::npos;
}

std::size_t unread(std::FILE* stream) noexcept { return stream == nullptr ? 0 : ::__fpending(stream); }

}  // namespace

SeenDescriptor look_at(int number) {
  SeenDescriptor seen{};
  seen.number = number;
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
    // A database takes read locks too, but a file that the process cannot write is not locked.
    if ((seen.flags & O_ACCMODE) != O_RDONLY) look_at_locks(seen);
  }
  if (seen.link == "anon_inode:[eventfd]") {
    std::string const info = base::read_proc("/proc/self/fdinfo/" + std::to_string(number));
    auto const at = info.find("eventfd-id:");
    if (at != std::string::npos) seen.identity = std::strtoull(info.c_str() + at + 11, nullptr, 10) + 1;
  } else if (can_be_marked(seen.link)) {
    seen.identity = static_cast<std::uint64_t>(::fcntl(number, F_GETSIG));
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
                      .mappings = shared_mappings(),
                      .declarations = {},
                      .streams = {{"stdout", unread(stdout)}, {"stderr", unread(stderr)}},
                      .signals = look_at_signals()};
  for (DeclarationRecord& declaration : declarations()) {
    SeenDeclaration seen{.declaration = std::move(declaration)};
    seen.holder = read_holder(seen.declaration);
    if (seen.declaration.draw != nullptr) seen.declaration.draw(seen.declaration.object, seen.drawn);
    if (seen.declaration.kind == DeclarationKind::stream)
      inventory.streams.push_back(
          {seen.declaration.text, unread(static_cast<std::FILE*>(const_cast<void*>(seen.declaration.object)))});
    inventory.declarations.push_back(std::move(seen));
  }
  return inventory;
}

}  // namespace forksafe
