// SPDX-License-Identifier: MIT
module;
#include <sys/uio.h>
#include "uwsgi_server.h"
module forksafe.uwsgi.binding;

import forksafe;
import forksafe.base;
import forksafe.binding;
import forksafe.std.operators;

namespace forksafe::uwsgi {
namespace {

constexpr std::string_view no_handler =
    "This application answers no requests: it only listens to hooks. Send requests to another plugin's modifier.\n";

std::string_view view(char const* text, std::size_t size) noexcept { return {text, text == nullptr ? 0 : size}; }
std::string_view view(iovec const& text) noexcept { return view(static_cast<char const*>(text.iov_base), text.iov_len); }

/// Removes const, because uWSGI's functions take char*; they do not change the text.
char* mutable_text(std::string_view text) noexcept { return const_cast<char*>(text.data()); }

/// Returns the header that a CGI variable stands for, as in `HTTP_USER_AGENT`; without a name if it stands for none.
HeaderView to_header(iovec const* pair) noexcept {
  std::string_view const name = view(pair[0]);
  std::string_view const value = view(pair[1]);
  if (name.starts_with("HTTP_")) return {name.substr(5), value};
  // Web servers send these two with every request, and leave them empty if it has no body.
  if (!value.empty() && (name == "CONTENT_TYPE" || name == "CONTENT_LENGTH")) return {name, value};
  return {};
}

/// Views into uWSGI's buffer of the request.
class Variables final : public RequestSource {
 public:
  explicit Variables(wsgi_request& request) noexcept : request_(request) {}

  std::string_view method() override { return view(request_.method, request_.method_len); }
  std::string_view target() override {
    return request_.uri_len != 0 ? view(request_.uri, request_.uri_len) : view(request_.path_info, request_.path_info_len);
  }
  std::string_view query() override {
    bool const has_mark = target().find('?') != std::string_view::npos;
    return has_mark ? RequestSource::query() : view(request_.query_string, request_.query_string_len);
  }

  std::string_view header(std::string_view name) override {
    for (int index = 0; index + 1 < request_.var_cnt; index += 2) {
      HeaderView const header = to_header(&request_.hvec[index]);
      if (!header.name.empty() && same_header(header.name, name)) return header.value;
    }
    return {};
  }

  std::span<HeaderView const> headers() override {
    if (headers_.empty())
      for (int index = 0; index + 1 < request_.var_cnt; index += 2) {
        HeaderView const header = to_header(&request_.hvec[index]);
        if (!header.name.empty()) headers_.push_back(header);
      }
    return headers_;
  }

  std::string_view body() override {
    if (!body_read_) {
      bool const chunked = request_.post_cl == 0 && same_header(header("Transfer-Encoding"), "chunked");
      body_ = chunked ? chunked_body() : sized_body();
      body_read_ = true;
    }
    return body_;
  }

  /// Returns REMOTE_ADDR, from uWSGI's HTTP parser (0.0.0.0 for a UNIX socket) or from the web server that speaks uWSGI's own
  /// protocol. request_.remote_addr is not used: with --log-x-forwarded-for the client chooses it (uWSGI 2.0.21, proto/base.c).
  std::string_view peer() override {
    constexpr std::string_view name = "REMOTE_ADDR";
    std::uint16_t size = 0;
    char const* const address = ::uwsgi_get_var(&request_, mutable_text(name), name.size(), &size);
    return view(address, size) == "0.0.0.0" ? std::string_view{} : view(address, size);
  }

 private:
  std::string_view sized_body() {
    ssize_t size = 0;
    char const* const text = ::uwsgi_request_body_read(&request_, static_cast<ssize_t>(request_.post_cl), &size);
    if (text == nullptr || size < static_cast<ssize_t>(request_.post_cl))
      throw std::runtime_error{"the client did not send the whole body"};
    return {text, static_cast<std::size_t>(size)};
  }

  std::string_view chunked_body() {
    for (;;) {
      std::size_t size = 0;
      char const* const chunk = ::uwsgi_chunked_read(&request_, &size, ::uwsgi.socket_timeout, 0);
      if (chunk == nullptr) throw std::runtime_error{"the client did not send the whole body"};
      if (size == 0) return joined_chunks_;
      joined_chunks_.append(chunk, size);
    }
  }

  wsgi_request& request_;
  std::vector<HeaderView> headers_{};
  std::string_view body_{};
  std::string joined_chunks_{};
  bool body_read_ = false;
};

void prepare_status(wsgi_request& request, int status) {
  std::array<char, 64> line;
  std::string_view const phrase = reason_phrase(status);
  char* end = std::to_chars(line.data(), line.data() + line.size(), status).ptr;
  *end++ = ' ';
  auto const room = static_cast<std::size_t>(line.data() + line.size() - end);
  end = std::copy_n(phrase.data(), std::min(phrase.size(), room), end);
  ::uwsgi_response_prepare_headers(&request, line.data(), static_cast<std::uint16_t>(end - line.data()));
}

/// Whether uWSGI closes an HTTP connection after this answer, without saying so itself (uWSGI 2.0.21, proto/http.c). The router
/// of --http, and web servers, speak another protocol to the workers, and decide for themselves.
bool closes_connection(wsgi_request const& request) noexcept {
  char const* const own = request.socket->proto_name;
  std::string_view const protocol = own != nullptr ? own : ::uwsgi.protocol != nullptr ? ::uwsgi.protocol : "";
  if (protocol == "http11") return request.post_pos < request.post_cl || request.proto_parser_remains > 0;
  return protocol == "http" || protocol == "https";
}

void answer(wsgi_request& request, Response const& response) {
  prepare_status(request, response.status);
  for (auto const& [name, value] : response.headers)
    ::uwsgi_response_add_header(&request, mutable_text(name), static_cast<std::uint16_t>(name.size()), mutable_text(value),
                                static_cast<std::uint16_t>(value.size()));
  if (closes_connection(request)) {
    constexpr std::string_view name = "Connection", value = "close";
    ::uwsgi_response_add_header(&request, mutable_text(name), name.size(), mutable_text(value), value.size());
  }
  Content const content = sendable_content(response, view(request.method, request.method_len) == "HEAD");
  if (content.length) ::uwsgi_response_add_content_length(&request, *content.length);
  if (content.bytes.empty()) {
    ::uwsgi_response_write_headers_do(&request);
  } else {
    ::uwsgi_response_write_body_do(&request, mutable_text(content.bytes), content.bytes.size());
  }
}

Response response_to(wsgi_request& request) {
  if (!state.hosted.is_made() || !state.hosted.handles_requests()) return Response::plain(404, no_handler);
  Variables variables{request};
  return state.hosted.handle(Request{variables});
}

}  // namespace

int request(wsgi_request* request) noexcept {
  base::ErrnoGuard const kept_errno;
  if (::uwsgi_parse_vars(request) != 0) return -1;
  try {
    answer(*request, response_to(*request));
  } catch (std::exception const& exception) {
    log_line(exception.what());
    request->write_errors++;
  }
  return UWSGI_OK;
}

}  // namespace forksafe::uwsgi
