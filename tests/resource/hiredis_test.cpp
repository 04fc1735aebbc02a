// SPDX-License-Identifier: MIT
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <hiredis/hiredis.h>
#ifdef HIREDIS_TLS
#include <hiredis/hiredis_ssl.h>
#endif
#include <poll.h>
#include <stdexcept>
#include <string>
#include <string_view>

import forks;
import forksafe;
import forksafe.resource.hiredis;
import forksafe.standalone;
import worker;

using namespace forksafe;
using worker::Turn;
using worker::Worker;

namespace data = boost::unit_test::data;

namespace {

std::string variable(char const* name) {
  char const* const value = std::getenv(name);
  if (value == nullptr) throw std::runtime_error{"run this by with_servers.py redis"};
  return value;
}

constexpr char const* servers[] = {
    "FORKSAFE_TEST_REDIS",
#ifdef HIREDIS_TLS
    "FORKSAFE_TEST_REDIS_TLS",
#endif
};

/// Uses TLS if the test asks for it.
struct Shop : RedisTraits {
  explicit Shop(Registry& registry) : RedisTraits(registry) {}
  [[nodiscard]] redisContext* open() const {
    redisContext* const connection = RedisTraits::open();
    if (tls) begin_tls(connection);
    return connection;
  }
  bool tls = false;

