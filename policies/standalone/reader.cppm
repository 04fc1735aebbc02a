// SPDX-License-Identifier: MIT
module;
#include <ctime>
export module forksafe.standalone.binding:reader;

import forksafe;
import forksafe.std;

namespace forksafe::standalone {

/// Returns the status that refuses a request in which a proxy might see another message or another host; 0 if it is
/// accepted. `minor` is that of its version, HTTP/1.x.
[[nodiscard]] unsigned fault_of_framing(std::span<HeaderView const> headers, unsigned minor) noexcept;

/// A request as views into the reader's memory. Names of headers are as the client sent them.
class ParsedRequest final : public RequestSource {
 public:
  ParsedRequest(std::string_view method, std::string_view target, std::span<HeaderView const> headers, std::string_view body,
                std::string_view peer) noexcept
      : method_(method), target_(target), headers_(headers), body_(body), peer_(peer) {}

  [[nodiscard]] std::string_view method() override { return method_; }
  [[nodiscard]] std::string_view target() override { return target_; }
  [[nodiscard]] std::span<HeaderView const> headers() override { return headers_; }
  [[nodiscard]] std::string_view body() override { return body_; }
  [[nodiscard]] std::string_view peer() override { return peer_; }

 private:
  std::string_view method_;
  std::string_view target_;
  std::span<HeaderView const> headers_;
  std::string_view body_;
  std::string_view peer_;
};

/// How much of a request has been read.
enum class Progress : std::uint8_t { nothing, header, body, whole, refused };

/// Parses the requests of one connection, one after the other. The caller receives the bytes.
class RequestReader {
 public:
  explicit RequestReader(std::uint64_t longest_body);
  RequestReader(RequestReader const&) = delete;
  RequestReader& operator=(RequestReader const&) = delete;
  ~RequestReader();

  /// Returns the buffer for the next bytes of the connection. It is never empty.
  [[nodiscard]] std::span<char> room();
  /// Parses so many bytes, which the caller has put into room().
  void take(std::size_t size);
  /// Drops the request, and parses the next from the bytes that have arrived already.
  void begin_next();
  /// Drops all bytes that have arrived and were not parsed.
  void discard() noexcept;

  [[nodiscard]] Progress progress() const noexcept;
  /// Returns the status that refuses the request. No further request can be read from the connection then.
  [[nodiscard]] unsigned refusal() const noexcept;

  /// These may be called from Progress::body on; only_head() and minor() also for a request that is refused.
  [[nodiscard]] bool expects_continue() const noexcept;
  [[nodiscard]] bool keeps_alive() const noexcept;
  [[nodiscard]] bool only_head() const noexcept;
  /// Returns the minor number of the version of the answer, HTTP/1.0 or HTTP/1.1.
  [[nodiscard]] unsigned minor() const noexcept;
  /// Returns how many bytes of the body have arrived.
  [[nodiscard]] std::uint64_t body_size() const noexcept;
  /// Returns the whole request as views into this reader.
  [[nodiscard]] ParsedRequest request(std::string_view peer) const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Returns the header of an answer to a request of HTTP/1.`minor`, the empty line included. It has the length of the content
/// where there is one, says whether the connection is kept, and is dated now unless the answer is.
[[nodiscard]] std::string header_text(Response const& response, std::optional<std::size_t> length, unsigned minor, bool keep);

/// Formats a time for a header of HTTP, independently of the locale.
[[nodiscard]] std::string http_date(std::time_t time);

}  // namespace forksafe::standalone
