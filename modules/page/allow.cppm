// SPDX-License-Identifier: MIT
export module forksafe.page:allow;

import forksafe;
import forksafe.std;

namespace forksafe {

/// Addresses that begin alike. IPv4 is the part ::ffff:0:0/96 of IPv6, as a socket for both sees it.
struct Network {
  std::array<unsigned char, 16> address{};
  /// How many bits count.
  int length = 128;

  [[nodiscard]] bool has(Network const& other) const noexcept;
};

/// Parses `10.0.0.0/8`, `::1` or `127.0.0.1`; returns nothing for any other text.
[[nodiscard]] std::optional<Network> parse_network(std::string_view text);

/// Returns the host that `host`, `host:port`, `127.0.0.1:port` or `[::1]:port` names, without port and brackets; nothing for
/// any other text.
[[nodiscard]] std::optional<std::string_view> parse_host(std::string_view authority);

/// Returns the name of the header by which a request says that a proxy forwarded it, whatever the header's value; empty if
/// there is none.
[[nodiscard]] std::string_view forwarding_header(Request const& request);

/// The peers that may see the page.
class AllowedPeers {
 public:
  /// Allows only this machine.
  AllowedPeers() = default;
  /// Reads `page.allow` and `page.host`, null where they are not set. Throws SettingsError.
  AllowedPeers(Setting const* peers, Setting const* hosts);

  /// Returns why the request is refused, and what to do; nothing if it is allowed.
  [[nodiscard]] std::optional<std::string> refusal(Request const& request) const;

 private:
  void read_peers(Setting const& setting);
  void read_hosts(Setting const& setting);
  /// Returns what is wrong with the hosts that a request asks for; nothing if each is one that the page has.
  [[nodiscard]] std::optional<std::string> find_host_fault(Request const& request, bool only_loopback) const;
  [[nodiscard]] bool is_own(std::string_view authority, bool only_loopback) const;

  std::string shown_{"loopback"};
  bool any_ = false;
  bool loopback_ = true;
  std::vector<Network> networks_{};
  std::vector<std::string> hosts_{};
};

}  // namespace forksafe
