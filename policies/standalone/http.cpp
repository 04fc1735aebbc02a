// SPDX-License-Identifier: MIT
module;
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <ctime>
#include <exception>
#include <list>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
module forksafe.standalone.binding;

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

namespace forksafe::standalone {
namespace {

using namespace std::chrono_literals;
using boost::system::error_code;
using Tcp = asio::ip::tcp;
using Message = http::request<http::string_body>;

constexpr auto as_tuple = asio::as_tuple(asio::use_awaitable);
constexpr std::uint32_t longest_header = 16 * 1024;
/// A bound on what the parser may leave for later: chunk extensions and trailers have no limit of their own.
constexpr std::size_t longest_unparsed = 64 * 1024;
/// Bytes per second below which a client is too slow for its body.
constexpr std::uint64_t slowest_rate = 16 * 1024;
constexpr auto pause_without_descriptors = 100ms;
/// How long a leaving worker waits for the first request of a connection that it has already accepted.
constexpr auto patience_with_fresh = 1s;
constexpr auto longest_farewell = 2s;

template <class View>
std::string_view view(View const& text) noexcept {
  return {text.data(), text.size()};
}

struct Connection {
  beast::tcp_stream stream;
  std::string peer;
  beast::flat_buffer buffer{longest_unparsed};
  bool fresh = true;
  /// Between two requests, nothing read of the next.
  bool waiting = false;
};

/// The status with which a message that cannot be read is refused; 0 where nobody is left to be told: of a client that
/// takes too long the stream is closed already.
unsigned status_for(error_code error) {
  if (error == http::error::header_limit || error == http::error::buffer_overflow) return 431;
  if (error == http::error::body_limit) return 413;
  if (error == http::error::end_of_stream || error == http::error::partial_message) return 0;
  return error.category() == make_error_code(http::error::bad_method).category() ? 400 : 0;
}

class Service {
 public:
  Service(Birth const& birth, StopRequest stop);
  void run();

 private:
  asio::awaitable<void> accept();
  asio::awaitable<void> await_stop();
  asio::awaitable<void> converse(Connection& connection);
  asio::awaitable<bool> exchange(Connection& connection);
  asio::awaitable<bool> refuse(Connection& connection, unsigned status, bool only_head = false);
  asio::awaitable<bool> send(Connection& connection, Response response, unsigned version, bool keep, bool only_head);
  asio::awaitable<void> say_farewell(Connection& connection);
  Response answer(Message const& message, std::string_view peer);
  void welcome(Tcp::socket socket);
  void part_from(std::list<Connection>::iterator connection);
  void leave();

  Options const& options() const noexcept { return *birth_.options; }
  auto time_for(std::uint64_t bytes) const { return options().read_timeout + std::chrono::seconds{bytes / slowest_rate}; }

