// SPDX-License-Identifier: MIT
module;
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>
export module forksafe.audit:inventory;

import :kind;
import :notes;

namespace forksafe {

struct SeenThread {
  pid_t id = 0;
  std::string name;
  /// What it is doing, as in `waits in futex_wait_queue`; empty where the kernel doesn't tell.
  std::string doing;
  /// The word of the futex that it waits for.
  std::uintptr_t waits_for = 0;
};

struct SeenDescriptor {
  int number = -1;
  mode_t mode = 0;
  dev_t device{};
  dev_t special{};
  ino_t inode{};
  int flags = 0;
  off_t offset = 0;
  /// SO_COOKIE of sockets, the number of an eventfd: tells apart what has one inode.
  std::uint64_t identity = 0;
  /// Empty for sockets and pipes, of which the inode tells all.
  std::string link;
  bool locked_by_process = false;
  bool locked_by_file = false;
};

struct SeenStream {
  std::string name;
  std::size_t pending = 0;
};

/// A declaration and what it stood for before the fork.
struct SeenNote {
  Note note;
  std::uint32_t holder = 0;
  std::array<std::byte, 16> drawn{};
};

/// What a process had before a fork.
struct Inventory {
  std::uint64_t generation = 0;
  std::uint64_t unannounced = 0;
  pid_t process = 0;
  pid_t forking_thread = 0;
  std::vector<SeenThread> threads;
  std::vector<SeenDescriptor> descriptors;
  std::vector<SeenNote> notes;
  std::vector<SeenStream> streams;
};

}  // namespace forksafe

export namespace forksafe {

/// The content of a file of /proc, cut off at `limit` bytes; empty if it can't be read.
std::string read_proc(std::string_view path, std::size_t limit = 4096);

}  // namespace forksafe

namespace forksafe {

/// All threads of this process but the calling one, those of the kernel and those that are ending.
std::vector<SeenThread> other_threads();
bool has_thread(pid_t thread) noexcept;

/// All descriptors of this process.
std::vector<SeenDescriptor> open_descriptors();
SeenDescriptor look_at(int number);

/// Whom a lock belongs to, or how many wait for a condition; 0 for nobody, and where the layout is not known.
std::uint32_t holder_of(Note const& note) noexcept;
/// Whether only the thread that took it can unlock it.
bool knows_its_owner(Note const& note) noexcept;
std::size_t size_of(NoteKind kind) noexcept;

Inventory take_inventory();

/// What is behind a descriptor of this process, which was seen in the parent as `before`.
struct Classified {
  DescriptorKind kind{};
  Severity severity{};
  std::string where_from;
};
Classified classify(SeenDescriptor const& before, Inventory const& inventory);

/// Whether the descriptor still is the open file that the parent had: false if the child closed or replaced it.
bool still_shared(SeenDescriptor const& before, Inventory const& inventory);

}  // namespace forksafe
