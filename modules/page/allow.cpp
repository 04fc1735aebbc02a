// SPDX-License-Identifier: MIT
module;
#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
module forksafe.page;

namespace forksafe {
namespace {

constexpr std::string_view separators = ", \t\r\n";

/// ::ffff:127.0.0.0/104 and ::1.
constexpr Network loopback_4{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 127}, 104};
constexpr Network loopback_6{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128};

bool is_loopback(Network const& peer) noexcept { return loopback_4.has(peer) || loopback_6.has(peer); }

/// The host that a Host header names, without port and brackets.
std::string_view host_of(std::string_view header) noexcept {
  if (header.starts_with('[')) return header.substr(1, header.find(']') - 1);
  return header.substr(0, header.find(':'));
}

/// A page of the world that lets its name point to 127.0.0.1 could else read this one in the operator's browser.
bool names_loopback(std::string_view host) {
  auto const network = network_of(host);
  return host.empty() || same_header(host, "localhost") || (network && is_loopback(*network));
}

/// Such a header proves nothing of the client, but that somebody stands between.
std::string_view forwarding_header(Request const& request) {
  for (std::string_view const name : {"X-Forwarded-For", "Forwarded", "X-Real-IP"})
    if (!request.header(name).empty()) return name;
  return {};
}

}  // namespace

bool Network::has(Network const& other) const noexcept {
  int const whole = length / 8;
  if (!std::equal(address.begin(), address.begin() + whole, other.address.begin())) return false;
  auto const place = static_cast<std::size_t>(whole);
  return length % 8 == 0 || ((address.at(place) ^ other.address.at(place)) >> (8 - length % 8)) == 0;
}

std::optional<Network> network_of(std::string_view text) {
  auto const slash = text.find('/');
  std::string const address{text.substr(0, std::min(slash, text.find('%')))};
  Network network;
  auto* const bytes = network.address.data();
  bool const is_4 = ::inet_pton(AF_INET, address.c_str(), bytes + 12) == 1;
  if (is_4) {
    bytes[10] = bytes[11] = 255;
  } else if (::inet_pton(AF_INET6, address.c_str(), bytes) != 1) {
    return {};
  }
  if (slash == text.npos) return network;
  int const most = is_4 ? 32 : 128;
  auto const* const end = text.data() + text.size();
  auto const [last, error] = std::from_chars(text.data() + slash + 1, end, network.length);
  if (error != std::errc{} || last != end || network.length < 0 || network.length > most) return {};
  network.length += 128 - most;
  return network;
}

AllowedPeers::AllowedPeers(Setting const& setting) : shown_(setting.value), loopback_(false) {
  std::string_view rest = setting.value;
  while (true) {
    rest.remove_prefix(std::min(rest.find_first_not_of(separators), rest.size()));
    if (rest.empty()) break;
    std::string_view const word = rest.substr(0, rest.find_first_of(separators));
    rest.remove_prefix(word.size());
    if (word == "any") {
      any_ = true;
    } else if (word == "loopback") {
      loopback_ = true;
    } else if (auto const network = network_of(word)) {
      networks_.push_back(*network);
    } else {
      throw SettingsError{joined({setting.source, ": page.allow: '", word,
                                  "' is no address - write loopback, any, or addresses "
                                  "and networks such as 10.0.0.7, 10.0.0.0/8 or fd00::/8"})};
    }
  }
}

std::optional<std::string> AllowedPeers::refusal(Request const& request) const {
  if (any_) return {};
  std::string_view const peer = request.peer();
  std::string const setting = "page.allow is '" + shown_ + "', and the request ";
  auto const client = network_of(peer);
  if (peer.empty())
    return setting + "came over a UNIX socket, where nobody has an address: only page.allow = any lets it pass\n";
  if (client && std::ranges::any_of(networks_, [&](Network const& network) { return network.has(*client); })) return {};
  if (!client || !loopback_ || !is_loopback(*client))
    return joined({setting, "came from ", peer, ": add this address, or its network, to page.allow to let it pass\n"});
  std::string_view const to_let_it = ": to leave it to the proxy who sees this page, add the proxy's address, ";
  if (auto const header = forwarding_header(request); !header.empty())
    return joined({setting, "was forwarded, as its header ", header, " says", to_let_it, peer, ", to page.allow\n"});
  if (std::string_view const host = host_of(request.header("Host")); !names_loopback(host))
    return joined({setting, "asks for the host '", host, "', which is no name of this machine's own", to_let_it, peer,
                   ", to page.allow\n"});
  return {};
}

}  // namespace forksafe
