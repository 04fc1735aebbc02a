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
  /// Whether it leaves: answers tell clients to come back over another connection.
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
  // Not inline: Clang 19 instantiates no destructor of a stream in a unit that knows its type from here alone.
  ~Conversation();

  /// Until one side ends it. Throws std::bad_alloc.
  [[nodiscard]] boost::asio::awaitable<void> hold();
  /// Ends it if the client has nothing to say.
  void end_if_idle();

 private:
  [[nodiscard]] boost::asio::awaitable<bool> exchange();
  [[nodiscard]] boost::asio::awaitable<bool> await_request();
  [[nodiscard]] boost::asio::awaitable<bool> read_request();
  [[nodiscard]] boost::asio::awaitable<bool> read();
  [[nodiscard]] boost::asio::awaitable<bool> refuse();
  [[nodiscard]] boost::asio::awaitable<bool> send(Response response, bool keep);
  [[nodiscard]] boost::asio::awaitable<void> say_farewell();
  [[nodiscard]] Clock::time_point end_of(Clock::time_point begun, std::uint64_t bytes) const;

  boost::beast::tcp_stream stream_;
  Answering& answering_;
  std::string peer_;
  RequestReader reader_;
  /// For a request that may never come, or for the client's farewell.
  bool waiting_ = false;
};

/// How long a leaving worker waits for one more request of each connection: the client may have sent it before it could
/// know, and the answer tells it.
inline constexpr std::chrono::seconds patience_with_clients{1};

}  // namespace forksafe::standalone
