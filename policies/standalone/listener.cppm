// SPDX-License-Identifier: MIT
export module forksafe.standalone.binding:listener;

import forksafe.std;

namespace forksafe::standalone {

/// The server could not start; what() names the cause and the cure.
class StartError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A listening socket that master and workers share, and the address that it got.
struct Listener {
  int descriptor = -1;
  int family = 0;
  std::string address{};
};

/// Throws StartError.
[[nodiscard]] Listener listen_on(std::string_view address);

}  // namespace forksafe::standalone
