// SPDX-License-Identifier: MIT
module;
#include <arpa/inet.h>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>
#include <unistd.h>
module forksafe.audit;

import forksafe.base;
import forksafe.policy;
import forksafe.std.operators;

namespace forksafe {
namespace {

int option(int socket, int name) noexcept {
  int value = -1;
  socklen_t size = sizeof value;
  return ::getsockopt(socket, SOL_SOCKET, name, &value, &size) == 0 ? value : -1;
}

/// Returns an address as people write it; empty if there is none.
std::string format_address(sockaddr_storage const& address, socklen_t size) {
  char text[INET6_ADDRSTRLEN]{};
  if (address.ss_family == AF_INET) {
    auto const& inet = reinterpret_cast<sockaddr_in const&>(address);
    if (inet.sin_port == 0) return {};
    return base::concat(::inet_ntop(AF_INET, &inet.sin_addr, text, sizeof text), ":", ntohs(inet.sin_port));
  }
  if (address.ss_family == AF_INET6) {
    auto const& inet = reinterpret_cast<sockaddr_in6 const&>(address);
    if (inet.sin6_port == 0) return {};
    ::inet_ntop(AF_INET6, &inet.sin6_addr, text, sizeof text);
    return base::concat("[", text, "]:", ntohs(inet.sin6_port));
  }
  if (address.ss_family != AF_UNIX || size <= offsetof(sockaddr_un, sun_path)) return {};
  std::string path{reinterpret_cast<sockaddr_un const&>(address).sun_path, size - offsetof(sockaddr_un, sun_path)};
  bool const abstract = path.front() == '\0';
  path = (abstract ? "@" : "") + std::string{path.c_str() + abstract};
  return path;
}

std::string name_of(int socket, int (*ask)(int, sockaddr*, socklen_t*)) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (ask(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) return {};
  return format_address(address, size);
}

bool connected(int socket) noexcept {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  return ::getpeername(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0;
}

bool is_ancestor(pid_t process, Inventory const& inventory) {
  if (process == inventory.process || process == ::getpid()) return true;
  for (pid_t ancestor = ::getppid(); ancestor > 1;) {
    if (ancestor == process) return true;
    std::string const status = base::read_proc("/proc/" + std::to_string(ancestor) + "/status");
    auto const line = status.find("\nPPid:");
    if (line == std::string::npos) return false;
    ancestor = std::atoi(status.c_str() + line + 6);
  }
  return false;
}

bool is_system_service(std::string_view path) noexcept {
  for (std::string_view const known :
       {"/run/systemd/", "/dev/log", "/run/dbus/", "/var/run/dbus/", "/run/nscd/", "/var/run/nscd/", "/var/lib/sss/"})
    if (path.starts_with(known)) return true;
  return false;
}

Classified local_socket(SeenDescriptor const& seen, Inventory const& inventory) {
  std::string const own = name_of(seen.number, ::getsockname), path = name_of(seen.number, ::getpeername);
  if (is_system_service(path)) return {DescriptorKind::system_service, Severity::info, path, own, path};
  if (!connected(seen.number)) return {DescriptorKind::idle_socket, Severity::info, own, own};
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(seen.number, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) peer.pid = 0;
  std::string const from = base::concat(path, path.empty() ? "" : ", ", "peer is process ", peer.pid);
  if (is_ancestor(peer.pid, inventory)) return {DescriptorKind::family_socket, Severity::info, from, own, path};
  return {DescriptorKind::connected_local, Severity::error, from, own, path};
}

}  // namespace

Classified classify_socket(SeenDescriptor const& seen, Inventory const& inventory) {
  if (option(seen.number, SO_ACCEPTCONN) == 1) return {DescriptorKind::listening, Severity::info, {}};
  switch (option(seen.number, SO_DOMAIN)) {
    case AF_UNIX: return local_socket(seen, inventory);
    case AF_NETLINK: return {DescriptorKind::netlink, Severity::error, {}};
    case AF_PACKET: return {DescriptorKind::packet, Severity::error, {}};
    default: break;
  }
  std::string const own = name_of(seen.number, ::getsockname), peer = name_of(seen.number, ::getpeername);
  std::string const type = option(seen.number, SO_TYPE) == SOCK_DGRAM ? "UDP " : "";
  if (connected(seen.number)) return {DescriptorKind::connected_inet, Severity::error, type + own + " to " + peer, own, peer};
  if (!own.empty() && option(seen.number, SO_TYPE) == SOCK_DGRAM)
    return {DescriptorKind::bound_datagram, Severity::warning, type + own, own};
  return {DescriptorKind::idle_socket, Severity::info, own, own};
}

}  // namespace forksafe
