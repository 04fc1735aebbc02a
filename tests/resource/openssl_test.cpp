// SPDX-License-Identifier: MIT
#include "child.hpp"
#include <arpa/inet.h>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <netdb.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <ostream>
#include <sched.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

import forks;
import forksafe;
import forksafe.resource.openssl;
import forksafe.standalone;
import worker;

using namespace forksafe;
using worker::Turn;
using worker::Worker;

namespace data = boost::unit_test::data;

namespace {

std::string drawn() {
  unsigned char bytes[16] = {};
  if (RAND_bytes(bytes, sizeof bytes) != 1) return "nothing";
  std::string text;
  for (unsigned char const byte : bytes) text += "0123456789abcdef"[byte >> 4], text += "0123456789abcdef"[byte & 15];
  return text;
}

/// Returns the result of `work` in the first process of a new pid namespace, or why there is none.
template <class Work>
std::string in_namespace(Work work) {
  auto const clone = [] {
    return static_cast<pid_t>(::syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, nullptr, nullptr, nullptr, nullptr));
  };
  return in_child(work, clone).text;
}

/// Returns, from a process with the id 1, what it draws beside its child, which has the same id in a further namespace.
template <class Draw>
std::string twins(Draw draw) {
  return in_namespace([&] {
    // This process has repaired its generators before it forks, and has used them, as a server has.
    draw();
    std::string const child = in_namespace([&] { return std::to_string(::getpid()) + " " + draw(); });
    return std::to_string(::getpid()) + " " + draw() + " | " + child;
  });
}

struct Twins {
  explicit Twins(std::string const& text) : says(text) {
    std::size_t const middle = text.find(" | ");
    if (middle == text.npos || !text.starts_with("1 ") || text.compare(middle + 3, 2, "1 ") != 0) return;
    are = true;
    same = text.substr(0, middle) == text.substr(middle + 3);
  }
  std::string says;
  bool are = false;
  bool same = false;
};

boost::test_tools::assertion_result may_make_namespaces(boost::unit_test::test_unit_id) {
  std::string const answer = in_namespace([] { return std::string{"made"}; });
  boost::test_tools::assertion_result result{answer == "made"};
  result.message() << "twins of one process id need root: " << answer;
  return result;
}

using RandomApp = ForkSafeApp<StandalonePolicy, OpensslRandom>;

/// A TLS connection to the http server of the tests.
SSL* connect_to(std::string const& url) {
  std::size_t const colon = url.rfind(':');
  addrinfo* address = nullptr;
  if (::getaddrinfo(url.substr(8, colon - 8).c_str(), url.c_str() + colon + 1, nullptr, &address) != 0)
    throw std::runtime_error{url};
  int const socket = ::socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  bool const connected = ::connect(socket, address->ai_addr, address->ai_addrlen) == 0;
  ::freeaddrinfo(address);
  SSL_CTX* const context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_load_verify_locations(context, std::getenv("FORKSAFE_TEST_CA"), nullptr);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL* const connection = SSL_new(context);
  SSL_CTX_free(context);
  SSL_set_fd(connection, socket);
  if (!connected || SSL_connect(connection) != 1) throw std::runtime_error{"no TLS connection to " + url};
  return connection;
}

struct Bank : TlsTraits {
  SSL* open() const {
    char const* const url = std::getenv("FORKSAFE_TEST_HTTPS");
    if (url == nullptr) throw std::runtime_error{"run this by with_servers.py http"};
    return connect_to(url);
  }
};

/// Returns the server's answer to a request on this connection, which is the path, or that there is none.
std::string ask(SSL* connection, std::string const& path) {
  std::string const request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
  if (SSL_write(connection, request.data(), static_cast<int>(request.size())) <= 0) return "not sent";
  std::string answer;
  char buffer[4096];
  while (!answer.ends_with("\r\n\r\n" + path)) {
    int const size = SSL_read(connection, buffer, sizeof buffer);
    if (size <= 0) return "no answer";
    answer.append(buffer, static_cast<std::size_t>(size));
  }
  return path;
}

std::string port_of(SSL* connection) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(SSL_get_fd(connection), reinterpret_cast<sockaddr*>(&address), &size);
  return std::to_string(ntohs(address.sin_port));
}

struct Action {
  char const* name;
  void (*run)(SSL* connection);
  bool harmless;

  friend std::ostream& operator<<(std::ostream& stream, Action const& action) { return stream << action.name; }
};

constexpr Action actions[] = {
    {"a request", [](SSL* connection) { ask(connection, "/child"); }, false},
    {"SSL_shutdown", [](SSL* connection) { SSL_shutdown(connection); }, false},
    {"SSL_free", [](SSL* connection) { SSL_free(connection); }, true},
    {"_exit", [](SSL*) { ::_exit(0); }, true},
};

using Connection = DropAndReopen<Bank>;
using App = ForkSafeApp<StandalonePolicy, Connection>;

struct Fixture {
  App& app = *new App{"bank"};
  Connection& connection = *app.registry().find<Connection>();

