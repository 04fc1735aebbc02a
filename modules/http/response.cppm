// SPDX-License-Identifier: MIT
export module forksafe:response;

import forksafe.std;

export namespace forksafe {

/// A handler's answer. Content-Length is added; headers that frame the message are dropped.
struct Response {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string body{};

  /// Returns a text without markup.
  [[nodiscard]] static Response plain(int status, std::string_view text);
  /// Returns a 500, without a word on what has gone wrong: the client need not know.
  [[nodiscard]] static Response internal_error();
};

/// For bindings: makes a handler's answer fit to be sent. An answer with an invalid status, with a header that would end early
/// and start another one, or another message, or with more headers than every container can send, becomes 500 and a line in the
/// log. Headers that frame the message or are about the connection are dropped, for the container writes them.
void make_sendable(Response& response);

/// The content of an answer, sent after its header.
struct Content {
  /// The Content-Length to send; none for an answer that has no content.
  std::optional<std::size_t> length{};
  /// The bytes to send, within the response; none in an answer to HEAD.
  std::string_view bytes{};
};

/// Returns, for bindings, the content of an answer, as RFC 9110, 6.4.1 has it: none where the status is 1xx, 204 or 304, and
/// only its length where the request was HEAD.
[[nodiscard]] Content sendable_content(Response const& response, bool only_head) noexcept;

/// Returns the standard phrase of a status, as in `Not Found`.
[[nodiscard]] std::string_view reason_phrase(int status) noexcept;

}  // namespace forksafe
