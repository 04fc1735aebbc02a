// SPDX-License-Identifier: MIT
module;
#include <pthread.h>
module forksafe.audit;

import forksafe.std.operators;

namespace forksafe {

#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 25) && (defined(__x86_64__) || defined(__aarch64__))

// The members of pthread_mutex_t, pthread_rwlock_t and pthread_cond_t of glibc, sysdeps/nptl/bits/struct_*.h: unchanged
// since 2.25. __wrefs counts the waiters in eighths of its unit.
std::uint32_t read_holder(DeclarationRecord const& declaration) noexcept {
  switch (declaration.kind) {
    case DeclarationKind::mutex: {
      auto const& lock = static_cast<pthread_mutex_t const*>(declaration.object)->__data;
      return lock.__lock == 0 ? 0 : static_cast<std::uint32_t>(lock.__owner);
    }
    case DeclarationKind::rwlock:
      return static_cast<std::uint32_t>(static_cast<pthread_rwlock_t const*>(declaration.object)->__data.__cur_writer);
    case DeclarationKind::condition: return static_cast<pthread_cond_t const*>(declaration.object)->__data.__wrefs >> 3;
    case DeclarationKind::shared:
    case DeclarationKind::owned:
    case DeclarationKind::generator:
    case DeclarationKind::stream: break;
  }
  return 0;
}

bool knows_its_owner(DeclarationRecord const& declaration) noexcept {
  if (declaration.kind == DeclarationKind::rwlock) return true;
  return declaration.kind == DeclarationKind::mutex &&
         (static_cast<pthread_mutex_t const*>(declaration.object)->__data.__kind & 3) != PTHREAD_MUTEX_TIMED_NP;
}

#else

std::uint32_t read_holder(DeclarationRecord const&) noexcept { return 0; }
bool knows_its_owner(DeclarationRecord const&) noexcept { return false; }

#endif

std::size_t size_of(DeclarationKind kind) noexcept {
  switch (kind) {
    case DeclarationKind::mutex: return sizeof(pthread_mutex_t);
    case DeclarationKind::rwlock: return sizeof(pthread_rwlock_t);
    case DeclarationKind::condition: return sizeof(pthread_cond_t);
    case DeclarationKind::shared:
    case DeclarationKind::owned:
    case DeclarationKind::generator:
    case DeclarationKind::stream: break;
  }
  return 0;
}

}  // namespace forksafe