 private:
  static void begin_tls([[maybe_unused]] redisContext* connection) {
#ifdef HIREDIS_TLS
    static redisSSLContext* const trust =
        redisCreateSSLContext(variable("FORKSAFE_TEST_CA").c_str(), nullptr, nullptr, nullptr, "localhost", nullptr);
    BOOST_TEST_REQUIRE(trust != nullptr);
    BOOST_TEST_REQUIRE(redisInitiateSSLWithContext(connection, trust) == REDIS_OK, connection->errstr);
#endif
  }
};

std::string text_of(redisContext* connection, void* answer) {
  if (answer == nullptr) return connection->errstr;
  auto* const reply = static_cast<redisReply*>(answer);
  std::string const text =
      reply->type == REDIS_REPLY_INTEGER ? std::to_string(reply->integer) : std::string{reply->str, reply->len};
  freeReplyObject(reply);
  return text;
}

std::string ask(redisContext* connection, char const* command) {
  return text_of(connection, redisCommand(connection, command));
}

std::string identity(redisContext* connection) { return ask(connection, "CLIENT ID"); }

/// Sends a command, and does not wait for the reply.
void send(redisContext* connection, char const* command) {
  redisAppendCommand(connection, command);
  for (int done = 0; done == 0;) {
    if (redisBufferWrite(connection, &done) != REDIS_OK) return;
  }
}

bool comes(redisContext* connection) {
  pollfd said{connection->fd, POLLIN, 0};
  return ::poll(&said, 1, 10'000) == 1;
}

using Connection = DropAndReopen<Shop>;
using App = ForkSafeApp<StandalonePolicy, Connection>;

struct Fixture {
  App& app = *new App{"shop"};
  Connection& connection = *app.registry().find<Connection>();

  ~Fixture() { connection.close(); }
  void connect_to(std::string_view server) {
    app.registry().settings().set("redis", variable(server.data()), "test");
    connection.traits().tls = server.ends_with("TLS");
  }

  void expect_veto(std::string_view reason) {
    Worker child{app, [](Turn) { return std::string{"served"}; }};
    BOOST_TEST(child.result() == "exit 70");
    BOOST_TEST(failures_of(app).find(reason) != std::string::npos, failures_of(app));
  }
  void expect_service() {
    Worker child{app, [](Turn) { return std::string{"served"}; }};
    BOOST_TEST(child.result() == "served");
  }
  std::string next_reply() {
    void* answer = nullptr;
    redisGetReply(connection.get(), &answer);
    return text_of(connection.get(), answer);
  }
};

auto says(std::string_view words) {
  return
      [words](std::runtime_error const& error) { return std::string_view{error.what()}.find(words) != std::string_view::npos; };
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(hiredis, Fixture)

BOOST_AUTO_TEST_CASE(unprotected_parent_and_child_read_each_others_replies) {
  connect_to(servers[0]);
  redisContext* const shared = connection.get();
  BOOST_TEST_REQUIRE(ask(shared, "ECHO parent") == "parent");
  Worker child{[&](Turn turn) {
    send(shared, "ECHO child");
    turn.pass();
    void* answer = nullptr;
    redisGetReply(shared, &answer);
    return text_of(shared, answer);
  }};
  child.turn().take();
  BOOST_TEST(ask(shared, "ECHO parent") == "child");
  send(shared, "ECHO parent");
  child.turn().give();
  BOOST_TEST(child.result() == "parent");
}

BOOST_DATA_TEST_CASE(unprotected_over_tls_the_second_to_ask_is_cut_off, data::make(servers) * data::make({false, true}), server,
                     child_first) {
  connect_to(server);
  redisContext* const shared = connection.get();
  BOOST_TEST_REQUIRE(ask(shared, "ECHO parent") == "parent");
  Worker child{[&](Turn turn) {
    turn.take();
    return ask(shared, "ECHO child");
  }};
  std::string parents;
  if (!child_first) parents = ask(shared, "ECHO parent");
  child.turn().give();
  std::string const childs = child.result();
  if (child_first) parents = ask(shared, "ECHO parent");
  bool const tls = connection.traits().tls;
  bool const child_was_answered = childs == "child";
  bool const parent_was_answered = parents == "parent";
  BOOST_TEST(child_was_answered == (child_first || !tls), childs);
  BOOST_TEST(parent_was_answered == (!child_first || !tls), parents);
}

BOOST_DATA_TEST_CASE(parent_and_children_have_a_connection_each, data::make(servers), server) {
  connect_to(server);
  std::string const parents = identity(connection.get());
  auto const work = [&](Turn turn) {
    std::string const own = identity(connection.get());
    send(connection.get(), "ECHO child");
    turn.pass();
    void* answer = nullptr;
    redisGetReply(connection.get(), &answer);
    return text_of(connection.get(), answer) + " " + own;
  };
  Worker one{app, work};
  Worker other{app, work};
  one.turn().take();
  other.turn().take();
  BOOST_TEST(ask(connection.get(), "ECHO parent") == "parent");
  one.turn().give();
  other.turn().give();
  std::string const ones = one.result(), others = other.result();
  BOOST_TEST(ones.starts_with("child "), ones);
  BOOST_TEST(others.starts_with("child "), others);
  BOOST_TEST(ones != others);
  BOOST_TEST(ones != "child " + parents);
  BOOST_TEST(others != "child " + parents);
  BOOST_TEST(identity(connection.get()) == parents);
}

BOOST_DATA_TEST_CASE(a_command_that_is_not_sent_vetoes_and_is_sent_once, data::make(servers), server) {
  connect_to(server);
  redisContext* const parents = connection.get();
  BOOST_TEST(ask(parents, "SET counter 0") == "OK");
  redisAppendCommand(parents, "INCR counter");
  expect_veto("a command was appended and not sent");
  Worker child{[&](Turn) { return ask(connection.get(), "ECHO child"); }};
  BOOST_TEST(child.result() == "child");
  BOOST_TEST(next_reply() == "1");
  expect_service();
}

BOOST_DATA_TEST_CASE(a_reply_that_is_not_fetched_vetoes, data::make(servers), server) {
  connect_to(server);
  redisContext* const parents = connection.get();
  // The server first sends tickets. What follows them is a reply.
  BOOST_TEST_REQUIRE(ask(parents, "ECHO parent") == "parent");
  for (char const* const command : {"ECHO one", "ECHO other"}) redisAppendCommand(parents, command);
  for (int done = 0; done == 0;) BOOST_TEST_REQUIRE(redisBufferWrite(parents, &done) == REDIS_OK);
  BOOST_TEST_REQUIRE(comes(parents));
  expect_veto("a reply was not fetched");
  // Both replies are in hiredis' own buffer (over TLS they are already), and then the first one is fetched.
  if (!connection.traits().tls) BOOST_TEST_REQUIRE(redisBufferRead(parents) == REDIS_OK);
  expect_veto("a reply was not fetched");
  BOOST_TEST(next_reply() == "one");
  expect_veto("a reply was not fetched");
  BOOST_TEST(next_reply() == "other");
  expect_service();
}

BOOST_DATA_TEST_CASE(a_connection_that_nobody_has_used_vetoes_nothing, data::make(servers), server) {
  connect_to(server);
  redisContext* const parents = connection.get();
  // With TLS 1.3 the server then sends tickets for later sessions.
  if (connection.traits().tls) BOOST_TEST_REQUIRE(comes(parents));
  expect_service();
  BOOST_TEST(ask(parents, "ECHO parent") == "parent");
}

BOOST_DATA_TEST_CASE(a_connection_that_the_server_has_ended_vetoes_nothing, data::make(servers), server) {
  connect_to(server);
  redisContext* const parents = connection.get();
  redisAppendCommand(parents, "QUIT");
  BOOST_TEST(next_reply() == "OK");
  BOOST_TEST_REQUIRE(comes(parents));
  expect_service();
  redisAppendCommand(parents, "PING");
  BOOST_TEST(next_reply() != "PONG");
  redisAppendCommand(parents, "PING");
  expect_service();
}

BOOST_DATA_TEST_CASE(a_fork_that_nobody_announced_is_repaired_at_the_next_use, data::make(servers), server) {
  connect_to(server);
  std::string const parents = identity(connection.get());
  Worker child{[&](Turn) {
    return identity(connection.get()) == parents ? std::string{"shared"} : ask(connection.get(), "ECHO child");
  }};
  BOOST_TEST(child.result() == "child");
  BOOST_TEST(identity(connection.get()) == parents);
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_said_in_words) {
  auto const with = [&](char const* address) { app.registry().settings().set("redis", address, "test"); };
  with("");
  BOOST_CHECK_EXCEPTION(static_cast<void>(connection.get()), std::runtime_error, says("there is no setting 'redis'"));
  for (char const* const address : {"127.0.0.1:six", "127.0.0.1:", "[::1]6379"}) {
    with(address);
    BOOST_CHECK_EXCEPTION(static_cast<void>(connection.get()), std::runtime_error, says("is not an address of Redis"));
  }
  for (char const* const address : {"127.0.0.1:1", "[::1]:1", "/nowhere/redis.sock"}) {
    with(address);
    BOOST_CHECK_EXCEPTION(static_cast<void>(connection.get()), std::runtime_error, says(std::string_view{address}));
  }
}

BOOST_AUTO_TEST_CASE(the_audit_names_the_owner) {
  connect_to(servers[0]);
  static_cast<void>(connection.get());
  std::string const found = found_in_child();
  BOOST_TEST(found.find(": of DropAndReopen<(anonymous namespace)::Shop>: 127.0.0.1:") != std::string::npos, found);
}

BOOST_AUTO_TEST_SUITE_END()