  // OpenSSL raises SIGPIPE if the peer has closed.
  Fixture() { std::signal(SIGPIPE, SIG_IGN); }
  ~Fixture() { connection.close(); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(openssl)

BOOST_AUTO_TEST_CASE(parent_and_children_draw_different_bytes) {
  auto& app = *new RandomApp{"draws"};
  drawn();
  auto const work = [](Turn) { return drawn(); };
  Worker one{app, work};
  Worker other{app, work};
  std::string const own = drawn(), ones = one.result(), others = other.result();
  BOOST_TEST(ones.size() == 32u);
  BOOST_TEST(ones != others);
  BOOST_TEST(ones != own);
  BOOST_TEST(others != own);
}

BOOST_DATA_TEST_CASE_F(Fixture, unprotected_what_a_child_does_with_its_parents_session, data::make(actions), action) {
  SSL* const shared = connection.get();
  BOOST_TEST_REQUIRE(ask(shared, "/first") == "/first");
  Worker child{[&](Turn) {
    action.run(shared);
    return std::string{};
  }};
  BOOST_TEST(child.result() == "");
  std::string const answer = ask(shared, "/parent");
  bool const harmless = answer == "/parent";
  BOOST_TEST(harmless == action.harmless, answer);
}

BOOST_FIXTURE_TEST_CASE(parent_and_children_have_a_session_each, Fixture) {
  BOOST_TEST_REQUIRE(ask(connection.get(), "/first") == "/first");
  std::string const parents = port_of(connection.get());
  auto const work = [&](Turn turn) {
    bool const inherited = connection.is_open();
    std::string const answer = ask(connection.get(), "/child");
    turn.pass();
    std::string const port = port_of(connection.get());
    connection.close();
    return answer + (inherited ? " inherited " : " on ") + port;
  };
  Worker one{app, work};
  Worker other{app, work};
  one.turn().take();
  other.turn().take();
  BOOST_TEST(ask(connection.get(), "/parent") == "/parent");
  one.turn().give();
  other.turn().give();
  std::string const ones = one.result(), others = other.result();
  BOOST_TEST(ones.starts_with("/child on "), ones);
  BOOST_TEST(others.starts_with("/child on "), others);
  BOOST_TEST(ones != others);
  BOOST_TEST(ones != "/child on " + parents);
  BOOST_TEST(ask(connection.get(), "/parent") == "/parent");
  BOOST_TEST(port_of(connection.get()) == parents);
}

BOOST_FIXTURE_TEST_CASE(a_fork_that_nobody_announced_is_repaired_at_the_next_use, Fixture) {
  BOOST_TEST_REQUIRE(ask(connection.get(), "/first") == "/first");
  Worker child{[&](Turn) {
    std::string const answer = ask(connection.get(), "/child");
    connection.close();
    return answer;
  }};
  BOOST_TEST(child.result() == "/child");
  BOOST_TEST(ask(connection.get(), "/parent") == "/parent");
}

BOOST_FIXTURE_TEST_CASE(the_audit_names_the_owner, Fixture) {
  static_cast<void>(connection.get());
  std::string const found = found_in_child();
  BOOST_TEST(found.find(": of DropAndReopen<(anonymous namespace)::Bank>: 127.0.0.1:") != std::string::npos, found);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(openssl_twins)

BOOST_AUTO_TEST_CASE(unprotected_twins_of_one_process_id_draw_the_same_bytes,
                     *boost::unit_test::precondition(may_make_namespaces)) {
  Twins const unprotected{twins(drawn)};
  BOOST_TEST_REQUIRE(unprotected.are, unprotected.says);
  BOOST_TEST(unprotected.same, OpenSSL_version(OPENSSL_VERSION) << " has learnt to tell twins apart, so that OpensslRandom is "
                                                                   "needed no more: "
                                                                << unprotected.says);
}

BOOST_AUTO_TEST_CASE(twins_of_one_process_id_draw_different_bytes_by_generation,
                     *boost::unit_test::precondition(may_make_namespaces)) {
  auto& app = *new RandomApp{"draws"};
  OpensslRandom& random = *app.registry().find<OpensslRandom>();
  static_cast<void>(random.get());
  Twins const protected_ones{twins([&] {
    static_cast<void>(random.get());
    return drawn();
  })};
  BOOST_TEST_REQUIRE(protected_ones.are, protected_ones.says);
  BOOST_TEST(!protected_ones.same, protected_ones.says);
}

BOOST_AUTO_TEST_CASE(twins_of_one_process_id_draw_different_bytes_by_the_container,
                     *boost::unit_test::precondition(may_make_namespaces)) {
  auto& app = *new RandomApp{"draws"};
  static_cast<void>(app.registry().find<OpensslRandom>()->get());
  Twins const protected_ones{twins([&] {
    // Each process hears of its own fork, once.
    after_fork_in_child(app);
    return drawn();
  })};
  BOOST_TEST_REQUIRE(protected_ones.are, protected_ones.says);
  BOOST_TEST(!protected_ones.same, protected_ones.says);
}

BOOST_AUTO_TEST_SUITE_END()
