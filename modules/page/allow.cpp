// SPDX-License-Identifier: MIT
module;
#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>
module forksafe.page;

import forksafe.base;

namespace ip = boost::asio::ip;

namespace forksafe {
namespace {

constexpr std::string_view separators = ", \t\r\n";

/// ::ffff:127.0.0.0/104 and ::1.
constexpr Network loopback_4{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 127}, 104};
constexpr Network loopback_6{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128};

bool is_loopback(Network const& peer) noexcept { return loopback_4.has(peer) || loopback_6.has(peer); }

/// Returns the network as a socket for both families sees the address; the interface that it may name does not count.
Network network(ip::address const& address, int length) {
  return {address.is_v4() ? ip::make_address_v6(ip::v4_mapped, address.to_v4()).to_bytes() : address.to_v6().to_bytes(),
          length};
}

/// Returns the next word of a setting that lists some; empty at its end.
std::string_view next_word(std::string_view& rest) noexcept {
  rest.remove_prefix(std::min(rest.find_first_not_of(separators), rest.size()));
  std::string_view const word = rest.substr(0, rest.find_first_of(separators));
  rest.remove_prefix(word.size());
  return word;
}

}  // namespace

bool Network::has(Network const& other) const noexcept {
  auto const begin = [this](Network const& one) {
    return ip::network_v6{ip::address_v6{one.address}, static_cast<unsigned short>(length)}.network();
  };
  return begin(*this) == begin(other);
}

std::optional<Network> parse_network(std::string_view text) {
  auto const slash = std::min(text.find('/'), text.size());
  // Asio reads up to a byte of zero, and of a length what an int holds.
  if (text.find('\0') != text.npos || text.size() - slash > std::string_view{"/128"}.size()) return {};
  boost::system::error_code error;
  if (slash == text.size()) {
    auto const host = ip::make_address(text, error);
    if (error) return {};
    return network(host, 128);
  }
  if (auto const of_4 = ip::make_network_v4(text, error); !error) return network(of_4.address(), 96 + of_4.prefix_length());
  if (auto const of_6 = ip::make_network_v6(text, error); !error) return network(of_6.address(), of_6.prefix_length());
  return {};
}

AllowedPeers::AllowedPeers(Setting const* peers, Setting const* hosts) {
  if (peers != nullptr) read_peers(*peers);
  if (hosts != nullptr) read_hosts(*hosts);
}

void AllowedPeers::read_peers(Setting const& setting) {
  shown_ = setting.value;
  loopback_ = false;
  std::string_view rest = setting.value;
  for (std::string_view word; !(word = next_word(rest)).empty();) {
    if (word == "any") {
      any_ = true;
    } else if (word == "loopback") {
      loopback_ = true;
    } else if (auto const network = parse_network(word)) {
      networks_.push_back(*network);
    } else {
      throw SettingsError{base::concat(setting.source, ": page.allow: '", word,
                                       "' is not an address - write loopback, any, or addresses "
                                       "and networks such as 10.0.0.7, 10.0.0.0/8 or fd00::/8")};
    }
  }
}

void AllowedPeers::read_hosts(Setting const& setting) {
  std::string_view rest = setting.value;
  for (std::string_view word; !(word = next_word(rest)).empty();) {
    if (parse_host(word) != word)
      throw SettingsError{base::concat(setting.source, ": page.host: '", word,
                                       "' is not a host - write names without port and path, such as shop.example")};
    hosts_.emplace_back(word);
  }
}

std::optional<std::string> AllowedPeers::refusal(Request const& request) const {
  if (any_) return {};
  std::string_view const peer = request.peer();
  std::string const setting = "page.allow is '" + shown_ + "', and the request ";
  auto const client = parse_network(peer);
  if (peer.empty())
    return setting + "came over a UNIX socket, where nobody has an address: only page.allow = any lets it pass\n";
  bool const is_listed = client && std::ranges::any_of(networks_, [&](Network const& network) { return network.has(*client); });
  if (!is_listed && (!client || !loopback_ || !is_loopback(*client)))
    return base::concat(setting, "came from ", peer, ": add this address, or its network, to page.allow to let it pass\n");
  if (!is_listed)
    if (auto const header = forwarding_header(request); !header.empty())
      return base::concat(setting, "was forwarded, as its header ", header,
                          " says: to leave it to the proxy who sees this page, add the proxy's address, ", peer,
                          ", to page.allow\n");
  if (auto const fault = find_host_fault(request, !is_listed))
    return base::concat(setting, *fault, ": ask for ", is_listed ? "an IP address" : "localhost or 127.0.0.1",
                        ", or add the name that it shall have to page.host\n");
  return {};
}

/// A page of the world that lets its name point to this server could otherwise read this one in an allowed browser. Such an
/// attack needs a name, for the browser takes the page of an address from that address only.
bool AllowedPeers::is_own(std::string_view authority, bool only_loopback) const {
  auto const host = parse_host(authority);
  if (!host) return false;
  auto const is_host = [&](std::string_view known) { return same_ignoring_case(known, *host); };
  if (is_host("localhost") || std::ranges::any_of(hosts_, is_host)) return true;
  auto const address = parse_network(*host);
  // A proxy on this machine that passes the host on, and says nothing of forwarding, shows by it that it is one.
  return address && (!only_loopback || is_loopback(*address));
}

std::optional<std::string> AllowedPeers::find_host_fault(Request const& request, bool only_loopback) const {
  auto const stranger = [](std::string_view host) {
    return base::concat("asks for the host '", host, "', which is none of the page's own");
  };
  int count = 0;
  for (HeaderView const& header : request.headers()) {
    if (!same_header(header.name, "Host")) continue;
    if (++count > 1) return "names its host more than once";
    if (!is_own(header.value, only_loopback)) return stranger(header.value);
  }
  if (count == 0) return "names no host";
  // Where the target names a host too, it is the one that counts (RFC 9112, 3.2.2), but not every proxy knows.
  auto const authority = parse_target(request.target()).authority;
  if (!authority.empty() && !is_own(authority, only_loopback)) return stranger(authority);
  return {};
}

}  // namespace forksafe
