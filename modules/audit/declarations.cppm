// SPDX-License-Identifier: MIT
module;
#include <cstdio>
#include <sys/types.h>
export module forksafe.audit:declarations;

import :declare;
import forksafe.std;

namespace forksafe {

enum class DeclarationKind : std::uint8_t { shared, owned, mutex, rwlock, condition, generator, stream };

/// One declaration.
struct DeclarationRecord {
  DeclarationKind kind{};
  /// Reason, owner or name.
  std::string text{};
  int descriptor = -1;
  dev_t device{};
  ino_t inode{};
  /// As in SeenDescriptor.
  std::uint64_t identity = 0;
  /// The lock, generator or stream.
  void const* object = nullptr;
  DrawCopy draw = nullptr;
  SeededIn seeded_in = nullptr;
  DeclarationRecord* next = nullptr;
};

/// Returns a copy of what is declared now.
std::vector<DeclarationRecord> declarations();

}  // namespace forksafe
