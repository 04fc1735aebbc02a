// SPDX-License-Identifier: MIT
module;
#include <hiredis/hiredis.h>
export module forksafe.resource.hiredis;

export import forksafe.resource;
import forksafe;
import forksafe.std;

export namespace forksafe {

/// Traits of DropAndReopen for a connection to Redis (hiredis 0.14 and later).
///
/// Connects to the address in the setting `redis`: HOST, HOST:PORT, [ADDRESS]:PORT, or the path of a Unix socket. To
/// authenticate, choose a database or use TLS, derive and declare `redisContext* open()`, which may begin with what
/// `RedisTraits::open()` returns.
///
/// Two processes on one connection read each other's replies; over TLS, the one that asks second is cut off. A child closes
/// its descriptor and frees the context, which sends nothing (hiredis never says QUIT). Vetoes a fork while a command is
/// appended and not sent, or a reply has come and is not fetched; these stay the parent's in any case. hiredis does not count
/// the replies that are still to come. Over TLS the veto reads what has come into hiredis' own buffer, where redisGetReply
/// finds it and poll does not. An asynchronous context belongs to an event loop: detach it from that first.
class RedisTraits {
 public:
  using Handle = redisContext*;

  RedisTraits() = default;
  explicit RedisTraits(Registry& registry, std::string_view setting = "redis") : setting_(registry, setting) {}

  /// Connects. Throws std::runtime_error with hiredis' reason.
  [[nodiscard]] redisContext* open() const;
  [[nodiscard]] std::string_view in_use(redisContext*& connection) const noexcept;
  void forget(redisContext*& connection) const noexcept;
  [[nodiscard]] int descriptor(redisContext*& connection) const noexcept;
  void close(redisContext*& connection) const noexcept;

 protected:
  [[nodiscard]] static redisContext* connect(std::string const& address);

 private:
  PeerSetting setting_;
};

/// The connection of each process to the Redis server of the setting `redis`. A connection with an error (`err` of the
/// context) cannot be used any more: `close()` and `get()` another.
using RedisConnection = DropAndReopen<RedisTraits>;

}  // namespace forksafe
