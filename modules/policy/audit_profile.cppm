// SPDX-License-Identifier: MIT
export module forksafe.policy:audit_profile;

import forksafe.std;

export namespace forksafe {

/// The kinds of files a descriptor may stand for, as far as a fork cares.
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

/// A descriptor or thread that a container makes for itself, also while it runs, and keeps in its children.
struct ContainerDescriptor {
  DescriptorKind kind{};
  /// The begin of its path; empty for any.
  std::string_view path{};
  /// Status flags (open(2)) that it must have.
  int flags = 0;
  std::string_view reason{};
};
struct ContainerThread {
  std::string_view name{};
  std::string_view reason{};
};

/// The container's own descriptors and threads, of which the audit reports nothing but the reason. Belongs to its policy.
struct AuditProfile {
  /// The file name of its program or of the script that an interpreter runs.
  std::string_view program{};
  std::span<ContainerDescriptor const> descriptors{};
  std::span<ContainerThread const> threads{};
  /// The reason why a child may keep the socket pairs that the program itself makes at any time; empty if it makes none. Those
  /// of libraries and of the application are not the container's.
  std::string_view socket_pairs{};
};

}  // namespace forksafe