  Birth const& birth_;
  asio::io_context io_{1};
  Tcp::acceptor acceptor_{io_};
  StopRequest stop_request_;
  asio::posix::stream_descriptor stop_;
  asio::steady_timer room_{io_};
  asio::steady_timer patience_{io_};
  asio::steady_timer end_{io_};
  std::list<Connection> connections_{};
  std::size_t const most_connections_ = connection_limit();
  std::uint64_t answered_ = 0;
  bool leaving_ = false;
};

Service::Service(Birth const& birth, StopRequest stop)
    : birth_(birth), stop_request_(stop), stop_(io_, stop.descriptor) {
  Listener const& listener = *birth.listener;
  acceptor_.assign(listener.family == AF_INET6 ? Tcp::v6() : Tcp::v4(), listener.descriptor);
  acceptor_.non_blocking(true);
}

void Service::run() {
  announce(birth_);
  asio::co_spawn(io_, accept(), asio::detached);
  asio::co_spawn(io_, await_stop(), asio::detached);
  io_.run();
}

asio::awaitable<void> Service::await_stop() {
  auto const [error] = co_await stop_.async_wait(asio::posix::stream_descriptor::wait_read, as_tuple);
  if (!error) leave();
}

asio::awaitable<void> Service::accept() {
  bool complained = false;
  while (!leaving_) {
    if (connections_.size() >= most_connections_) {
      room_.expires_after(1h);
      co_await room_.async_wait(as_tuple);
      continue;
    }
    auto [error, socket] = co_await acceptor_.async_accept(as_tuple);
    if (!error) {
      complained = false;
      welcome(std::move(socket));
      // A request that is there already is answered first: another worker may be idle and take the next connection.
      for (int turn = 0; turn != 8; ++turn) co_await asio::post(io_, asio::use_awaitable);
    } else if (error == asio::error::operation_aborted) {
      co_return;
    } else if (error != asio::error::connection_aborted) {
      if (!complained)
        log_line(text("cannot accept connections: ", error.message(), " - raise the limit on open files"));
      complained = true;
      room_.expires_after(pause_without_descriptors);
      co_await room_.async_wait(as_tuple);
    }
  }
}

void Service::welcome(Tcp::socket socket) {
  error_code ignored;
  socket.set_option(Tcp::no_delay{true}, ignored);
  auto const peer = socket.remote_endpoint(ignored).address();
  connections_.push_back({beast::tcp_stream{std::move(socket)}, peer.to_string()});
  auto const connection = std::prev(connections_.end());
  asio::co_spawn(io_, converse(*connection), [this, connection](std::exception_ptr thrown) {
    if (thrown) log_line("a connection was dropped for want of memory");
    part_from(connection);
  });
}

void Service::part_from(std::list<Connection>::iterator connection) {
  connections_.erase(connection);
  room_.cancel();
  if (leaving_ && connections_.empty()) io_.stop();
}

/// From now on nothing new begins, but what has begun is finished.
void Service::leave() {
  if (std::exchange(leaving_, true)) return;
  error_code error;
  while (connections_.size() < most_connections_) {
    Tcp::socket socket = acceptor_.accept(error);
    if (error) break;
    welcome(std::move(socket));
  }
  acceptor_.close(error);
  for (Connection& connection : connections_)
    if (connection.waiting && !connection.fresh && connection.stream.socket().available(error) == 0)
      connection.stream.cancel();
  patience_.expires_after(patience_with_fresh);
  patience_.async_wait([this](error_code) {
    for (Connection& connection : connections_)
      if (connection.waiting) connection.stream.cancel();
  });
  end_.expires_after(options().drain);
  end_.async_wait([this](error_code) { io_.stop(); });
  if (connections_.empty()) io_.stop();
}

asio::awaitable<void> Service::converse(Connection& connection) {
  while (co_await exchange(connection)) connection.fresh = false;
}

/// One request and its answer. False ends the connection.
asio::awaitable<bool> Service::exchange(Connection& connection) {
  auto& [stream, peer, buffer, fresh, waiting] = connection;
  if (buffer.size() == 0) {
    if (leaving_ && !fresh) co_return false;
    waiting = true;
    stream.expires_after(options().read_timeout);
    auto const [error, size] = co_await stream.async_read_some(buffer.prepare(4096), as_tuple);
    waiting = false;
    if (error) co_return false;
    buffer.commit(size);
  }
  http::request_parser<http::string_body> parser;
  parser.header_limit(longest_header);
  parser.body_limit(options().max_body);
  stream.expires_after(options().read_timeout);
  // The parser's own limit starts anew with each part that arrives.
  for (std::size_t header_size = 0; !parser.is_header_done();) {
    auto const [error, size] = co_await http::async_read_some(stream, buffer, parser, as_tuple);
    if (error) co_return co_await refuse(connection, status_for(error));
    header_size += size;
    if (header_size > longest_header) co_return co_await refuse(connection, 431);
  }

  Message const& message = parser.get();
  bool const only_head = message.method() == http::verb::head;
  auto const hosts = message.count(http::field::host);
  if (hosts > 1 || (hosts == 0 && message.version() == 11)) co_return co_await refuse(connection, 400, only_head);
  if (auto const expected = message[http::field::expect]; !expected.empty() && message.version() == 11) {
    if (!beast::iequals(expected, "100-continue")) co_return co_await refuse(connection, 417, only_head);
    constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    auto const [error, size] = co_await asio::async_write(stream, asio::buffer(go_on), as_tuple);
    if (error) co_return false;
  }
  if (!parser.is_done()) {
    auto const length = parser.content_length();
    stream.expires_after(time_for(length ? *length : options().max_body));
    auto const [error, size] = co_await http::async_read(stream, buffer, parser, as_tuple);
    if (error) co_return co_await refuse(connection, status_for(error), only_head);
  }
  Response response = answer(message, peer);
  if (stop_request_.made()) leave();
  bool const keep = message.keep_alive() && !leaving_;
  co_return co_await send(connection, std::move(response), message.version(), keep, only_head);
}

Response Service::answer(Message const& message, std::string_view peer) {
  ParsedRequest source{view(message.method_string()), view(message.target()), message.body(), peer};
  for (auto const& field : message) source.add({view(field.name_string()), view(field.value())});
  birth_.notice->busy_since = Clock::now().time_since_epoch().count();
  Response response = birth_.hooks->handle(Request{source});
  birth_.notice->busy_since = 0;
  make_sendable(response);
  if (++answered_ == options().max_requests) {
    birth_.notice->leaving = true;
    wake_master(birth_);
    leave();
  }
  return response;
}

asio::awaitable<bool> Service::send(Connection& connection, Response response, unsigned version, bool keep,
                                    bool only_head) {
  http::response<http::string_body> message{static_cast<http::status>(response.status), version};
  for (auto const& [name, value] : response.headers) message.insert(name, value);
  if (message.count(http::field::date) == 0) message.set(http::field::date, http_date(std::time(nullptr)));
  bool const has_no_body = response.status == 204 || response.status == 304;
  if (!has_no_body) message.content_length(response.body.size());
  message.keep_alive(keep);
  connection.stream.expires_after(time_for(response.body.size()));
  if (!has_no_body && !only_head) message.body() = std::move(response.body);
  http::response_serializer<http::string_body> serializer{message};
  auto const [error, size] = co_await http::async_write(connection.stream, serializer, as_tuple);
  if (!error && !keep) co_await say_farewell(connection);
  co_return !error && keep;
}

asio::awaitable<bool> Service::refuse(Connection& connection, unsigned status, bool only_head) {
  if (status == 0) co_return false;
  auto const number = static_cast<int>(status);
  Response response{number, {{"Content-Type", "text/plain"}}, text(reason_phrase(number), "\n")};
  co_return co_await send(connection, std::move(response), 11, false, only_head);
}

/// Closing while the client still sends would reset the connection, and the answer with it.
asio::awaitable<void> Service::say_farewell(Connection& connection) {
  error_code error;
  connection.stream.socket().shutdown(Tcp::socket::shutdown_send, error);
  connection.stream.expires_after(longest_farewell);
  connection.waiting = true;
  while (!error) {
    connection.buffer.clear();
    auto const place = connection.buffer.prepare(4096);
    std::tie(error, std::ignore) = co_await connection.stream.async_read_some(place, as_tuple);
  }
}

}  // namespace

void serve(Birth const& birth, StopRequest stop) { Service{birth, stop}.run(); }

}  // namespace forksafe::standalone
