// SPDX-License-Identifier: MIT
module;
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
export module forksafe.audit:kind;

import :finding;

export namespace forksafe {

/// What is behind a descriptor, as far as a fork cares.
enum class DescriptorKind : std::uint8_t {
  listening,
  connected_inet,
  bound_datagram,
  idle_socket,
  connected_local,
  family_socket,
  system_service,
  netlink,
  packet,
  epoll,
  event,
  timer,
  signal,
  inotify,
  ring,
  pipe,
  memory,
  appended_file,
  written_file,
  read_file,
  locked_file,
  locked_database,
  described_lock,
  direct_file,
  directory,
  plain_device,
  exclusive_device,
  other_device,
  watcher,
  process,
  other,
};

/// What it means that parent and child have it open.
struct DescriptorRule {
  DescriptorKind kind{};
  /// Nothing to tell.
  bool silent = false;
  Severity severity = Severity::info;
  std::string_view name{};
  std::string_view why{};
  std::string_view repair{};
};

/// A descriptor or thread that a host makes for itself, also while it runs, and keeps in its children.
struct HostDescriptor {
  DescriptorKind kind{};
  /// How its path begins; empty for any.
  std::string_view path{};
  /// Status flags (open(2)) that it has.
  int flags = 0;
  std::string_view reason{};
};
struct HostThread {
  std::string_view name{};
  std::string_view reason{};
};

/// What is a host's own, so that the audit says nothing of it but the reason. Belongs to the host's policy.
struct HostProfile {
  /// The file name of its program or of the script that an interpreter runs.
  std::string_view program{};
  std::span<HostDescriptor const> descriptors{};
  std::span<HostThread const> threads{};
  /// Why a child may keep the socket pairs that the program itself makes, whenever that is; empty if it makes none. Those
  /// of libraries and of the application are not the host's.
  std::string_view socket_pairs{};
};

}  // namespace forksafe

namespace forksafe {

DescriptorRule const& rule_of(DescriptorKind kind) noexcept;

}  // namespace forksafe
