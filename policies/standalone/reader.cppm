// SPDX-License-Identifier: MIT
module;
#include <ctime>
export module forksafe.standalone.binding:reader;

import forksafe;
import forksafe.std;

namespace forksafe::standalone {

/// The status with which a request is refused because a proxy might see another message in it, or other host; 0 if it
/// is not. `minor` is that of its version, HTTP/1.x.
[[nodiscard]] unsigned fault_of_framing(std::span<HeaderView const> headers, unsigned minor) noexcept;

/// A request as views into what the reader holds. Names of headers are as the client sent them.
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

/// Reads the requests of one connection, one after the other, out of bytes that somebody else receives.
class RequestReader {
 public:
  explicit RequestReader(std::uint64_t longest_body);
  RequestReader(RequestReader const&) = delete;
  RequestReader& operator=(RequestReader const&) = delete;
  ~RequestReader();

  /// Where the next bytes of the connection go. Never empty.
  [[nodiscard]] std::span<char> room();
  /// So many bytes have come there.
  void take(std::size_t size);
  /// Forgets the request, and reads the next from what has come already.
  void begin_next();
  /// Forgets all that has come and was not read.
  void discard() noexcept;

  [[nodiscard]] Progress progress() const noexcept;
  /// The status to refuse the request with. The next request cannot be found then.
  [[nodiscard]] unsigned refusal() const noexcept;

  /// From Progress::body on; `only_head` and `minor` of what is refused too.
  [[nodiscard]] bool expects_continue() const noexcept;
  [[nodiscard]] bool keeps_alive() const noexcept;
  [[nodiscard]] bool only_head() const noexcept;
  /// Of the version that is spoken, HTTP/1.0 or HTTP/1.1.
  [[nodiscard]] unsigned minor() const noexcept;
  /// How much of the body has come.
  [[nodiscard]] std::uint64_t body_size() const noexcept;
  /// Views into this reader, whose request is whole.
  [[nodiscard]] ParsedRequest request(std::string_view peer) const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The time as HTTP writes it, whatever the locale.
[[nodiscard]] std::string http_date(std::time_t time);

}  // namespace forksafe::standalone
