// SPDX-License-Identifier: MIT
#include <boost/test/unit_test.hpp>
#include <csignal>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <semaphore>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>
#include "found.hpp"
import forksafe.audit;
import hazards;

namespace {

/// Returns the findings of the hazard, and what is allowed of them.
template <std::string (*make)()>
std::string report(char const* entries) {
  static char const* chosen;
  chosen = entries;
  return seen_behind({"",
                      [] {
                        forksafe::audit_allow(chosen);
                        return make();
                      },
                      ""},
                     forksafe::to_text);
}

bool is_clean(std::string const& text) { return text.find(": 0 findings\n") != text.npos; }

std::string open_log() {
  static_cast<void>(::open("/tmp/forksafe-allowed.log", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  ::unlink("/tmp/forksafe-allowed.log");
  return {};
}

std::string bound_port() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(18125);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return ::bind(::socket(AF_INET, SOCK_DGRAM, 0), reinterpret_cast<sockaddr const*>(&address), sizeof address) == 0 ? ""
                                                                                                                    : "taken";
}

/// A socket whose bound path leaves, by `..`, the folder with which it begins.
std::string climbing_socket() {
  sockaddr_un address{AF_UNIX, "/tmp/../tmp/forksafe-allowed.sock"};
  int const socket = ::socket(AF_UNIX, SOCK_DGRAM, 0);
  bool const bound = ::bind(socket, reinterpret_cast<sockaddr const*>(&address), sizeof address) == 0;
  ::unlink(address.sun_path);
  return bound ? "" : "not bound";
}

std::string owned_eventfd() {
  forksafe::own_descriptor(::eventfd(0, 0), "shop::Orders").detach();
  return {};
}

std::string blocked_signal() {
  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGUSR2);
  return ::pthread_sigmask(SIG_BLOCK, &set, nullptr) == 0 ? "" : "not blocked";
}

std::string poller() {
  static std::binary_semaphore ready{0};
  std::thread([] {
    ::pthread_setname_np(::pthread_self(), "poller-1");
    ready.release();
    ::pause();
  }).detach();
  ready.acquire();
  return {};
}

std::string mapped_memory() {
  int const file = ::memfd_create("board", 0);
  bool const mapped =
      ::ftruncate(file, 4096) == 0 && ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0) != MAP_FAILED;
  ::close(file);
  return mapped ? "" : "not mapped";
}

std::string kept_memory() {
  auto const memory = [](int flags) { return ::mmap(nullptr, 65536, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0); };
  static_cast<void>(memory(MAP_SHARED));
  ::madvise(memory(MAP_PRIVATE), 65536, MADV_WIPEONFORK);
  ::madvise(memory(MAP_PRIVATE), 65536, MADV_DONTFORK);
  return {};
}

void refused(std::string_view entries, std::string_view because) {
  BOOST_CHECK_EXCEPTION(forksafe::audit_allow(entries), std::invalid_argument, [&](std::invalid_argument const& error) {
    return std::string_view{error.what()}.find(because) != std::string_view::npos;
  });
}

/// A second descriptor of the same kind, with the number of one that was declared and closed.
template <auto make>
std::string taken_over() {
  int const first = make();
  forksafe::declare_shared(first, "all workers wait for it").detach();
  int const second = make();
  return ::dup3(second, first, 0) == first && ::close(second) == 0 ? "" : "no descriptor";
}
template <auto make>
std::string declared() {
  forksafe::declare_shared(make(), "all workers wait for it").detach();
  return {};
}
int make_epoll() { return ::epoll_create1(0); }
int make_timer() { return ::timerfd_create(CLOCK_MONOTONIC, 0); }

}  // namespace

BOOST_AUTO_TEST_SUITE(allowed)

