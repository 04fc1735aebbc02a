// SPDX-License-Identifier: MIT
// Replaces the allocation and locking functions of the C library, and counts the calls of one emit to all subscribers.
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <dlfcn.h>
#include <mutex>
#include <pthread.h>
#include <string>

import forksafe;
import subscribers;

extern template void subscribers::Ours::call_subscribers<subscribers::Event>(subscribers::Event const&) noexcept;

namespace {

constinit long allocations = 0;
constinit long locks = 0;

template <class Object>
int counted_lock(char const* name, Object* object) {
  ++locks;
  auto* const next = reinterpret_cast<int (*)(Object*)>(::dlsym(RTLD_NEXT, name));
  return next(object);
}

}  // namespace

extern "C" {

void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);

void* malloc(std::size_t size) noexcept {
  ++allocations;
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) noexcept {
  ++allocations;
  return __libc_calloc(count, size);
}
void* realloc(void* old, std::size_t size) noexcept {
  ++allocations;
  return __libc_realloc(old, size);
}
void* memalign(std::size_t alignment, std::size_t size) noexcept {
  ++allocations;
  return __libc_memalign(alignment, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
  ++allocations;
  return __libc_memalign(alignment, size);
}
int posix_memalign(void** result, std::size_t alignment, std::size_t size) noexcept {
  ++allocations;
  *result = __libc_memalign(alignment, size);
  return *result == nullptr ? ENOMEM : 0;
}

int pthread_mutex_lock(pthread_mutex_t* mutex) noexcept { return counted_lock("pthread_mutex_lock", mutex); }
int pthread_mutex_trylock(pthread_mutex_t* mutex) noexcept { return counted_lock("pthread_mutex_trylock", mutex); }
int pthread_rwlock_rdlock(pthread_rwlock_t* lock) noexcept { return counted_lock("pthread_rwlock_rdlock", lock); }
int pthread_rwlock_wrlock(pthread_rwlock_t* lock) noexcept { return counted_lock("pthread_rwlock_wrlock", lock); }
int pthread_spin_lock(pthread_spinlock_t* lock) noexcept { return counted_lock("pthread_spin_lock", lock); }

}  // extern "C"

int main() {
  auto& application = *new subscribers::Ours{"bench"};
  subscribers::Event const event{};

  long const allocations_before = allocations;
  long const locks_before = locks;
  application.call_subscribers(event);
  long const allocated = allocations - allocations_before;
  long const locked = locks - locks_before;
  std::printf("%ld %ld\n", allocated, locked);

  // A call that must count: zeros prove nothing unless the counters work.
  std::string const counted(1000, ' ');
  std::mutex mutex;
  mutex.lock();
  mutex.unlock();
  if (allocations == allocations_before || locks == locks_before) {
    std::fputs("the counters do not count\n", stderr);
    return 2;
  }
  return allocated == 0 && locked == 0 ? 0 : 1;
}
