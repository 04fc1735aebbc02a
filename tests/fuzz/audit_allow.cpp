// SPDX-License-Identifier: MIT
// The entries of FORKSAFE_AUDIT_ALLOW: each is understood, or refused with its name.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>

import forksafe.audit;

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  // The process keeps all entries that it has understood. A wrong entry at the end makes it drop them.
  constexpr int one_in = 256;
  static int count = 0;
  std::string entries{reinterpret_cast<char const*>(data), size};
  bool const kept = count++ % one_in == 0;
  if (!kept) entries += "\nnothing";
  try {
    forksafe::audit_allow(entries);
    if (!kept) {
      std::fprintf(stderr, "an entry without a kind was understood\n");
      std::abort();
    }
  } catch (std::invalid_argument const& error) {
    if (*error.what() == '\0') std::abort();
  }
  return 0;
}
