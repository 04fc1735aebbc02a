// SPDX-License-Identifier: MIT
module;
#include <cerrno>
#include <cstring>
#include <netdb.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
module forksafe.standalone.binding;

import forksafe.base;
import forksafe.std.operators;

namespace forksafe::standalone {
namespace {

constexpr std::string_view how_to_write = "write HOST:PORT, as in 127.0.0.1:8000, or [ADDRESS]:PORT for IPv6, as in [::1]:8000";

struct Place {
  std::string host;
  std::string port;
};

Place parse_address(std::string_view address) {
  auto const colon = address.rfind(':');
  if (colon == address.npos) throw StartError{base::concat("--bind ", address, ": no port - ", how_to_write)};
  std::string_view host = address.substr(0, colon);
  std::string_view const port = address.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != host.npos) {
    throw StartError{base::concat("--bind ", address, ": an IPv6 address without brackets - ", how_to_write)};
  }
  bool const is_number = !port.empty() && port.size() <= 5 && port.find_first_not_of("0123456789") == port.npos;
  if (!is_number || std::stoi(std::string{port}) > 65'535)
    throw StartError{base::concat("--bind ", address, ": '", port, "' is not a port - choose a number from 0 to 65535")};
  if (host.empty())
    throw StartError{base::concat("--bind ", address, ": no host - write 0.0.0.0", address, " for every network")};
  return {std::string{host}, std::string{port}};
}

std::string cure_of(int error) {
  switch (error) {
    case EADDRINUSE: return "another server is running there: stop it, or choose another address with --bind";
    case EACCES: return "ports below 1024 are for root and holders of CAP_NET_BIND_SERVICE: choose a higher one with --bind";
    case EADDRNOTAVAIL: return "this machine has no such address: choose one of its own with --bind, or 0.0.0.0 for all";
    case EAFNOSUPPORT: return "this machine has no network of that kind: choose another address with --bind";
    case EMFILE: return "this process may open too few descriptors: raise the limit with ulimit -n, to 64 at least";
    case ENFILE: return "the system has no descriptor left: end what holds too many, or raise fs.file-max";
    case ENOBUFS:
    case ENOMEM: return "the system has no memory for a socket: free some";
    case EPERM: return "a security policy forbids it: allow the server to listen there, or choose another address with --bind";
    default: return "choose another address with --bind";
  }
}

std::string printed(sockaddr_storage const& address, socklen_t size) {
  char host[NI_MAXHOST];
  char port[NI_MAXSERV];
  if (::getnameinfo(reinterpret_cast<sockaddr const*>(&address), size, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
    return "an unknown address";
  return address.ss_family == AF_INET6 ? base::concat("[", host, "]:", port) : base::concat(host, ":", port);
}

/// Whether the error means that the address is not one of this machine, so that the host's next address is tried. An address
/// that is in use ends the search: clients of the host would otherwise reach one server or the other.
bool is_elsewhere(int error) noexcept { return error == EADDRNOTAVAIL || error == EAFNOSUPPORT || error == EPROTONOSUPPORT; }

/// Returns the descriptor, or -1 with errno set.
int listening_socket(addrinfo const& address) noexcept {
  int const descriptor = ::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return -1;
  int const yes = 1;
  if (::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
      ::bind(descriptor, address.ai_addr, address.ai_addrlen) == 0 && ::listen(descriptor, SOMAXCONN) == 0)
    return descriptor;
  base::ErrnoGuard const kept_errno;
  ::close(descriptor);
  return -1;
}

}  // namespace

Listener listen_on(std::string_view address) {
  auto const [host, port] = parse_address(address);
  addrinfo hints{};
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (int const error = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &found); error != 0)
    throw StartError{base::concat("cannot listen on ", address, ": ", ::gai_strerror(error), " - ", how_to_write)};

  Listener listener{};
  int error = 0;
  for (addrinfo const* one = found; one != nullptr && listener.descriptor < 0; one = one->ai_next) {
    if (error != 0 && !is_elsewhere(error)) break;
    listener.family = one->ai_family;
    listener.descriptor = listening_socket(*one);
    error = errno;
  }
  ::freeaddrinfo(found);
  if (listener.descriptor < 0)
    throw StartError{base::concat("cannot listen on ", address, ": ", std::strerror(error), " - ", cure_of(error))};
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  ::getsockname(listener.descriptor, reinterpret_cast<sockaddr*>(&bound), &size);
  listener.address = printed(bound, size);
  return listener;
}

std::size_t connection_limit() noexcept {
  rlimit descriptors{};
  if (::getrlimit(RLIMIT_NOFILE, &descriptors) != 0) return 512;
  return std::clamp<std::size_t>(descriptors.rlim_cur / 2, 1, 16'384);
}

}  // namespace forksafe::standalone
