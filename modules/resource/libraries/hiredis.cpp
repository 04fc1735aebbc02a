// SPDX-License-Identifier: MIT
module;
#include <fcntl.h>
#include <hiredis/hiredis.h>
module forksafe.resource.hiredis;

import forksafe.std.operators;

namespace forksafe {
namespace {

constexpr int default_port = 6379;

struct Address {
  std::string host;
  int port = default_port;
};

Address parsed(std::string const& address) {
  std::string_view rest = address;
  std::string_view host;
  if (rest.starts_with('[')) {
    host = rest.substr(1, rest.find(']') - 1);
    rest.remove_prefix(std::min(rest.size(), host.size() + 2));
  } else {
    host = rest.substr(0, rest.find(':'));
    rest.remove_prefix(host.size());
  }
  Address result{std::string{host}};
  if (rest.empty()) return result;
  auto const [end, error] = std::from_chars(rest.data() + 1, rest.data() + rest.size(), result.port);
  if (!rest.starts_with(':') || error != std::errc{} || end != rest.data() + rest.size()) {
    throw std::runtime_error{"'" + address +
                             "' is not an address of Redis: write HOST:PORT, [ADDRESS]:PORT or /path/of/socket"};
  }
  return result;
}

redisContext* begin(std::string const& address) {
  if (address.starts_with('/')) return redisConnectUnix(address.c_str());
  Address const where = parsed(address);
  return redisConnect(where.host.c_str(), where.port);
}

/// hiredis 0.14 has no TLS, and no place for it in its context.
template <class Context>
bool uses_tls(Context const& connection) {
  if constexpr (requires { connection.privctx; }) return connection.privctx != nullptr;
  return false;
}

/// Reads what has come into hiredis' own buffer. Only this shows whether that is a reply: a server also sends tickets for later
/// TLS sessions, and an alert at the end of this one.
void read_without_waiting(redisContext& connection) {
  int const status = ::fcntl(connection.fd, F_GETFL);
  int const blocks = connection.flags & REDIS_BLOCK;
  ::fcntl(connection.fd, F_SETFL, status | O_NONBLOCK);
  connection.flags &= ~REDIS_BLOCK;
  redisBufferRead(&connection);
  connection.flags |= blocks;
  ::fcntl(connection.fd, F_SETFL, status);
}

}  // namespace

redisContext* RedisTraits::open() const { return connect(setting_.required("HOST:PORT of Redis")); }

std::string_view RedisTraits::in_use(redisContext*& connection) const noexcept {
  if (connection->err != 0) return {};
  if (*connection->obuf != '\0') return "a command was appended and not sent: fetch its reply before the fork";
  bool const tls = uses_tls(*connection);
  if (tls) read_without_waiting(*connection);
  if (connection->reader->pos < connection->reader->len || (!tls && has_unread(connection->fd)))
    return "a reply was not fetched: fetch it before the fork";
  return {};
}

void RedisTraits::forget(redisContext*& connection) const noexcept { close(connection); }

int RedisTraits::descriptor(redisContext*& connection) const noexcept { return connection->fd; }

void RedisTraits::close(redisContext*& connection) const noexcept { redisFree(connection); }

redisContext* RedisTraits::connect(std::string const& address) {
  redisContext* const connection = begin(address);
  if (connection == nullptr) throw std::runtime_error{"hiredis cannot allocate a connection: the process is out of memory"};
  if (connection->err == 0) return connection;
  std::string const reason = "no connection to Redis at " + address + ": " + connection->errstr;
  redisFree(connection);
  throw std::runtime_error{reason};
}

}  // namespace forksafe
