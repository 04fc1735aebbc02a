// SPDX-License-Identifier: MIT
module;
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>
module forksafe.audit;

import forksafe.base;
import forksafe.policy;
import forksafe.std.operators;

namespace forksafe {

// In sockets.cpp.
Classified classify_socket(SeenDescriptor const& seen, Inventory const& inventory);

namespace {

using enum DescriptorKind;
using enum Severity;

Classified of_rule(DescriptorKind kind, std::string where_from = {}) {
  return {kind, rule_of(kind).severity, std::move(where_from)};
}

std::string fdinfo(int number) { return base::read_proc("/proc/self/fdinfo/" + std::to_string(number), 1 << 16); }

long field(std::string const& info, char const* name, long otherwise) {
  auto const at = info.find(name);
  return at == std::string::npos ? otherwise : std::strtol(info.c_str() + at + std::strlen(name), nullptr, 10);
}

Classified classify_epoll(int number) {
  std::string const info = fdinfo(number);
  std::string watched;
  for (auto at = info.find("tfd:"); at != std::string::npos; at = info.find("tfd:", at + 4)) {
    int const target = std::atoi(info.c_str() + at + 4);
    if (::fcntl(target, F_GETFD) >= 0) watched += (watched.empty() ? "" : ", ") + std::to_string(target);
  }
  if (watched.empty()) return of_rule(epoll);
  return {epoll, error, "watches descriptors " + watched + ", which the child has too"};
}

Classified classify_ring(int number) {
  std::string const info = fdinfo(number);
  if (field(info, "SqThread:\t", -1) >= 0) return {ring, critical, "with a thread of the kernel that submits"};
  if (field(info, "SqTail:\t", 0) != field(info, "SqHead:\t", 0)) return {ring, critical, "with submissions under way"};
  return of_rule(ring);
}

Classified classify_anonymous(SeenDescriptor const& seen) {
  std::string_view name = seen.link;
  name.remove_prefix(std::min(name.size(), std::string_view{"anon_inode:"}.size()));
  if (name == "[eventfd]") return of_rule(event);
  if (name == "[timerfd]") return of_rule(timer);
  if (name == "[signalfd]") return of_rule(signal);
  if (name == "inotify") return of_rule(inotify);
  if (name == "[eventpoll]") return classify_epoll(seen.number);
  if (name == "[io_uring]") return classify_ring(seen.number);
  if (name == "[pidfd]") return of_rule(process);
  for (std::string_view const known : {"[perf_event]", "bpf-", "[bpf", "[userfaultfd]", "[fanotify]"})
    if (name.starts_with(known)) return of_rule(watcher, std::string{name});
  return of_rule(DescriptorKind::other, std::string{name});
}

Classified classify_file(SeenDescriptor const& seen, Inventory const& inventory) {
  std::string const& path = seen.link;
  if (seen.locked_by_process) return of_rule(is_of_database(path) ? locked_database : locked_file, path);
  if (seen.locked_by_file) return of_rule(described_lock, path);
  if (path.starts_with("/memfd:") || path.starts_with("/dev/shm/") || path.starts_with("/SYSV")) return of_rule(memory, path);
  if ((seen.flags & O_DIRECT) != 0) return {direct_file, inventory.threads.empty() ? warning : error, path};
  if ((seen.flags & O_ACCMODE) == O_RDONLY) return {read_file, seen.offset > 0 ? warning : info, path};
  return of_rule((seen.flags & O_APPEND) != 0 ? appended_file : written_file, path);
}

Classified classify_device(SeenDescriptor const& seen) {
  unsigned const number = ::major(seen.special);
  // Devices of memory (null, zero, random) and terminals, Documentation/admin-guide/devices.txt of Linux.
  bool const plain = number == 1 || number == 4 || number == 5 || (number >= 136 && number <= 143);
  if (plain) return of_rule(plain_device);
  return of_rule(is_exclusive_device(seen.link) ? exclusive_device : other_device, seen.link);
}

}  // namespace

bool is_of_database(std::string_view path) noexcept {
  for (std::string_view const suffix : {"-wal", "-shm", "-journal", "lock.mdb", "/LOCK"})
    if (path.ends_with(suffix)) return true;
  return false;
}

bool is_exclusive_device(std::string_view path) noexcept {
  for (std::string_view const exclusive : {"/dev/nvidia", "/dev/infiniband", "/dev/kvm", "/dev/net/tun", "/dev/dri"})
    if (path.starts_with(exclusive)) return true;
  return false;
}

Classified classify(SeenDescriptor const& before, Inventory const& inventory) {
  if (S_ISSOCK(before.mode)) return classify_socket(before, inventory);
  if (S_ISFIFO(before.mode))
    return of_rule(pipe, (before.flags & O_ACCMODE) == O_RDONLY ? "its reading end" : "its writing end");
  if (before.link.starts_with("anon_inode:")) return classify_anonymous(before);
  if (before.link.starts_with("pidfd:")) return of_rule(process);
  if (S_ISCHR(before.mode)) return classify_device(before);
  if (S_ISBLK(before.mode)) return of_rule(other_device, before.link);
  if (S_ISDIR(before.mode)) return of_rule(directory, before.link);
  if (S_ISREG(before.mode)) return classify_file(before, inventory);
  return of_rule(DescriptorKind::other, before.link);
}

bool still_shared(SeenDescriptor const& before, Inventory const& inventory) {
  struct stat now{};
  if (::fstat(before.number, &now) != 0 || now.st_dev != before.device || now.st_ino != before.inode) return false;
  long const order = ::syscall(SYS_kcmp, inventory.process, ::getpid(), KCMP_FILE, before.number, before.number);
  if (order >= 0) return order == 0;
  // Forbidden, or the parent is gone or has closed its own: other children of it may still have the file.
  SeenDescriptor const seen = look_at(before.number);
  return seen.link == before.link && seen.identity == before.identity && (seen.flags & O_ACCMODE) == (before.flags & O_ACCMODE);
}

}  // namespace forksafe