BOOST_AUTO_TEST_CASE(each_kind_of_entry) {
  struct {
    std::string (*report)(char const*);
    char const* fits;
    char const* does_not;
    char const* shown;
  } const cases[] = {
      {report<open_log>, "path /tmp/*.log (deleted): rotated", "path /tmp/*.log: rotated", ": rotated\n"},
      {report<bound_port>, "socket *:18125: one counter", "socket *:1812: one counter", ": one counter\n"},
      {report<climbing_socket>, "socket /tmp/../tmp/forksafe-allowed.sock: known", "socket /tmp/*: known", ": known\n"},
      {report<owned_eventfd>, "owner eventfd of shop::*: woken together", "owner timerfd of shop::*: woken together",
       ": woken together\n"},
      {report<poller>, "thread poller-*: only the master polls", "thread poller: only the master polls",
       "thread 'poller-1': only the master polls\n"},
      {report<blocked_signal>, "signal SIGUSR2: the application polls", "signal SIGUSR1: the application polls",
       "blocked SIGUSR2: the application polls\n"},
      {report<mapped_memory>, "path /memfd:board*: seats", "path /memfd:seats*: seats", "mapped memory file, 4 KiB: seats\n"},
  };
  for (auto const& one : cases) {
    std::string const clean = one.report(one.fits), found = one.report(one.does_not);
    BOOST_TEST(is_clean(clean), one.fits << "\n" << clean);
    BOOST_TEST(clean.find(one.shown) != clean.npos, one.fits << "\n" << clean);
    BOOST_TEST(found.find(": 1 finding\n") != found.npos, one.does_not << "\n" << found);
  }
}

BOOST_AUTO_TEST_CASE(several_entries) {
  std::string const text = report<owned_eventfd>("thread x: never;\n owner *shop::Orders: the second; ;");
  BOOST_TEST(is_clean(text), text);
  BOOST_TEST(text.find(": the second\n") != text.npos, text);
}

BOOST_AUTO_TEST_CASE(refused_entries) {
  refused("thread poller", "say why");
  refused("thread poller: ", "say why");
  refused("threads poller: typing error", "begin with path");
  refused("thread : nobody", "name it");
  refused("path /a*b*c: two stars", "one `*`");
  // The good entry of the same call does not count either.
  std::string const text = seen_behind({"",
                                        [] {
                                          try {
                                            forksafe::audit_allow("owner *shop::Orders: good; nonsense");
                                          } catch (std::invalid_argument const&) {}
                                          return owned_eventfd();
                                        },
                                        ""},
                                       forksafe::to_text);
  BOOST_TEST(text.find(": 1 finding\n") != text.npos, text);
}

BOOST_AUTO_TEST_CASE(an_owner_is_named) {
  hazards::Case const owned{"owned",
                            [] {
                              forksafe::own_descriptor(::eventfd(0, 0), "shop::Orders").detach();
                              return std::string{};
                            },
                            ""};
  std::string const text = seen_behind(owned, forksafe::to_text);
  BOOST_TEST(text.find("eventfd, descriptor") != text.npos, text);
  BOOST_TEST(text.find("  of shop::Orders\n") != text.npos, text);
  BOOST_TEST(text.find("  DropAndReopen\n") != text.npos, text);
}

BOOST_AUTO_TEST_CASE(memory_is_told_of) {
  std::string const text = seen_behind({"", kept_memory, ""}, forksafe::to_text);
  BOOST_TEST(is_clean(text), text);
  for (std::string_view const line : {"1 mapping of shared memory without a name, 64 KiB",
                                      "memory that a child finds empty, 64 KiB", "memory that a child does not have, 64 KiB"})
    BOOST_TEST(text.find(line) != text.npos, line << "\n" << text);
}

BOOST_AUTO_TEST_CASE(taken_over_number) {
  for (auto* const make : {taken_over<make_epoll>, taken_over<make_timer>}) {
    std::string const text = seen_behind({"", make, ""}, forksafe::to_text);
    BOOST_TEST(text.find(": 1 finding\n") != text.npos, text);
  }
  for (auto* const make : {declared<make_epoll>, declared<make_timer>}) {
    std::string const text = seen_behind({"", make, ""}, forksafe::to_text);
    BOOST_TEST(is_clean(text), text);
  }
}

BOOST_AUTO_TEST_SUITE_END()
