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

/// What `10.0.0.0/8`, `::1` or `127.0.0.1` says; nothing if it is no address.
[[nodiscard]] std::optional<Network> network_of(std::string_view text);

/// Who may see the page.
class AllowedPeers {
 public:
  /// Only this machine.
  AllowedPeers() = default;
  /// Throws SettingsError.
  explicit AllowedPeers(Setting const& setting);

  /// Why the request is refused, and what to do; nothing if it is not.
  [[nodiscard]] std::optional<std::string> refusal(Request const& request) const;

 private:
  std::string shown_{"loopback"};
  bool any_ = false;
  bool loopback_ = true;
  std::vector<Network> networks_{};
};

}  // namespace forksafe
