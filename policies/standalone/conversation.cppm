// SPDX-License-Identifier: MIT
module;
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/basic_stream.hpp>
module forksafe.standalone.binding:conversation;

import :options;
import :reader;
import :worker;
import forksafe;
import forksafe.std;

namespace forksafe::standalone {

// Asio's types name the executor of the worker's one loop: with the type-erased one they take longer to compile.
using Executor = boost::asio::io_context::executor_type;
template <class Result>
using Awaitable = boost::asio::awaitable<Result, Executor>;
using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;

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
  Conversation(Socket socket, Answering& answering);
  Conversation(Conversation const&) = delete;
  Conversation& operator=(Conversation const&) = delete;
  // Not inline: Clang 19 does not instantiate a stream's destructor in a unit that knows its type only from this one.
  ~Conversation();

  /// Serves the connection until one side ends it. Throws std::bad_alloc.
  [[nodiscard]] Awaitable<void> hold();
  /// Ends the connection if no byte of a request has arrived.
  void end_if_idle();

 private:
  [[nodiscard]] Awaitable<bool> exchange();
  [[nodiscard]] Awaitable<bool> await_request();
  [[nodiscard]] Awaitable<bool> read_request();
  [[nodiscard]] Awaitable<bool> read();
  [[nodiscard]] Awaitable<bool> refuse();
  [[nodiscard]] Awaitable<bool> write(std::string_view header, std::string_view body, Clock::time_point begun);
  [[nodiscard]] Awaitable<bool> send(Response response, bool keep);
  [[nodiscard]] Awaitable<void> linger();
  [[nodiscard]] Clock::time_point time_limit(Clock::time_point begun, std::uint64_t bytes) const;

  boost::beast::basic_stream<boost::asio::ip::tcp, Executor> stream_;
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
