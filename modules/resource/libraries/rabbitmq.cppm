// SPDX-License-Identifier: MIT
module;
#include <amqp.h>
export module forksafe.resource.rabbitmq;

export import forksafe.resource;
import forksafe;
import forksafe.std;

export namespace forksafe {

/// Traits of DropAndReopen for a connection to RabbitMQ (RabbitMQ-c 0.11 and later).
///
/// Connects to the server in the setting `rabbitmq`, amqp://USER:PASSWORD@HOST:PORT/VHOST or amqps://..., and logs in. TLS
/// trusts the certificates in the file that the setting `rabbitmq.ca` names, and only those. Each new connection needs its
/// channels: derive and declare `amqp_connection_state_t open()`, which opens them on what `RabbitTraits::open()` returns.
///
/// Vetoes a fork while something that the server sent is not taken: a delivery, a confirm, a returned message, or a heartbeat.
/// What is still to come cannot be seen, because RabbitMQ-c does not count confirms. So wait for them before the fork.
///
/// A child destroys the parent's connection on a descriptor that leads nowhere: amqp_destroy_connection alone ends the
/// parent's TLS session by a close_notify, and amqp_connection_close any session.
class RabbitTraits {
 public:
  using Handle = amqp_connection_state_t;

  RabbitTraits() = default;
  explicit RabbitTraits(Registry& registry, std::string_view setting = "rabbitmq") : setting_(registry, setting) {}

  /// Connects. Throws std::runtime_error with the library's or the server's reason.
  [[nodiscard]] amqp_connection_state_t open() const;
  [[nodiscard]] std::string_view in_use(amqp_connection_state_t& connection) const noexcept;
  void forget(amqp_connection_state_t& connection) const noexcept;
  [[nodiscard]] int descriptor(amqp_connection_state_t& connection) const noexcept;
  /// Closes the connection in an orderly way; the server's answer is not looked at.
  void close(amqp_connection_state_t& connection) const noexcept;

 protected:
  [[nodiscard]] static amqp_connection_state_t connect(std::string url, std::string const& ca = {});

 private:
  PeerSetting setting_;
};

/// The connection of each process to the RabbitMQ server of the setting `rabbitmq`. After an error of the library or of
/// the connection: `close()` and `get()` another.
using RabbitConnection = DropAndReopen<RabbitTraits>;

}  // namespace forksafe
