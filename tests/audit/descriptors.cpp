// SPDX-License-Identifier: MIT
module;
#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/fanotify.h>
#include <linux/if_ether.h>
#include <linux/io_uring.h>
#include <linux/netlink.h>
#include <linux/perf_event.h>
#include <netinet/in.h>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/fanotify.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <unistd.h>
module hazards;

import forksafe.audit;

namespace hazards {
namespace {

std::string made(long descriptor) { return descriptor >= 0 ? "" : std::strerror(errno); }

/// Connects `client` to a server in another process, as real servers are.
std::string connect_to_stranger(int client, sockaddr const* address, socklen_t size) {
  int ready[2];
  if (::pipe(ready) != 0) return "no pipe";
  if (::fork() == 0) {
    // The server must be neither the audited child nor a relative of it.
    if (::fork() != 0) ::_exit(0);
    // The server must not hold the test's own pipes open, for whose end the test waits.
    ::dup2(ready[1], 3);
    ready[1] = 3;
    ::close_range(4, ~0U, 0);
    int const server = ::socket(address->sa_family, SOCK_STREAM, 0);
    int const again = 1;
    ::setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &again, sizeof again);
    bool const listens = ::bind(server, address, size) == 0 && ::listen(server, 1) == 0;
    sockaddr_storage bound{};
    socklen_t bound_size = sizeof bound;
    ::getsockname(server, reinterpret_cast<sockaddr*>(&bound), &bound_size);
    static_cast<void>(::write(ready[1], &bound, listens ? sizeof bound : 1));
    ::alarm(20);
    int const accepted = ::accept(server, nullptr, nullptr);
    char byte;
    static_cast<void>(::read(accepted, &byte, 1));
    ::_exit(0);
  }
  sockaddr_storage bound{};
  ssize_t const got = ::read(ready[0], &bound, sizeof bound);
  ::close(ready[0]);
  ::close(ready[1]);
  if (got != sizeof bound) return "nothing listens";
  return made(::connect(client, reinterpret_cast<sockaddr*>(&bound), size));
}

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

std::string tcp() {
  sockaddr_in const address = loopback(0);
  return connect_to_stranger(::socket(AF_INET, SOCK_STREAM, 0), reinterpret_cast<sockaddr const*>(&address), sizeof address);
}

std::string udp() {
  sockaddr_in const address = loopback(9);
  return made(::connect(::socket(AF_INET, SOCK_DGRAM, 0), reinterpret_cast<sockaddr const*>(&address), sizeof address));
}

std::string udp_bound() {
  sockaddr_in const address = loopback(0);
  return made(::bind(::socket(AF_INET, SOCK_DGRAM, 0), reinterpret_cast<sockaddr const*>(&address), sizeof address));
}

std::string udp_idle() { return made(::socket(AF_INET, SOCK_DGRAM, 0)); }

std::string listening() {
  int const server = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in const address = loopback(0);
  ::bind(server, reinterpret_cast<sockaddr const*>(&address), sizeof address);
  return made(::listen(server, 5));
}

std::string unix_stream() {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::snprintf(address.sun_path + 1, sizeof address.sun_path - 1, "forksafe-hazard-%d", ::getpid());
  return connect_to_stranger(::socket(AF_UNIX, SOCK_STREAM, 0), reinterpret_cast<sockaddr const*>(&address), sizeof address);
}

std::string socket_pair() {
  int ends[2];
  return made(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) | ::close(ends[1]));
}

std::string netlink() { return made(::socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE)); }
std::string packet() { return made(::socket(AF_PACKET, SOCK_RAW, htons(ETH_P_LOOP))); }
std::string epoll_empty() { return made(::epoll_create1(0)); }

std::string epoll_watching() {
  int const set = ::epoll_create1(0);
  epoll_event event{};
  return made(::epoll_ctl(set, EPOLL_CTL_ADD, 0, &event) == 0 ? 0 : ::epoll_ctl(set, EPOLL_CTL_ADD, ::eventfd(0, 0), &event));
}

std::string eventfd() { return made(::eventfd(0, 0)); }
std::string timerfd() { return made(::timerfd_create(CLOCK_MONOTONIC, 0)); }

std::string signalfd() {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGUSR1);
  return made(::signalfd(-1, &signals, 0));
}

std::string inotify() { return made(::inotify_init()); }

