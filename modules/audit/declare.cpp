// SPDX-License-Identifier: MIT
module;
#include <atomic>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <fcntl.h>
#include <memory>
#include <pthread.h>
#include <sched.h>
#include <string>
#include <string_view>
#include <utility>
#include <vector>
module forksafe.audit;

import forksafe.generation;

namespace forksafe {
namespace {

constinit Note* newest = nullptr;
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

Declaration declared(Note note) {
  auto owner = std::make_unique<Note>(std::move(note));
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

Declaration declared(NoteKind kind, int descriptor, std::string_view text) {
  SeenDescriptor seen = look_at(descriptor);
  mark(seen);
  return declared({.kind = kind,
                   .text = std::string{text},
                   .descriptor = descriptor,
                   .device = seen.device,
                   .inode = seen.inode,
                   .identity = seen.identity});
}

Declaration declared(NoteKind kind, void const* object, std::string_view name) {
  return declared({.kind = kind, .text = std::string{name}, .object = object});
}

}  // namespace

Declaration::~Declaration() {
  if (note_ == nullptr) return;
  std::unique_ptr<Note> const owner{note_};
  ListLock const lock;
  Note** link = &newest;
  while (*link != note_) link = &(*link)->next;
  *link = note_->next;
}

Declaration declare_shared(int descriptor, std::string_view reason) { return declared(NoteKind::shared, descriptor, reason); }
Declaration own_descriptor(int descriptor, std::string_view owner) { return declared(NoteKind::owned, descriptor, owner); }
Declaration watch_lock(std::string_view name, pthread_mutex_t const& lock) { return declared(NoteKind::mutex, &lock, name); }
Declaration watch_lock(std::string_view name, pthread_rwlock_t const& lock) { return declared(NoteKind::rwlock, &lock, name); }
Declaration watch_lock(std::string_view name, pthread_cond_t const& condition) {
  return declared(NoteKind::condition, &condition, name);
}
Declaration watch_stream(std::FILE* stream, std::string_view name) { return declared(NoteKind::stream, stream, name); }

Declaration watch_generator(std::string_view name, void const* generator, DrawCopy draw, SeededIn seeded_in) {
  return declared(
      {.kind = NoteKind::generator, .text = std::string{name}, .object = generator, .draw = draw, .seeded_in = seeded_in});
}

std::vector<Note> notes() {
  std::vector<Note> copies;
  ListLock const lock;
  for (Note const* note = newest; note != nullptr; note = note->next) copies.push_back(*note);
  return copies;
}

}  // namespace forksafe
