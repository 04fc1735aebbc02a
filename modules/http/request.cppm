// SPDX-License-Identifier: MIT
export module forksafe:request;

import forksafe.std;

export namespace forksafe {

/// One header field as the container handed it over: CGI containers spell `User-Agent` as `USER_AGENT`.
struct HeaderView {
  std::string_view name;
  std::string_view value;
};

/// Whether two header names are the same in a container that hands over CGI's form of them: case does not count, and '_' equals
/// '-'. A container that sees the names as they were sent must not compare so: `X_Real_IP` is not `X-Real-IP`.
[[nodiscard]] bool same_header(std::string_view one, std::string_view other) noexcept;

/// Whether two texts are the same but for the case of ASCII letters, as HTTP compares names of headers, hosts and codings.
[[nodiscard]] bool same_ignoring_case(std::string_view one, std::string_view other) noexcept;

/// The parts of a request's target. Not decoded.
struct Target {
  /// The host and port of `http://host:port/path`, which is what proxies send; empty in all other forms.
  std::string_view authority;
  /// Up to the '?'; `/` where nothing but an authority is named.
  std::string_view path;
  /// After the '?'.
  std::string_view query;
};

[[nodiscard]] Target parse_target(std::string_view target) noexcept;

/// The source of a request's parts: one implementation for each container.
class RequestSource {
 public:
  [[nodiscard]] virtual std::string_view method() = 0;
  [[nodiscard]] virtual std::string_view target() = 0;
  [[nodiscard]] virtual std::span<HeaderView const> headers() = 0;
  [[nodiscard]] virtual std::string_view body() = 0;
  [[nodiscard]] virtual std::string_view peer() = 0;

  /// Returns the path as parse_target finds it, unless the container knows better.
  [[nodiscard]] virtual std::string_view path();
  [[nodiscard]] virtual std::string_view query();
  /// Returns the first of the headers whose name is the same but for case. To be overridden where CGI has changed the names.
  [[nodiscard]] virtual std::string_view header(std::string_view name);

 protected:
  ~RequestSource() = default;
};

/// An HTTP request, as views into the container's own memory: valid until the handler returns, nothing is copied.
class Request {
 public:
  explicit Request(RequestSource& source) noexcept : source_(&source) {}

  /// Returns the method as sent: `GET`.
  [[nodiscard]] std::string_view method() const { return source_->method(); }
  /// Returns the target as sent: `/path?query`, or `http://host/path?query`.
  [[nodiscard]] std::string_view target() const { return source_->target(); }
  /// Returns the target up to the '?', without the host that a proxy may put before it. Not decoded.
  [[nodiscard]] std::string_view path() const { return source_->path(); }
  /// Returns the target after the '?'. Not decoded.
  [[nodiscard]] std::string_view query() const { return source_->query(); }
  /// Returns the value of the first header of this name, empty if there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const { return source_->header(name); }
  [[nodiscard]] std::span<HeaderView const> headers() const { return source_->headers(); }
  /// Returns the whole body. Read from the client at the first call.
  [[nodiscard]] std::string_view body() const { return source_->body(); }
  /// Returns the address of the connected peer, as the container reports it: `127.0.0.1`, `::1`; empty for a UNIX socket.
  /// Behind a proxy it is the proxy's: headers such as X-Forwarded-For are not read.
  [[nodiscard]] std::string_view peer() const { return source_->peer(); }

 private:
  RequestSource* source_;
};

}  // namespace forksafe
