// SPDX-License-Identifier: MIT
module;
#include <cstdio>
#include <poll.h>
module forksafe.standalone.binding;

// glibc lists the open streams by functions that no header declares. fflush(nullptr) is no alternative: it waits for each
// stream that another thread reads from, and meanwhile holds the lock that every fopen needs.
extern "C" {
[[gnu::weak]] void* _IO_iter_begin() noexcept;
[[gnu::weak]] void* _IO_iter_end() noexcept;
[[gnu::weak]] void* _IO_iter_next(void*) noexcept;
[[gnu::weak]] std::FILE* _IO_iter_file(void*) noexcept;
[[gnu::weak]] void _IO_list_lock() noexcept;
[[gnu::weak]] void _IO_list_unlock() noexcept;
}

namespace forksafe::standalone {
namespace {

void flush_at_once(std::FILE* stream) noexcept {
  if (::ftrylockfile(stream) != 0) return;
  pollfd target{::fileno_unlocked(stream), POLLOUT, 0};
  bool const would_wait = target.fd >= 0 && ::poll(&target, 1, 0) == 0;
  if (!would_wait) ::fflush_unlocked(stream);
  ::funlockfile(stream);
}

}  // namespace

void flush_streams() noexcept {
  bool const all_known = _IO_iter_begin != nullptr && _IO_iter_end != nullptr && _IO_iter_next != nullptr &&
                         _IO_iter_file != nullptr && _IO_list_lock != nullptr && _IO_list_unlock != nullptr;
  if (!all_known) {
    flush_at_once(stdout);
    flush_at_once(stderr);
    return;
  }
  _IO_list_lock();
  for (void* stream = _IO_iter_begin(); stream != _IO_iter_end(); stream = _IO_iter_next(stream))
    flush_at_once(_IO_iter_file(stream));
  _IO_list_unlock();
}

}  // namespace forksafe::standalone
