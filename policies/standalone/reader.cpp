// SPDX-License-Identifier: MIT
module;
#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>
module forksafe.standalone.binding;

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

namespace forksafe::standalone {
namespace {

using boost::system::error_code;

constexpr std::size_t longest_header = 16 * 1024;
/// The limit of the bytes that the parser has not consumed. It bounds chunk extensions and trailers, which Beast does not.
constexpr std::size_t longest_unparsed = 64 * 1024;
constexpr std::size_t room_for_header = 4 * 1024;
constexpr std::size_t room_for_body = 16 * 1024;
constexpr std::string_view line_end = "\r\n";

template <class View>
std::string_view view(View const& text) noexcept {
  return {text.data(), text.size()};
}

/// Grows as bytes arrive. http::string_body would reserve the announced length at once.
struct Body {
  using value_type = std::string;

  class reader {
   public:
    template <bool IsRequest, class Fields>
    reader(http::header<IsRequest, Fields>&, std::string& body) noexcept : body_(body) {}

    void init(boost::optional<std::uint64_t> const&, error_code& error) noexcept { error = {}; }
    template <class Buffers>
    std::size_t put(Buffers const& buffers, error_code& error) {
      std::size_t const before = body_.size();
      for (asio::const_buffer const buffer : beast::buffers_range_ref(buffers))
        body_.append(static_cast<char const*>(buffer.data()), buffer.size());
      error = {};
      return body_.size() - before;
    }
    void finish(error_code& error) noexcept { error = {}; }

   private:
    std::string& body_;
  };
};

using Parser = http::request_parser<Body>;

/// Returns the status that refuses a message with this error.
unsigned status_for(error_code error) noexcept {
  if (error == http::error::header_limit || error == http::error::buffer_overflow) return 431;
  return error == http::error::body_limit ? 413 : 400;
}

/// Refuses control characters in extensions: Beast's parser accepts a line end inside quotes, where other parsers end the
/// chunk's line.
struct CheckExtensions {
  void operator()(std::uint64_t, beast::string_view extensions, error_code& error) const noexcept {
    bool const strange = std::ranges::any_of(extensions, [](char character) {
      auto const code = static_cast<unsigned char>(character);
      return (code < 0x20 && code != '\t') || code == 0x7f;
    });
    if (strange) error = http::error::bad_chunk_extension;
  }
};

}  // namespace

struct RequestReader::State {
  explicit State(std::uint64_t longest) : longest_body(longest) { begin(); }

  void begin();
  void read_on();
  void skip_empty_lines();
  bool speaks_a_later_minor() noexcept;
  void end_header();
  void refuse(unsigned status) noexcept;
  /// Of the request that is read: begin() has made it.
  [[nodiscard]] Parser& parser() noexcept { return current.value(); }
  [[nodiscard]] std::string_view unread() const noexcept {
    return {static_cast<char const*>(buffer.cdata().data()), buffer.size()};
  }

