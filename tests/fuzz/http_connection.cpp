// SPDX-License-Identifier: MIT
module;
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>
module forksafe.standalone.binding;

import forksafe;

namespace forksafe::standalone {
namespace {

constexpr std::uint64_t longest_body = 4'096;
/// More than the room of a reader, so that it is asked for room again.
constexpr std::size_t longest_piece = 5'000;

void require(bool holds) {
  if (!holds) std::abort();
}

/// The requests that were read from a connection, as text.
struct Story {
  std::string text{};
  void tell(std::string_view part) { text.append(std::to_string(part.size())).append(":").append(part).append(" "); }
};

/// Whether two readings of the same bytes agree. With fewer pieces the parser may refuse a message earlier, before it is whole,
/// and for another of its faults.
bool agree(std::string_view one, std::string_view other) noexcept {
  if (one.size() > other.size()) std::swap(one, other);
  return other.starts_with(one) && (one.size() == other.size() || other.substr(one.size()).starts_with("7:refused "));
}

/// Checks each request that a handler would get.
void check(RequestReader const& reader, ParsedRequest& request) {
  int hosts = 0, lengths = 0, codings = 0;
  for (auto const& [name, value] : request.headers()) {
    require(!name.empty());
    for (std::string_view const part : {name, value}) require(part.find_first_of(std::string_view{"\r\n\0", 3}) == part.npos);
    hosts += same_ignoring_case(name, "Host");
    lengths += same_ignoring_case(name, "Content-Length");
    codings += same_ignoring_case(name, "Transfer-Encoding");
    if (same_ignoring_case(name, "Transfer-Encoding")) require(same_ignoring_case(value, "chunked") && reader.minor() == 1);
    if (same_ignoring_case(name, "Content-Length"))
      require(std::strtoull(std::string{value}.c_str(), nullptr, 10) == request.body().size());
  }
  require(hosts <= 1 && lengths + codings <= 1 && (hosts == 1 || reader.minor() == 0));
  require(lengths + codings != 0 || request.body().empty());
  require(request.body().size() <= longest_body && reader.body_size() == request.body().size());
  require(request.target().find_first_of(" \r\n") == std::string_view::npos);
}

/// Reads the connection in pieces of these sizes, repeated.
Story read(std::string_view bytes, std::span<std::size_t const> pieces) {
  Story story;
  RequestReader reader{longest_body};
  for (std::size_t turn = 0;;) {
    if (reader.progress() == Progress::refused) {
      story.tell("refused");
      require(reader.refusal() >= 400 && reader.refusal() < 600);
      return story;
    }
    if (reader.progress() == Progress::whole) {
      ParsedRequest request = reader.request("127.0.0.1");
      check(reader, request);
      for (std::string_view const part : {request.method(), request.target(), request.path(), request.query(), request.body()})
        story.tell(part);
      for (auto const& [name, value] : request.headers()) story.tell(name), story.tell(value);
      story.tell(reader.keeps_alive() ? "keeps" : "ends");
      if (!reader.keeps_alive()) return story;
      reader.begin_next();
      continue;
    }
    if (bytes.empty()) return story;
    auto const room = reader.room();
    require(!room.empty());
    std::size_t const size = std::min({bytes.size(), room.size(), pieces[turn++ % pieces.size()]});
    std::memcpy(room.data(), bytes.data(), size);
    bytes.remove_prefix(size);
    reader.take(size);
  }
}

}  // namespace

/// Takes the sizes of the pieces from the first bytes; the rest is what the client sends.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  if (size < 2) return 0;
  std::string_view const bytes{reinterpret_cast<char const*>(data) + 2, size - 2};
  std::size_t const whole[]{longest_piece};
  std::size_t const single[]{1};
  std::size_t const mixed[]{std::size_t{data[0]} + 1, std::size_t{data[1]} + 1};
  Story const once = read(bytes, whole);
  require(agree(read(bytes, single).text, once.text));
  require(agree(read(bytes, mixed).text, once.text));
  return 0;
}

}  // namespace forksafe::standalone
