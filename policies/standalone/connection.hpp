// SPDX-License-Identifier: MIT
// A header and no partition: an importer would pay for Asio once more.
#pragma once
#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/read_size.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstddef>
#include <string_view>

namespace forksafe::standalone {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;
using Parser = http::request_parser<http::string_body>;

inline constexpr auto as_tuple = asio::as_tuple(asio::use_awaitable);
/// A bound on what the parser may leave for later: chunk extensions and trailers have no limit of their own.
inline constexpr std::size_t longest_unparsed = 64 * 1024;

struct Connection {
  beast::tcp_stream stream;
  beast::flat_buffer buffer{longest_unparsed};
  bool fresh = true;
  /// Between two requests, nothing read of the next.
  bool waiting = false;
};

/// Parses what arrives next and adds its size to `parsed`. Like Beast's async_read_some, whose templates take several times
/// as long to compile.
inline asio::awaitable<error_code> read_some(Connection& connection, Parser& parser, std::size_t& parsed) {
  auto& buffer = connection.buffer;
  for (error_code error;;) {
    if (buffer.size() != 0) {
      auto const used = parser.put(buffer.data(), error);
      parsed += used;
      buffer.consume(used);
      if (error != http::error::need_more) co_return error;
    }
    auto const room = beast::read_size(buffer, 65'536);
    if (room == 0) co_return http::error::buffer_overflow;
    auto const [failure, size] = co_await connection.stream.async_read_some(buffer.prepare(room), as_tuple);
    buffer.commit(size);
    if (failure && failure != asio::error::eof) co_return failure;
    if (failure) {
      if (!parser.got_some()) co_return http::error::end_of_stream;
      error = {};
      parser.put_eof(error);
      co_return error;
    }
  }
}

/// Sends both parts whole. False if the client cannot be reached.
inline asio::awaitable<bool> write(Connection& connection, std::string_view header, std::string_view body = {}) {
  std::array<asio::const_buffer, 2> left{asio::buffer(header), asio::buffer(body)};
  while (left[0].size() + left[1].size() != 0) {
    auto [error, size] = co_await connection.stream.async_write_some(left, as_tuple);
    if (error) co_return false;
    for (asio::const_buffer& part : left) {
      auto const sent = std::min(size, part.size());
      part += sent;
      size -= sent;
    }
  }
  co_return true;
}

}  // namespace forksafe::standalone
