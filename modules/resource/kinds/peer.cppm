// SPDX-License-Identifier: MIT
export module forksafe.resource:peer;

import forksafe;
import forksafe.std;

export namespace forksafe {

/// Cuts this process off from what `descriptor` is connected to, without a word to the peer: afterwards a library can close its
/// handle, and any goodbye it tries to send fails.
///
/// Puts a stream socket that is connected to nothing under the number: reading and writing fail at once, neither waits nor
/// raises SIGPIPE, and epoll takes it, which refuses /dev/null. Where the child's own epoll set holds the descriptor, remove it
/// there first: the kernel cannot afterwards. Returns false where the system has no descriptor left; `descriptor` is closed
/// then, and its library's handle must be leaked. Does nothing for a negative number.
[[nodiscard]] bool detach_descriptor(int descriptor) noexcept;

/// Whether the peer has sent something on this socket that was not read yet. What is still under way cannot be seen.
[[nodiscard]] bool has_unread(int descriptor) noexcept;

/// The address of a peer, from a setting of the application. Read when it is asked for: the settings come later than traits.
class PeerSetting {
 public:
  /// For traits that know the address of their peer.
  PeerSetting() = default;
  PeerSetting(Registry const& registry, std::string_view key) : registry_(&registry), key_(key) {}

  /// Returns the setting. Throws std::runtime_error where there is none; `format` says what it should hold.
  [[nodiscard]] std::string required(std::string_view format) const;
  /// Returns the setting `key` + `suffix`, empty where there is none.
  [[nodiscard]] std::string optional(std::string_view suffix) const;

 private:
  Registry const* registry_ = nullptr;
  std::string key_;
};

}  // namespace forksafe