  std::uint64_t const longest_body;
  CheckExtensions on_chunk{};
  beast::flat_buffer buffer{longest_unparsed};
  std::optional<Parser> current{};
  std::vector<HeaderView> headers{};
  std::size_t header_size = 0;
  Progress progress = Progress::nothing;
  unsigned refusal = 0;
  bool keeps_alive = false;
  bool expects_continue = false;
};

void RequestReader::State::begin() {
  current.emplace();
  parser().header_limit(longest_header);
  parser().body_limit(longest_body);
  parser().on_chunk_header(on_chunk);
  headers.clear();
  header_size = 0;
  progress = Progress::nothing;
  keeps_alive = expects_continue = false;
}

void RequestReader::State::refuse(unsigned status) noexcept {
  progress = Progress::refused;
  refusal = status;
}

/// Skips the extra line end that some clients send after a body (RFC 9112, 2.2).
void RequestReader::State::skip_empty_lines() {
  while (unread().starts_with(line_end)) {
    buffer.consume(line_end.size());
    header_size += line_end.size();
  }
  if (header_size > longest_header) refuse(400);
}

/// Recognises HTTP/1.2 and later, which Beast's parser refuses; they are answered as HTTP/1.1 (RFC 9110, 2.5).
bool RequestReader::State::speaks_a_later_minor() noexcept {
  constexpr std::string_view name = " HTTP/1.";
  std::string_view const line = unread().substr(0, unread().find(line_end));
  auto const target = line.find(' ');
  auto const version = target == line.npos ? line.npos : line.find(' ', target + 1);
  if (version == line.npos || line.size() <= version + name.size() || !line.substr(version).starts_with(name)) return false;
  char& minor = static_cast<char*>(buffer.data().data())[version + name.size()];
  if (minor < '2' || minor > '9') return false;
  minor = '1';
  return true;
}

void RequestReader::State::end_header() {
  auto const& message = parser().get();
  // Copied before the body is read: the parser adds the trailers later, and a trailer must not count as a header.
  for (auto const& field : message) headers.push_back({view(field.name_string()), view(field.value())});
  keeps_alive = message.keep_alive();
  progress = Progress::body;
  unsigned const minor = message.version() % 10;
  if (unsigned const status = fault_of_framing(headers, minor); status != 0) return refuse(status);
  if (auto const expected = message[http::field::expect]; !expected.empty() && minor != 0) {
    if (!beast::iequals(expected, "100-continue")) return refuse(417);
    expects_continue = !parser().is_done();
  }
}

void RequestReader::State::read_on() {
  if (progress == Progress::nothing) skip_empty_lines();
  while (progress < Progress::whole && buffer.size() != 0 && (progress != Progress::nothing || unread() != "\r")) {
    if (progress == Progress::nothing) progress = Progress::header;
    error_code error;
    std::size_t const size = parser().put(buffer.cdata(), error);
    if (error == http::error::bad_version && speaks_a_later_minor()) continue;
    buffer.consume(size);
    if (error && error != http::error::need_more) return refuse(status_for(error));
    if (progress == Progress::header) {
      header_size += size;
      if (header_size + (parser().is_header_done() ? 0 : buffer.size()) > longest_header) return refuse(431);
      if (parser().is_header_done()) end_header();
    }
    if (progress == Progress::body && parser().is_done()) progress = Progress::whole;
    if (error) break;
  }
  if (progress < Progress::whole && buffer.size() == buffer.max_size()) refuse(431);
}

RequestReader::RequestReader(std::uint64_t longest_body) : state_(std::make_unique<State>(longest_body)) {}
RequestReader::~RequestReader() = default;

std::span<char> RequestReader::room() {
  auto& buffer = state_->buffer;
  std::size_t const wanted = state_->progress == Progress::body ? room_for_body : room_for_header;
  auto const place = buffer.prepare(std::min(wanted, buffer.max_size() - buffer.size()));
  return {static_cast<char*>(place.data()), place.size()};
}

void RequestReader::take(std::size_t size) {
  state_->buffer.commit(size);
  if (state_->progress < Progress::whole) state_->read_on();
}

void RequestReader::begin_next() {
  state_->begin();
  state_->read_on();
}

void RequestReader::discard() noexcept { state_->buffer.clear(); }

Progress RequestReader::progress() const noexcept { return state_->progress; }
unsigned RequestReader::refusal() const noexcept { return state_->refusal; }
bool RequestReader::expects_continue() const noexcept { return state_->expects_continue; }
bool RequestReader::keeps_alive() const noexcept { return state_->keeps_alive; }
bool RequestReader::only_head() const noexcept { return state_->parser().get().method() == http::verb::head; }
unsigned RequestReader::minor() const noexcept { return state_->parser().get().version() % 10; }
std::uint64_t RequestReader::body_size() const noexcept { return state_->parser().get().body().size(); }

ParsedRequest RequestReader::request(std::string_view peer) const noexcept {
  auto const& message = state_->parser().get();
  return {view(message.method_string()), view(message.target()), state_->headers, message.body(), peer};
}

std::string header_text(Response const& response, std::optional<std::size_t> length, unsigned minor, bool keep) {
  http::response<http::empty_body> message{static_cast<http::status>(response.status), 10 + minor};
  for (auto const& [name, value] : response.headers) message.insert(name, value);
  if (message.count(http::field::date) == 0) message.set(http::field::date, http_date(std::time(nullptr)));
  if (length) message.content_length(*length);
  message.keep_alive(keep);
  return beast::buffers_to_string(http::fields::writer{message, message.version(), message.result_int()}.get());
}

}  // namespace forksafe::standalone
