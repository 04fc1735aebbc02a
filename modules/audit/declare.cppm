// SPDX-License-Identifier: MIT
module;
#include <cstdio>
#include <cstring>
#include <pthread.h>
export module forksafe.audit:declare;

import forksafe.std;

namespace forksafe {

struct DeclarationRecord;

}  // namespace forksafe

export namespace forksafe {

/// Something that the audit knows of until this handle is destroyed. Each child has its own copy.
class [[nodiscard]] Declaration {
 public:
  Declaration() noexcept = default;
  explicit Declaration(DeclarationRecord* record) noexcept : record_(record) {}
  Declaration(Declaration&& other) noexcept : record_(std::exchange(other.record_, nullptr)) {}
  Declaration& operator=(Declaration&& other) noexcept {
    std::swap(record_, other.record_);
    return *this;
  }
  ~Declaration();

  /// Makes the declaration permanent: the handle may be dropped.
  void detach() && noexcept { record_ = nullptr; }

 private:
  DeclarationRecord* record_ = nullptr;
};

// All of these copy their texts, throw std::bad_alloc only, and are callable from any thread, not from a fork handler.

/// Declares that the open file behind `descriptor` is shared with children on purpose: the audit does not report it. The
/// declaration covers the file, not the number: a file opened later under the same number is another one. An epoll instance,
/// timerfd or signalfd, which the kernel gives nothing to tell it by, is marked by F_SETSIG, which has no other effect on it.
/// An inotify instance, or another file that has neither, cannot be told from one that takes over its number.
Declaration declare_shared(int descriptor, std::string_view reason);

/// Names the owner of the descriptor in the audit's report. An untagged descriptor is reported, too.
Declaration own_descriptor(int descriptor, std::string_view owner);

/// Watches a lock that a child must not find held by a thread that it does not have. The audit reads the holder from the lock
/// itself, without taking it, on glibc (2.25 or later, x86-64 and AArch64); elsewhere it reports nothing about the lock. The
/// lock must stay where it is until the declaration ends.
Declaration watch_lock(std::string_view name, pthread_mutex_t const& lock);
Declaration watch_lock(std::string_view name, pthread_rwlock_t const& lock);
/// Watches a condition variable: one that a thread waits for at a fork hangs in the child, at the latest in its destructor.
Declaration watch_lock(std::string_view name, pthread_cond_t const& condition);

Declaration watch_lock(std::string_view name, std::mutex& lock) { return watch_lock(name, *lock.native_handle()); }
Declaration watch_lock(std::string_view name, std::recursive_mutex& lock) { return watch_lock(name, *lock.native_handle()); }
/// libstdc++ gives it out as void*.
Declaration watch_lock(std::string_view name, std::shared_mutex& lock) {
  return watch_lock(name, *static_cast<pthread_rwlock_t*>(lock.native_handle()));
}
Declaration watch_lock(std::string_view name, std::condition_variable& condition) {
  return watch_lock(name, *condition.native_handle());
}

/// Returns what a generator would give next: 16 bytes, drawn from a copy so that the generator itself does not advance.
using DrawCopy = void (*)(void const* generator, std::span<std::byte, 16> drawn);
/// Returns the process generation in which the generator was last seeded.
using SeededIn = std::uint64_t (*)(void const* generator);

/// Watches a random number generator whose state no two processes may share. Either function may be absent: with `draw`, equal
/// numbers in parent and child prove it; with `seeded_in`, a seed that is older than the process.
Declaration watch_generator(std::string_view name, void const* generator, DrawCopy draw, SeededIn seeded_in = nullptr);

/// Watches any engine of <random>, or a type like them.
template <class Engine>
  requires requires(Engine engine) { engine(); }
Declaration watch_generator(std::string_view name, Engine const& engine) {
  return watch_generator(name, &engine, [](void const* generator, std::span<std::byte, 16> drawn) {
    Engine copy = *static_cast<Engine const*>(generator);
    for (std::size_t filled = 0; filled < drawn.size();) {
      auto const number = copy();
      std::size_t const size = sizeof number < drawn.size() - filled ? sizeof number : drawn.size() - filled;
      std::memcpy(drawn.data() + filled, &number, size);
      filled += size;
    }
  });
}

/// Watches a stream whose buffer must be empty at a fork, or each process writes it. stdout and stderr are always watched.
Declaration watch_stream(std::FILE* stream, std::string_view name);

}  // namespace forksafe
