// SPDX-License-Identifier: MIT
module;
#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
module forksafe.standalone.binding;

import :conversation;
import forksafe.base;

namespace asio = boost::asio;

namespace forksafe::standalone {
namespace {

using namespace std::chrono_literals;
using boost::system::error_code;
using Tcp = asio::ip::tcp;

constexpr auto as_tuple = asio::as_tuple(asio::use_awaitable_t<Executor>{});
/// The least rate, in bytes per second, at which a client must send a body or take an answer's.
constexpr std::uint64_t slowest_rate = 16 * 1024;
constexpr auto longest_linger = 2s;

asio::mutable_buffer free_space(RequestReader& reader) {
  auto const room = reader.room();
  return {room.data(), room.size()};
}

std::string format_peer(Socket const& socket) {
  error_code unknown;
  return socket.remote_endpoint(unknown).address().to_string();
}

}  // namespace

Conversation::Conversation(Socket socket, Answering& answering)
    : stream_(std::move(socket)),
      answering_(answering),
      peer_(format_peer(stream_.socket())),
      reader_(answering.options().max_body) {
  error_code ignored;
  stream_.socket().set_option(Tcp::no_delay{true}, ignored);
}

Conversation::~Conversation() = default;

Awaitable<void> Conversation::hold() {
  while (co_await exchange()) reader_.begin_next();
}

void Conversation::end_if_idle() {
  error_code unknown;
  if (waiting_ && stream_.socket().available(unknown) == 0) stream_.cancel();
}

/// Returns the time limit of a client that began at `begun` and has moved so many bytes. Bytes that it has only announced
/// do not count.
Clock::time_point Conversation::time_limit(Clock::time_point begun, std::uint64_t bytes) const {
  return begun + answering_.options().read_timeout + std::chrono::seconds{bytes / slowest_rate};
}

/// Returns false if nothing more comes in time.
Awaitable<bool> Conversation::read() {
  auto const [error, size] = co_await stream_.async_read_some(free_space(reader_), as_tuple);
  if (!error) reader_.take(size);
  co_return !error;
}

Awaitable<bool> Conversation::await_request() {
  // The last answer may have promised to keep the connection before the drain began: this client gets as long as the others.
  auto const limit = answering_.is_leaving() ? std::min(last_request_grace, answering_.options().read_timeout)
                                             : answering_.options().read_timeout;
  stream_.expires_after(limit);
  while (reader_.progress() == Progress::nothing) {
    waiting_ = !answering_.is_leaving();
    bool const came = co_await read();
    waiting_ = false;
    if (came) continue;
    // The drain may end the wait at the moment when the request arrives.
    error_code unknown;
    if (!stream_.socket().is_open() || stream_.socket().available(unknown) == 0) co_return false;
    stream_.expires_after(limit);
  }
  co_return true;
}

/// Returns false if the request does not arrive in time. One that has arrived may have to be refused.
Awaitable<bool> Conversation::read_request() {
  auto const limit = answering_.options().read_timeout;
  auto const header_begun = Clock::now();
  stream_.expires_at(header_begun + limit);
  while (reader_.progress() == Progress::header)
    if (!co_await read()) co_return false;
  if (reader_.progress() == Progress::body && reader_.expects_continue()) {
    constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    if (!co_await write(go_on, {}, header_begun)) co_return false;
  }
  for (auto const begun = Clock::now(); reader_.progress() == Progress::body;) {
    stream_.expires_at(std::min(time_limit(begun, reader_.body_size()), Clock::now() + limit));
    if (!co_await read()) co_return false;
  }
  co_return true;
}

/// Serves one request. Returns false if the connection ends.
Awaitable<bool> Conversation::exchange() {
  if (reader_.progress() == Progress::nothing && !co_await await_request()) co_return false;
  if (!co_await read_request()) co_return false;
  if (reader_.progress() == Progress::refused) co_return co_await refuse();
  ParsedRequest source = reader_.request(peer_);
  Response response = answering_.answer(Request{source});
  co_return co_await send(std::move(response), reader_.keeps_alive() && !answering_.is_leaving());
}

/// Sends a header and its body to a client whose time began at `begun`. Returns false if it does not take them in time.
Awaitable<bool> Conversation::write(std::string_view header, std::string_view body, Clock::time_point begun) {
  std::array<asio::const_buffer, 2> unsent{asio::buffer(header), asio::buffer(body)};
  for (std::size_t sent = 0; sent != header.size() + body.size();) {
    stream_.expires_at(time_limit(begun, sent));
    auto const [error, size] = co_await stream_.async_write_some(unsent, as_tuple);
    if (error) co_return false;
    sent += size;
    auto const of_header = std::min(size, unsent[0].size());
    unsent[0] += of_header;
    unsent[1] += size - of_header;
  }
  co_return true;
}

Awaitable<bool> Conversation::send(Response response, bool keep) {
  Content const content = sendable_content(response, reader_.only_head());
  auto const header = header_text(response, content.length, reader_.minor(), keep);
  if (!co_await write(header, content.bytes, Clock::now())) co_return false;
  if (!keep) co_await linger();
  co_return keep;
}

Awaitable<bool> Conversation::refuse() {
  auto const status = static_cast<int>(reader_.refusal());
  co_return co_await send(Response::plain(status, base::concat(reason_phrase(status), "\n")), false);
}

/// Reads until the client closes: to close while it still sends would reset the connection, and lose the answer.
Awaitable<void> Conversation::linger() {
  error_code error;
  stream_.socket().shutdown(Socket::shutdown_send, error);
  stream_.expires_after(longest_linger);
  waiting_ = true;
  while (!error) {
    reader_.discard();
    std::tie(error, std::ignore) = co_await stream_.async_read_some(free_space(reader_), as_tuple);
  }
}

}  // namespace forksafe::standalone