int make_ring(unsigned flags) {
  io_uring_params parameters{};
  parameters.flags = flags;
  return static_cast<int>(::syscall(SYS_io_uring_setup, 8, &parameters));
}
std::string io_uring() { return made(make_ring(0)); }
std::string io_uring_thread() { return made(make_ring(IORING_SETUP_SQPOLL)); }

std::string pipe() {
  int ends[2];
  return made(::pipe(ends));
}
std::string memory() { return made(::memfd_create("hazard", 0)); }

/// A file without a name, which no test has to remove.
int temporary(int flags) {
  char path[] = "/tmp/forksafe-hazard-XXXXXX";
  int const file = ::mkstemp(path);
  ::unlink(path);
  int const again = ::open(("/proc/self/fd/" + std::to_string(file)).c_str(), flags);
  ::close(file);
  return again;
}
/// A file whose name ends in the suffix, open for writing until the process exits.
int named(char const* suffix) {
  std::string path = "/tmp/forksafe-hazard-XXXXXX" + std::string{suffix};
  int const file = ::mkstemps(path.data(), static_cast<int>(std::strlen(suffix)));
  static char left[64];
  std::snprintf(left, sizeof left, "%s", path.c_str());
  std::atexit([] { ::unlink(left); });
  return file;
}

std::string written() { return made(temporary(O_RDWR)); }
std::string appended() { return made(temporary(O_WRONLY | O_APPEND)); }
std::string read_only() { return made(temporary(O_RDONLY)); }
std::string read_further() {
  int const file = ::open("/etc/passwd", O_RDONLY);
  char byte;
  return made(::read(file, &byte, 1));
}

std::string posix_lock(int file) {
  struct flock whole{};
  whole.l_type = F_WRLCK;
  return made(::fcntl(file, F_SETLK, &whole));
}
std::string locked() { return posix_lock(temporary(O_RDWR)); }
std::string locked_wal() { return posix_lock(named("-wal")); }
std::string locked_shm() { return posix_lock(named("-shm")); }

std::string flocked() { return made(::flock(temporary(O_RDWR), LOCK_EX)); }
std::string description_lock() {
  struct flock whole{};
  whole.l_type = F_WRLCK;
  return made(::fcntl(temporary(O_RDWR), F_OFD_SETLK, &whole));
}
std::string direct() { return made(temporary(O_RDWR | O_DIRECT)); }
std::string directory() { return made(::open("/tmp", O_RDONLY | O_DIRECTORY)); }
std::string null_device() { return made(::open("/dev/urandom", O_RDONLY)); }
std::string pidfd() { return made(::syscall(SYS_pidfd_open, ::getpid(), 0)); }

std::string perf_event() {
  perf_event_attr attributes{};
  attributes.type = PERF_TYPE_SOFTWARE;
  attributes.size = sizeof attributes;
  attributes.config = PERF_COUNT_SW_PAGE_FAULTS;
  attributes.exclude_kernel = 1;
  return made(::syscall(SYS_perf_event_open, &attributes, 0, -1, -1, 0));
}
std::string userfaultfd() { return made(::syscall(SYS_userfaultfd, 1)); }
std::string fanotify() { return made(::fanotify_init(FAN_CLASS_NOTIF, O_RDONLY)); }

std::string bpf_map() {
  bpf_attr attributes{};
  attributes.map_type = BPF_MAP_TYPE_ARRAY;
  attributes.key_size = 4;
  attributes.value_size = 4;
  attributes.max_entries = 1;
  return made(::syscall(SYS_bpf, BPF_MAP_CREATE, &attributes, sizeof attributes));
}

std::string fifo() {
  char directory[] = "/tmp/forksafe-audit-XXXXXX";
  if (::mkdtemp(directory) == nullptr) return made(-1);
  std::string const path = std::string{directory} + "/fifo";
  int const descriptor = ::mkfifo(path.c_str(), 0600) == 0 ? ::open(path.c_str(), O_RDWR) : -1;
  if (::unlink(path.c_str()) + ::rmdir(directory) != 0) return made(-1);
  return made(descriptor);
}

std::string declared() {
  int const descriptor = ::eventfd(0, 0);
  forksafe::declare_shared(descriptor, "all workers wait for it").detach();
  return made(descriptor);
}

/// Declares an open file before its number is used again: the declaration belongs to the file, not to the number.
std::string declared_before() {
  static_cast<void>(declared());
  int const descriptor = ::eventfd(0, 0);
  return made(::dup3(descriptor, descriptor - 1, 0) < 0 || ::close(descriptor) != 0 ? -1 : descriptor);
}

