// SPDX-License-Identifier: MIT
module;
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/tcp_stream.hpp>
module forksafe.standalone.binding:conversation;

import :options;
import :reader;
import :worker;
import forksafe;
import forksafe.std;

namespace forksafe::standalone {

/// The worker, as its conversations see it.
class Answering {
 public:
  [[nodiscard]] virtual Response answer(Request const& request) = 0;
  /// Whether it drains: answers then say `Connection: close`.
  [[nodiscard]] virtual bool is_leaving() const noexcept = 0;
  [[nodiscard]] virtual Options const& options() const noexcept = 0;

 protected:
  ~Answering() = default;
};

/// The requests of one connection and their answers, in turn.
class Conversation {
 public:
  Conversation(boost::asio::ip::tcp::socket socket, Answering& answering);
  Conversation(Conversation const&) = delete;
  Conversation& operator=(Conversation const&) = delete;
  // Not inline: Clang 19 does not instantiate a stream's destructor in a unit that knows its type only from this one.
  ~Conversation();

  /// Serves the connection until one side ends it. Throws std::bad_alloc.
  [[nodiscard]] boost::asio::awaitable<void> hold();
  /// Ends the connection if no byte of a request has arrived.
  void end_if_idle();

 private:
  [[nodiscard]] boost::asio::awaitable<bool> exchange();
  [[nodiscard]] boost::asio::awaitable<bool> await_request();
  [[nodiscard]] boost::asio::awaitable<bool> read_request();
  [[nodiscard]] boost::asio::awaitable<bool> read();
  [[nodiscard]] boost::asio::awaitable<bool> refuse();
  [[nodiscard]] boost::asio::awaitable<bool> write(std::string_view header, std::string_view body, Clock::time_point begun);
  [[nodiscard]] boost::asio::awaitable<bool> send(Response response, bool keep);
  [[nodiscard]] boost::asio::awaitable<void> linger();
  [[nodiscard]] Clock::time_point time_limit(Clock::time_point begun, std::uint64_t bytes) const;

  boost::beast::tcp_stream stream_;
  Answering& answering_;
  std::string peer_;
  RequestReader reader_;
  /// Whether it waits for a request that may never come, or for the client to close.
  bool waiting_ = false;
};

/// How long a draining worker waits for one more request on each connection: the client may have sent it before it could
/// learn of the drain. The answer says `Connection: close`.
inline constexpr std::chrono::seconds last_request_grace{1};

}  // namespace forksafe::standalone
