// SPDX-License-Identifier: MIT
#include <amqp.h>
#include <amqp_framing.h>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <netinet/in.h>
#include <ostream>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/time.h>

import forks;
import forksafe;
import forksafe.resource.rabbitmq;
import forksafe.standalone;
import worker;

using namespace forksafe;
using worker::Turn;
using worker::Worker;

namespace data = boost::unit_test::data;

namespace {

std::string variable(char const* name) {
  char const* const value = std::getenv(name);
  if (value == nullptr) throw std::runtime_error{"run this by with_servers.py rabbitmq"};
  return value;
}

constexpr char const* servers[] = {"FORKSAFE_TEST_RABBITMQ", "FORKSAFE_TEST_RABBITMQ_TLS"};

/// The traits, with the channel that the probes use.
struct Orders : RabbitTraits {
  explicit Orders(Registry& registry) : RabbitTraits(registry) {}
  [[nodiscard]] amqp_connection_state_t open() const {
    amqp_connection_state_t const connection = RabbitTraits::open();
    amqp_channel_open(connection, 1);
    return connection;
  }
};

/// Makes a request that the server answers. Returns "answered", or the error.
std::string ask(amqp_connection_state_t connection) {
  amqp_exchange_declare(connection, 1, amqp_cstring_bytes("amq.direct"), amqp_cstring_bytes("direct"), 1, 0, 0, 0,
                        amqp_empty_table);
  amqp_rpc_reply_t const reply = amqp_get_rpc_reply(connection);
  if (reply.reply_type == AMQP_RESPONSE_NORMAL) return "answered";
  return reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION ? amqp_error_string2(reply.library_error) : "closed by the server";
}

/// Returns the local port, which identifies the connection.
std::string port_of(amqp_connection_state_t connection) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(amqp_get_sockfd(connection), reinterpret_cast<sockaddr*>(&address), &size);
  return std::to_string(ntohs(address.sin_port));
}

struct Action {
  char const* name;
  void (*run)(amqp_connection_state_t connection);
  bool harmless;
  bool harmless_with_tls;

  friend std::ostream& operator<<(std::ostream& stream, Action const& action) { return stream << action.name; }
};

constexpr Action actions[] = {
    {"destroy", [](amqp_connection_state_t connection) { amqp_destroy_connection(connection); }, true, false},
    {"close", [](amqp_connection_state_t connection) { amqp_connection_close(connection, AMQP_REPLY_SUCCESS); }, false, false},
};

using Connection = DropAndReopen<Orders>;
using App = ForkSafeApp<StandalonePolicy, Connection>;

struct Fixture {
  App& app = *new App{"shop"};
  Connection& connection = *app.registry().find<Connection>();

  void connect_to(std::string const& url) {
    app.registry().settings().set("rabbitmq", url, "test");
    app.registry().settings().set("rabbitmq.ca", variable("FORKSAFE_TEST_CA"), "test");
  }
  ~Fixture() { connection.close(); }

  void expect_veto() {
    Worker child{app, [](Turn) { return std::string{"served"}; }};
    BOOST_TEST(child.result() == "exit 70");
    std::string const failures = failures_of(app);
    BOOST_TEST(failures.find("a delivery or a confirm of the server was not taken") != failures.npos, failures);
  }
  void expect_service() {
    Worker child{app, [](Turn) { return std::string{"served"}; }};
    BOOST_TEST(child.result() == "served");
  }
};

void publish(amqp_connection_state_t connection, amqp_bytes_t queue) {
  BOOST_TEST_REQUIRE(amqp_basic_publish(connection, 1, amqp_empty_bytes, queue, 0, 0, nullptr, amqp_cstring_bytes("one")) ==
                     AMQP_STATUS_OK);
}

