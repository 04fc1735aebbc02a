// SPDX-License-Identifier: MIT
module;
#include <amqp.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
module forksafe.resource.rabbitmq;

import forksafe.std.operators;

namespace forksafe {
namespace {

using Connection = std::unique_ptr<std::remove_pointer_t<amqp_connection_state_t>, decltype(&amqp_destroy_connection)>;

[[noreturn]] void fail(std::string const& reason) { throw std::runtime_error{"no connection to RabbitMQ: " + reason}; }

void check(int status) {
  if (status != AMQP_STATUS_OK) fail(amqp_error_string2(status));
}

void check(amqp_rpc_reply_t const& reply) {
  if (reply.reply_type == AMQP_RESPONSE_NORMAL) return;
  if (reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION) fail(amqp_error_string2(reply.library_error));
  if (reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION && reply.reply.id == AMQP_CONNECTION_CLOSE_METHOD) {
    auto const& text = static_cast<amqp_connection_close_t const*>(reply.reply.decoded)->reply_text;
    fail({static_cast<char const*>(text.bytes), text.len});
  }
  fail("the server refuses");
}

amqp_socket_t* new_socket(amqp_connection_state_t connection, bool tls, std::string const& ca) {
  amqp_socket_t* const socket = tls ? amqp_ssl_socket_new(connection) : amqp_tcp_socket_new(connection);
  if (socket == nullptr) fail("there is no memory for a socket");
  if (tls && ca.empty())
    fail("set the setting that ends in '.ca' to the file of certificates to trust, such as /etc/ssl/certs/ca-certificates.crt");
  if (tls) check(amqp_ssl_socket_set_cacert(socket, ca.c_str()));
  return socket;
}

}  // namespace

amqp_connection_state_t RabbitTraits::open() const {
  return connect(setting_.required("amqp://USER:PASSWORD@HOST:PORT/VHOST"), setting_.optional(".ca"));
}

std::string_view RabbitTraits::in_use(amqp_connection_state_t& connection) const noexcept {
  bool const said =
      amqp_frames_enqueued(connection) || amqp_data_in_buffer(connection) || has_unread(amqp_get_sockfd(connection));
  return said ? "a delivery or a confirm of the server was not taken: take it before the fork" : "";
}

void RabbitTraits::forget(amqp_connection_state_t& connection) const noexcept {
  if (detach_descriptor(amqp_get_sockfd(connection))) amqp_destroy_connection(connection);
}

int RabbitTraits::descriptor(amqp_connection_state_t& connection) const noexcept { return amqp_get_sockfd(connection); }

void RabbitTraits::close(amqp_connection_state_t& connection) const noexcept {
  amqp_connection_close(connection, AMQP_REPLY_SUCCESS);
  amqp_destroy_connection(connection);
}

amqp_connection_state_t RabbitTraits::connect(std::string url, std::string const& ca) {
  // Parsing cuts the text into pieces and points to them.
  amqp_connection_info where{};
  if (amqp_parse_url(url.data(), &where) != AMQP_STATUS_OK) fail("write its address as amqp://USER:PASSWORD@HOST:PORT/VHOST");
  Connection connection{amqp_new_connection(), amqp_destroy_connection};
  if (connection == nullptr) fail("there is no memory for it");
  check(amqp_socket_open(new_socket(connection.get(), where.ssl != 0, ca), where.host, where.port));
  check(amqp_login(connection.get(), where.vhost, 0, AMQP_DEFAULT_FRAME_SIZE, 0, AMQP_SASL_METHOD_PLAIN, where.user,
                   where.password));
  return connection.release();
}

}  // namespace forksafe
