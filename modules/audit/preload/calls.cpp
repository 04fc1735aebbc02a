// SPDX-License-Identifier: MIT
// The functions that libforksafe_audit.so puts in place of the C library's.
#include <atomic>
#include <cstddef>
#include <ctime>
#include <dlfcn.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>
#include "preload.hpp"

namespace {

template <auto* Function>
constinit std::atomic<decltype(Function)> kept{nullptr};

/// The function that the program would have called without this library. No local static: a fork while another thread
/// initialises one leaves it locked in the child.
template <auto* Function>
decltype(Function) next(char const* name) noexcept {
  auto* found = kept<Function>.load(std::memory_order_relaxed);
  if (found != nullptr) return found;
  found = reinterpret_cast<decltype(Function)>(::dlsym(RTLD_NEXT, name));
  kept<Function>.store(found, std::memory_order_relaxed);
  return found;
}

}  // namespace

using forksafe::comes_to_work;

extern "C" {

int accept(int socket, sockaddr* address, socklen_t* size) {
  auto* const original = next<&::accept>("accept");
  comes_to_work();
  return original(socket, address, size);
}

int accept4(int socket, sockaddr* address, socklen_t* size, int flags) {
  auto* const original = next<&::accept4>("accept4");
  comes_to_work();
  return original(socket, address, size, flags);
}

int epoll_wait(int set, epoll_event* events, int count, int timeout) {
  auto* const original = next<&::epoll_wait>("epoll_wait");
  comes_to_work();
  return original(set, events, count, timeout);
}

int epoll_pwait(int set, epoll_event* events, int count, int timeout, sigset_t const* signals) {
  auto* const original = next<&::epoll_pwait>("epoll_pwait");
  comes_to_work(signals);
  return original(set, events, count, timeout, signals);
}

int poll(pollfd* descriptors, nfds_t count, int timeout) {
  auto* const original = next<&::poll>("poll");
  comes_to_work();
  return original(descriptors, count, timeout);
}

int __poll_chk(pollfd* descriptors, nfds_t count, int timeout, std::size_t size) {
  auto* const original = next<&::__poll_chk>("__poll_chk");
  comes_to_work();
  return original(descriptors, count, timeout, size);
}

int ppoll(pollfd* descriptors, nfds_t count, timespec const* timeout, sigset_t const* signals) {
  auto* const original = next<&::ppoll>("ppoll");
  comes_to_work(signals);
  return original(descriptors, count, timeout, signals);
}

int select(int count, fd_set* reading, fd_set* writing, fd_set* exceptions, timeval* timeout) {
  auto* const original = next<&::select>("select");
  comes_to_work();
  return original(count, reading, writing, exceptions, timeout);
}

int pselect(int count, fd_set* reading, fd_set* writing, fd_set* exceptions, timespec const* timeout, sigset_t const* signals) {
  auto* const original = next<&::pselect>("pselect");
  comes_to_work(signals);
  return original(count, reading, writing, exceptions, timeout, signals);
}

ssize_t recv(int socket, void* buffer, std::size_t size, int flags) {
  auto* const original = next<&::recv>("recv");
  comes_to_work();
  return original(socket, buffer, size, flags);
}

int nanosleep(timespec const* duration, timespec* remaining) {
  auto* const original = next<&::nanosleep>("nanosleep");
  comes_to_work();
  return original(duration, remaining);
}

int clock_nanosleep(clockid_t clock, int flags, timespec const* duration, timespec* remaining) {
  auto* const original = next<&::clock_nanosleep>("clock_nanosleep");
  comes_to_work();
  return original(clock, flags, duration, remaining);
}

void _exit(int status) {
  auto* const original = next<&::_exit>("_exit");
  forksafe::ends();
  original(status);
  __builtin_unreachable();
}

int execve(char const* path, char* const* arguments, char* const* environment) noexcept {
  auto* const original = next<&::execve>("execve");
  forksafe::executes();
  return original(path, arguments, environment);
}

int execv(char const* path, char* const* arguments) noexcept {
  auto* const original = next<&::execv>("execv");
  forksafe::executes();
  return original(path, arguments);
}

int execvp(char const* file, char* const* arguments) noexcept {
  auto* const original = next<&::execvp>("execvp");
  forksafe::executes();
  return original(file, arguments);
}

int execvpe(char const* file, char* const* arguments, char* const* environment) noexcept {
  auto* const original = next<&::execvpe>("execvpe");
  forksafe::executes();
  return original(file, arguments, environment);
}

int socketpair(int domain, int type, int protocol, int ends[2]) noexcept {
  auto* const original = next<&::socketpair>("socketpair");
  int const result = original(domain, type, protocol, ends);
  if (result == 0) forksafe::makes_pair(__builtin_return_address(0), {ends[0], ends[1]});
  return result;
}

ssize_t write(int descriptor, void const* data, std::size_t size) {
  auto* const original = next<&::write>("write");
  forksafe::uses(descriptor, "write()");
  return original(descriptor, data, size);
}

ssize_t writev(int descriptor, iovec const* parts, int count) {
  auto* const original = next<&::writev>("writev");
  forksafe::uses(descriptor, "writev()");
  return original(descriptor, parts, count);
}

ssize_t send(int socket, void const* data, std::size_t size, int flags) {
  auto* const original = next<&::send>("send");
  forksafe::uses(socket, "send()");
  return original(socket, data, size, flags);
}

ssize_t sendto(int socket, void const* data, std::size_t size, int flags, sockaddr const* address, socklen_t length) {
  auto* const original = next<&::sendto>("sendto");
  forksafe::uses(socket, "sendto()");
  return original(socket, data, size, flags, address, length);
}

ssize_t sendmsg(int socket, msghdr const* message, int flags) {
  auto* const original = next<&::sendmsg>("sendmsg");
  forksafe::uses(socket, "sendmsg()");
  return original(socket, message, flags);
}

int shutdown(int socket, int how) noexcept {
  auto* const original = next<&::shutdown>("shutdown");
  forksafe::uses(socket, "shutdown()");
  return original(socket, how);
}

}  // extern "C"