std::string tun() { return made(::open("/dev/net/tun", O_RDWR)); }
std::string kvm() { return made(::open("/dev/kvm", O_RDWR)); }

constexpr Case cases[] = {
    {"tcp", tcp,
     "error; descriptor shared; connected socket; DropAndReopen"
     "\nwarning; signals inherited; default action of SIGPIPE connections of the parent; DropAndReopen"},
    {"udp_connected", udp, "error; descriptor shared; connected socket; DropAndReopen"},
    {"udp_bound", udp_bound, "warning; descriptor shared; bound datagram socket; Inherit"},
    {"udp_idle", udp_idle, "info; descriptor shared; unconnected socket; DropAndReopen"},
    {"listening", listening, ""},
    {"unix_stream", unix_stream,
     "error; descriptor shared; connected UNIX socket; DropAndReopen"
     "\nwarning; signals inherited; default action of SIGPIPE connections of the parent; DropAndReopen"},
    {"socket_pair", socket_pair, "info; descriptor shared; UNIX socket to an ancestor; Inherit"},
    {"netlink", netlink, "error; descriptor shared; netlink socket; DropAndReopen"},
    {"packet", packet, "error; descriptor shared; packet socket; DropAndReopen"},
    {"epoll_empty", epoll_empty, "warning; descriptor shared; epoll instance; NotifyBothSides"},
    {"epoll_watching", epoll_watching,
     "error; descriptor shared; epoll instance; NotifyBothSides\nerror; descriptor shared; eventfd; DropAndReopen"},
    {"eventfd", eventfd, "error; descriptor shared; eventfd; DropAndReopen"},
    {"timerfd", timerfd, "error; descriptor shared; timerfd; DropAndReopen"},
    {"signalfd", signalfd, "error; descriptor shared; signalfd; DropAndReopen"},
    {"inotify", inotify, "error; descriptor shared; inotify instance; DropAndReopen"},
    {"io_uring", io_uring, "error; descriptor shared; io_uring; DropAndReopen"},
    {"io_uring_thread", io_uring_thread, "critical; descriptor shared; io_uring; DropAndReopen"},
    {"pipe", pipe, "warning; descriptor shared; pipe; Inherit"},
    {"fifo", fifo, "warning; descriptor shared; pipe; Inherit"},
    {"declared", declared, ""},
    {"declared_before", declared_before, "error; descriptor shared; eventfd; DropAndReopen"},
    {"memory", memory, "info; descriptor shared; memory file; Inherit"},
    {"written", written, "warning; descriptor shared; file open for writing; DropAndReopen"},
    {"appended", appended, ""},
    {"read_only", read_only, "info; descriptor shared; file open for reading; DropAndReopen"},
    {"read_further", read_further, "warning; descriptor shared; file open for reading; DropAndReopen"},
    {"posix_lock", locked, "warning; descriptor shared; file locked with fcntl; DropAndReopen"},
    {"posix_lock_wal", locked_wal, "error; descriptor shared; locked file of a database; NeverTouch"},
    {"posix_lock_shm", locked_shm, "error; descriptor shared; locked file of a database; NeverTouch"},
    {"flock", flocked, "warning; descriptor shared; file with a lock of its open file; DropAndReopen"},
    {"description_lock", description_lock, "warning; descriptor shared; file with a lock of its open file; DropAndReopen"},
    {"direct", direct, "warning; descriptor shared; file open with O_DIRECT; StopRestart"},
    {"directory", directory, "info; descriptor shared; directory; DropAndReopen"},
    {"null_device", null_device, ""},
    {"pidfd", pidfd, "info; descriptor shared; pidfd; DropAndReopen"},
    {"perf_event", perf_event, "warning; descriptor shared; kernel event source; DropAndReopen"},
    {"userfaultfd", userfaultfd, "warning; descriptor shared; kernel event source; DropAndReopen"},
    {"fanotify", fanotify, "warning; descriptor shared; kernel event source; DropAndReopen"},
    {"bpf_map", bpf_map, "warning; descriptor shared; kernel event source; DropAndReopen"},
    {"tun", tun, "error; descriptor shared; device; NeverTouch"},
    {"kvm", kvm, "error; descriptor shared; device; NeverTouch"},
};

}  // namespace

std::span<Case const> descriptors() { return cases; }

}  // namespace hazards
