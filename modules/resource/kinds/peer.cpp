// SPDX-License-Identifier: MIT
module;
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>
module forksafe.resource;

import forksafe.std.operators;

namespace forksafe {

bool detach_descriptor(int descriptor) noexcept {
  if (descriptor < 0) return true;
  int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) {
    // The process may be at its limit, and then its own number is the free one.
    ::close(descriptor);
    socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket < 0 || socket == descriptor) return socket == descriptor;
  }
  bool const replaced = ::dup3(socket, descriptor, O_CLOEXEC) == descriptor;
  ::close(socket);
  return replaced;
}

bool has_unread(int descriptor) noexcept {
  char first;
  return ::recv(descriptor, &first, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

std::string PeerSetting::required(std::string_view format) const {
  std::string const text = optional({});
  if (!text.empty()) return text;
  throw std::runtime_error{registry_ == nullptr
                               ? "no address to connect to: construct the traits from the Registry, or declare `open`"
                               : "there is no setting '" + key_ + "': set it to " + std::string{format}};
}

std::string PeerSetting::optional(std::string_view suffix) const {
  if (registry_ == nullptr) return {};
  return std::string{registry_->settings().get(key_ + std::string{suffix}, {})};
}

}  // namespace forksafe
