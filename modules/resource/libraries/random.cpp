// SPDX-License-Identifier: MIT
module;
#include <cerrno>
#include <sys/random.h>
module forksafe.resource.random;

import forksafe.std.operators;

namespace forksafe {

SystemSeed::result_type SystemSeed::word() {
  result_type word;
  while (::getrandom(&word, sizeof word, 0) != sizeof word)
    if (errno != EINTR) throw std::system_error{errno, std::generic_category(), "getrandom"};
  return word;
}

}  // namespace forksafe
