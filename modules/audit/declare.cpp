// SPDX-License-Identifier: MIT
module;
#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
module forksafe.audit;

import forksafe.generation;
import forksafe.std.operators;

namespace forksafe {
namespace {

constinit DeclarationRecord* newest = nullptr;
/// The process generation that changes the list now; 0 if none does.
constinit std::atomic<std::uint64_t> changing{0};
constinit std::atomic<unsigned> marked{0};

/// A lock that a child takes over if its holder was left behind: each change of the list is one store, so a fork finds
/// it whole at any time.
class ListLock {
 public:
  ListLock() noexcept {
    std::uint64_t const here = generation();
    for (std::uint64_t holder = 0; !changing.compare_exchange_weak(holder, here, std::memory_order_acquire);) {
      if (holder == here) {
        ::sched_yield();
        holder = 0;
      }
    }
  }
  ListLock(ListLock const&) = delete;
  ListLock& operator=(ListLock const&) = delete;
  ~ListLock() { changing.store(0, std::memory_order_release); }
};

Declaration declared(DeclarationRecord record) {
  auto owner = std::make_unique<DeclarationRecord>(std::move(record));
  ListLock const lock;
  owner->next = newest;
  newest = owner.get();
  return Declaration{owner.release()};
}

/// The kernel gives all epoll instances one inode and no number, and so with timerfds and signalfds. The mark is the signal
/// that the open file would send, if it ever sent one.
void mark(SeenDescriptor& seen) noexcept {
  if (!can_be_marked(seen.link) || seen.identity != 0) return;
  int const own = SIGRTMIN + static_cast<int>(marked.fetch_add(1) % static_cast<unsigned>(SIGRTMAX - SIGRTMIN + 1));
  if (::fcntl(seen.number, F_SETSIG, own) == 0) seen.identity = static_cast<std::uint64_t>(own);
}

Declaration declared(DeclarationKind kind, int descriptor, std::string_view text) {
  SeenDescriptor seen = look_at(descriptor);
  mark(seen);
  return declared({.kind = kind,
                   .text = std::string{text},
                   .descriptor = descriptor,
                   .device = seen.device,
                   .inode = seen.inode,
                   .identity = seen.identity});
}

Declaration declared(DeclarationKind kind, void const* object, std::string_view name) {
  return declared({.kind = kind, .text = std::string{name}, .object = object});
}

}  // namespace

Declaration::~Declaration() {
  if (record_ == nullptr) return;
  std::unique_ptr<DeclarationRecord> const owner{record_};
  ListLock const lock;
  DeclarationRecord** link = &newest;
  while (*link != record_) link = &(*link)->next;
  *link = record_->next;
}

Declaration declare_shared(int descriptor, std::string_view reason) {
  return declared(DeclarationKind::shared, descriptor, reason);
}
Declaration own_descriptor(int descriptor, std::string_view owner) {
  return declared(DeclarationKind::owned, descriptor, owner);
}
Declaration watch_lock(std::string_view name, pthread_mutex_t const& lock) {
  return declared(DeclarationKind::mutex, &lock, name);
}
Declaration watch_lock(std::string_view name, pthread_rwlock_t const& lock) {
  return declared(DeclarationKind::rwlock, &lock, name);
}
Declaration watch_lock(std::string_view name, pthread_cond_t const& condition) {
  return declared(DeclarationKind::condition, &condition, name);
}
Declaration watch_stream(std::FILE* stream, std::string_view name) { return declared(DeclarationKind::stream, stream, name); }

Declaration watch_generator(std::string_view name, void const* generator, DrawCopy draw, SeededIn seeded_in) {
  return declared({.kind = DeclarationKind::generator,
                   .text = std::string{name},
                   .object = generator,
                   .draw = draw,
                   .seeded_in = seeded_in});
}

std::vector<DeclarationRecord> declarations() {
  std::vector<DeclarationRecord> copies;
  ListLock const lock;
  for (DeclarationRecord const* record = newest; record != nullptr; record = record->next) copies.push_back(*record);
  return copies;
}

}  // namespace forksafe
