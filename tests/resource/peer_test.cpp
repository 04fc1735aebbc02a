// SPDX-License-Identifier: MIT
#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <string>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

import forksafe;
import forksafe.resource;
import worker;

using namespace forksafe;
using worker::Turn;
using worker::Worker;

namespace {

struct Pair {
  int ends[2];
  Pair() { BOOST_TEST_REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0); }
  ~Pair() {
    ::close(ends[0]);
    ::close(ends[1]);
  }

  /// Returns what the peer of ends[0] reads: "nothing", "end", or the first letter.
  std::string heard() {
    char letter = 0;
    ssize_t const size = ::recv(ends[1], &letter, 1, MSG_DONTWAIT);
    return size < 0 ? "nothing" : size == 0 ? "end" : std::string{letter};
  }
};

std::string write_error(int descriptor) {
  return ::write(descriptor, "x", 1) == 1 ? "written" : errno == ENOTCONN ? "not connected" : std::to_string(errno);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(peer)

BOOST_AUTO_TEST_CASE(a_detached_descriptor_reaches_nobody_and_fails_at_once) {
  Pair pair;
  Worker child{[&](Turn) -> std::string {
    if (!detach_descriptor(pair.ends[0])) return "not detached";
    std::string const error = write_error(pair.ends[0]);
    char letter;
    if (::read(pair.ends[0], &letter, 1) != -1) return "read";
    pollfd ready{pair.ends[0], POLLIN, 0};
    if (::poll(&ready, 1, 0) != 1) return "would wait";
    if ((::fcntl(pair.ends[0], F_GETFD) & FD_CLOEXEC) == 0) return "crosses exec";
    epoll_event event{EPOLLIN, {}};
    if (::epoll_ctl(::epoll_create1(0), EPOLL_CTL_ADD, pair.ends[0], &event) != 0) return "epoll refuses it";
    ::shutdown(pair.ends[0], SHUT_RDWR);
    return error;
  }};
  BOOST_TEST(child.result() == "not connected");
  BOOST_TEST(pair.heard() == "nothing");
  BOOST_TEST(write_error(pair.ends[0]) == "written");
  BOOST_TEST(pair.heard() == "x");
}

BOOST_AUTO_TEST_CASE(it_works_where_no_descriptor_is_left) {
  Pair pair;
  Worker child{[&](Turn) -> std::string {
    rlimit const limit{64, 64};
    if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) return "no limit";
    while (::open("/dev/null", O_RDONLY) >= 0) {}
    return detach_descriptor(pair.ends[0]) ? write_error(pair.ends[0]) : "not detached";
  }};
  BOOST_TEST(child.result() == "not connected");
  BOOST_TEST(pair.heard() == "nothing");
}

BOOST_AUTO_TEST_CASE(what_the_peer_has_said_is_seen_and_stays) {
  Pair pair;
  BOOST_TEST(!has_unread(pair.ends[0]));
  BOOST_TEST(::write(pair.ends[1], "x", 1) == 1);
  BOOST_TEST(has_unread(pair.ends[0]));
  char letter;
  BOOST_TEST(::read(pair.ends[0], &letter, 1) == 1);
  ::shutdown(pair.ends[1], SHUT_RDWR);
  BOOST_TEST(!has_unread(pair.ends[0]));
  BOOST_TEST(!has_unread(-1));
}

BOOST_AUTO_TEST_CASE(a_handle_without_a_descriptor_needs_nothing) { BOOST_TEST(detach_descriptor(-1)); }

BOOST_AUTO_TEST_SUITE_END()