bool comes(amqp_connection_state_t connection) {
  pollfd said{amqp_get_sockfd(connection), POLLIN, 0};
  return ::poll(&said, 1, 20'000) == 1;
}

/// Returns the next message within three seconds.
std::string delivery(amqp_connection_state_t connection) {
  amqp_envelope_t envelope;
  timeval const patience{3, 0};
  amqp_rpc_reply_t const reply = amqp_consume_message(connection, &envelope, &patience, 0);
  if (reply.reply_type != AMQP_RESPONSE_NORMAL) return amqp_error_string2(reply.library_error);
  std::string const text{static_cast<char const*>(envelope.message.body.bytes), envelope.message.body.len};
  amqp_destroy_envelope(&envelope);
  return text;
}

/// Consumes from a new queue, and waits until the first message has arrived.
void await_delivery(amqp_connection_state_t connection) {
  auto const* const queue = amqp_queue_declare(connection, 1, amqp_empty_bytes, 0, 0, 1, 1, amqp_empty_table);
  BOOST_TEST_REQUIRE(queue != nullptr);
  amqp_bytes_t const name = amqp_bytes_malloc_dup(queue->queue);
  BOOST_TEST_REQUIRE(amqp_basic_consume(connection, 1, name, amqp_empty_bytes, 0, 1, 0, amqp_empty_table) != nullptr);
  publish(connection, name);
  amqp_bytes_free(name);
  BOOST_TEST_REQUIRE(comes(connection));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(rabbitmq)

BOOST_DATA_TEST_CASE(unprotected_what_a_child_does_with_its_parents_connection, data::make(servers) * data::make(actions),
                     server, action) {
  Fixture fixture;
  fixture.connect_to(variable(server));
  amqp_connection_state_t const connection = fixture.connection.get();
  BOOST_TEST_REQUIRE(ask(connection) == "answered");
  Worker child{[&](Turn) {
    action.run(connection);
    return std::string{};
  }};
  BOOST_TEST(child.result() == "");
  // A server that has received the goodbye ignores the rest for thirty seconds.
  timeval const patience{3, 0};
  amqp_set_rpc_timeout(connection, &patience);
  std::string const answer = ask(connection);
  bool const harmless = std::string_view{server}.ends_with("TLS") ? action.harmless_with_tls : action.harmless;
  bool const answered = answer == "answered";
  BOOST_TEST(answered == harmless, answer);
}

BOOST_AUTO_TEST_CASE(unprotected_a_child_takes_what_was_delivered_to_its_parent) {
  Fixture fixture;
  fixture.connect_to(variable(servers[0]));
  amqp_connection_state_t const connection = fixture.connection.get();
  await_delivery(connection);
  Worker child{[&](Turn) { return delivery(connection); }};
  BOOST_TEST(child.result() == "one");
  BOOST_TEST(delivery(connection) == amqp_error_string2(AMQP_STATUS_TIMEOUT));
}

BOOST_DATA_TEST_CASE(a_delivery_that_is_not_taken_vetoes, data::make(servers), server) {
  Fixture fixture;
  fixture.connect_to(variable(server));
  amqp_connection_state_t const connection = fixture.connection.get();
  fixture.expect_service();
  await_delivery(connection);
  fixture.expect_veto();
  // The first frame was taken, and the others are in the library's buffer, or follow it.
  amqp_frame_t frame;
  BOOST_TEST(amqp_simple_wait_frame(connection, &frame) == AMQP_STATUS_OK);
  BOOST_TEST(frame.payload.method.id == AMQP_BASIC_DELIVER_METHOD);
  fixture.expect_veto();
  for (int part = 0; part != 2; ++part) BOOST_TEST(amqp_simple_wait_frame(connection, &frame) == AMQP_STATUS_OK);
  BOOST_TEST(frame.frame_type == AMQP_FRAME_BODY);
  fixture.expect_service();
}

BOOST_DATA_TEST_CASE(a_delivery_that_an_answer_has_overtaken_vetoes, data::make(servers), server) {
  Fixture fixture;
  fixture.connect_to(variable(server));
  amqp_connection_state_t const connection = fixture.connection.get();
  await_delivery(connection);
  BOOST_TEST(ask(connection) == "answered");
  fixture.expect_veto();
  BOOST_TEST(delivery(connection) == "one");
  fixture.expect_service();
}

BOOST_DATA_TEST_CASE(a_confirm_that_is_not_taken_vetoes, data::make(servers), server) {
  Fixture fixture;
  fixture.connect_to(variable(server));
  amqp_connection_state_t const connection = fixture.connection.get();
  amqp_confirm_select(connection, 1);
  publish(connection, amqp_cstring_bytes("nowhere"));
  BOOST_TEST_REQUIRE(comes(connection));
  fixture.expect_veto();
  amqp_frame_t frame;
  BOOST_TEST(amqp_simple_wait_frame(connection, &frame) == AMQP_STATUS_OK);
  BOOST_TEST(frame.payload.method.id == AMQP_BASIC_ACK_METHOD);
  fixture.expect_service();
}

BOOST_DATA_TEST_CASE(parent_and_children_have_a_connection_each, data::make(servers), server) {
  Fixture fixture;
  fixture.connect_to(variable(server));
  std::string const parents = port_of(fixture.connection.get());
  auto const work = [&](Turn turn) {
    bool const inherited = fixture.connection.is_open();
    std::string const answer = ask(fixture.connection.get());
    turn.pass();
    std::string const port = port_of(fixture.connection.get());
    fixture.connection.close();
    return answer + (inherited ? " inherited " : " on ") + port;
  };
  Worker one{fixture.app, work};
  Worker other{fixture.app, work};
  one.turn().take();
  other.turn().take();
  BOOST_TEST(ask(fixture.connection.get()) == "answered");
  one.turn().give();
  other.turn().give();
  std::string const ones = one.result(), others = other.result();
  BOOST_TEST(ones.starts_with("answered on "), ones);
  BOOST_TEST(others.starts_with("answered on "), others);
  BOOST_TEST(ones != others);
  BOOST_TEST(ones != "answered on " + parents);
  BOOST_TEST(others != "answered on " + parents);
  BOOST_TEST(ask(fixture.connection.get()) == "answered");
  BOOST_TEST(port_of(fixture.connection.get()) == parents);
}

BOOST_DATA_TEST_CASE(a_fork_that_nobody_announced_is_repaired_at_the_next_use, data::make(servers), server) {
  Fixture fixture;
  fixture.connect_to(variable(server));
  std::string const parents = port_of(fixture.connection.get());
  Worker child{[&](Turn) {
    return port_of(fixture.connection.get()) == parents ? std::string{"shared"} : ask(fixture.connection.get());
  }};
  BOOST_TEST(child.result() == "answered");
  BOOST_TEST(ask(fixture.connection.get()) == "answered");
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_said_in_words) {
  auto const says = [](std::string_view words) {
    return [words](std::runtime_error const& error) {
      return std::string_view{error.what()}.find(words) != std::string_view::npos;
    };
  };
  Fixture fixture;
  auto const expect = [&](std::string const& url, std::string_view words) {
    fixture.connect_to(url);
    BOOST_CHECK_EXCEPTION(static_cast<void>(fixture.connection.get()), std::runtime_error, says(words));
  };
  expect("", "there is no setting 'rabbitmq'");
  expect("127.0.0.1:5672", "write its address as amqp://");
  expect("amqp://127.0.0.1:1", "no connection to RabbitMQ: ");
  std::string wrong = variable(servers[0]);
  wrong.replace(wrong.find("guest:guest"), 11, "guest:wrong");
  expect(wrong, "ACCESS_REFUSED");
  fixture.app.registry().settings().set("rabbitmq", variable(servers[1]), "test");
  fixture.app.registry().settings().set("rabbitmq.ca", "", "test");
  BOOST_CHECK_EXCEPTION(static_cast<void>(fixture.connection.get()), std::runtime_error, says("'.ca'"));
}

BOOST_AUTO_TEST_CASE(the_audit_names_the_owner) {
  Fixture fixture;
  fixture.connect_to(variable(servers[0]));
  static_cast<void>(fixture.connection.get());
  std::string const found = found_in_child();
  BOOST_TEST(found.find(": of DropAndReopen<(anonymous namespace)::Orders>: 127.0.0.1:") != std::string::npos, found);
}

BOOST_AUTO_TEST_SUITE_END()
