// SPDX-License-Identifier: MIT
// A client's request for the page, and the setting page.allow. An input has one line for each of: the query, the header Accept,
// the client's address, the header Host, page.allow.
#include <arpa/inet.h>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <netinet/in.h>
#include <span>
#include <string>
#include <string_view>

import forksafe;
import forksafe.page;
import toy;

using namespace forksafe;

namespace {

struct Asked {
  std::string target, query, accept, peer, host;
};

class AskedSource final : public RequestSource {
 public:
  explicit AskedSource(Asked const& asked) : asked_(asked), headers_{{{"Accept", asked.accept}, {"Host", asked.host}}} {}

  std::string_view method() override { return "GET"; }
  std::string_view target() override { return asked_.target; }
  std::string_view path() override { return "/page"; }
  std::string_view query() override { return asked_.query; }
  std::string_view header(std::string_view name) override {
    for (auto const& [key, value] : headers_)
      if (same_header(key, name)) return value;
    return {};
  }
  std::span<HeaderView const> headers() override { return headers_; }
  std::string_view body() override { return {}; }
  std::string_view peer() override { return asked_.peer; }

 private:
  Asked const& asked_;
  std::array<HeaderView, 2> headers_;
};

using App = ForkSafeApp<toy::ToyPolicy, StatusPage>;

App& application() {
  static App& app = []() -> App& {
    // The application is never destroyed, as in a server.
    auto& made = *new App{"shop"};
    made.registry().settings().set("page.path", "/page", "fuzz");
    return made;
  }();
  return app;
}

std::string take_line(std::string_view& text) {
  auto const end = text.find('\n');
  std::string line{text.substr(0, end)};
  text.remove_prefix(end == text.npos ? text.size() : end + 1);
  return line;
}

void require(bool fulfilled, char const* promise) {
  if (fulfilled) return;
  std::fprintf(stderr, "%s\n", promise);
  std::abort();
}

bool is_this_machine(std::string_view peer) {
  std::string const text{peer.substr(0, peer.find_first_of("%/"))};
  in_addr four{};
  if (::inet_pton(AF_INET, text.c_str(), &four) == 1) return ntohl(four.s_addr) >> 24 == 127;
  in6_addr six{};
  if (::inet_pton(AF_INET6, text.c_str(), &six) != 1) return false;
  return IN6_IS_ADDR_LOOPBACK(&six) || (IN6_IS_ADDR_V4MAPPED(&six) && six.s6_addr[12] == 127);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  std::string_view rest{reinterpret_cast<char const*>(data), size};
  Asked asked;
  asked.query = take_line(rest);
  asked.accept = take_line(rest);
  asked.peer = take_line(rest);
  asked.host = take_line(rest);
  asked.target = "/page?" + asked.query;
  auto const allow = take_line(rest);
  App& app = application();
  app.registry().settings().set("page.allow", allow.empty() ? "loopback" : allow, "fuzz");
  try {
    app.load();
  } catch (SettingsError const& error) {
    require(std::string_view{error.what()}.find(" - ") != std::string_view::npos, "an error has no cure");
    return 0;
  }
  AskedSource source{asked};
  auto const response = app.handle(Request{source});
  require(response.status == 200 || response.status == 400 || response.status == 403, "an answer that the page does not have");
  for (auto const& [name, value] : response.headers)
    require(value.find_first_of("\r\n") == value.npos, "a header's value has several lines");
  // The default of page.allow admits only this machine.
  if (allow.empty() && !is_this_machine(asked.peer)) require(response.status == 403, "a stranger sees the page");
  return 0;
}
