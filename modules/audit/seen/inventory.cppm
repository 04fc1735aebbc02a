// SPDX-License-Identifier: MIT
module;
#include <csignal>
#include <sys/time.h>
#include <sys/types.h>
export module forksafe.audit:inventory;

import :finding;
import :kind;
import :declarations;
import :proc;
import forksafe.std;

namespace forksafe {

struct SeenThread {
  pid_t id = 0;
  std::string name;
  /// What it is doing, as in `waits in futex_wait_queue`; empty where the kernel does not tell.
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
  /// SO_COOKIE of sockets, number of an eventfd, mark of a declared file: tells files apart that have one inode.
  std::uint64_t identity = 0;
  /// Empty for sockets and pipes, whose inode tells all.
  std::string link;
  bool locked_by_process = false;
  bool locked_by_file = false;
};

/// Memory that is shared with every process that maps the same file.
struct SeenMapping {
  std::uintptr_t begin = 0;
  std::uintptr_t end = 0;
  bool shared = false;
  bool writable = false;
  ino_t inode{};
  std::string path;
  /// Two letters each, as in Documentation/filesystems/proc.rst of Linux; only where smaps was read.
  std::string flags;

  [[nodiscard]] bool is(SeenMapping const& other) const noexcept {
    return begin == other.begin && inode == other.inode && path.compare(other.path) == 0;
  }
};

struct SeenStream {
  std::string name;
  std::size_t pending = 0;
};

/// A timer of setitimer(), and the signal that it sends.
struct IntervalTimer {
  __itimer_which timer;
  int signal;
};
inline constexpr IntervalTimer interval_timers[] = {
    {ITIMER_REAL, SIGALRM}, {ITIMER_VIRTUAL, SIGVTALRM}, {ITIMER_PROF, SIGPROF}};

/// How a process takes signals.
struct SeenSignals {
  /// The signals that the calling thread blocks.
  sigset_t blocked{};
  /// The handler that each interval timer calls again and again; 0 for one that does not run, or runs out once.
  std::array<std::uintptr_t, 3> ticking{};
};

/// A declaration and what it stood for before the fork.
struct SeenDeclaration {
  DeclarationRecord declaration;
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
  std::vector<SeenMapping> mappings;
  std::vector<SeenDeclaration> declarations;
  std::vector<SeenStream> streams;
  SeenSignals signals;
};

/// Returns each name once, in the order of the threads, with the number of threads that have it.
std::vector<std::pair<std::string_view, std::size_t>> counted_names(std::vector<SeenThread> const& threads);

/// Returns all threads of this process but the calling one and those of the kernel. Waits up to 50 ms for threads to end, while
/// there is one that was not there at the latest fork, or that is at work.
std::vector<SeenThread> other_threads();
bool has_thread(pid_t thread) noexcept;

/// Returns all descriptors of this process.
std::vector<SeenDescriptor> open_descriptors();
SeenDescriptor look_at(int number);
/// Whether it is of a kind without input and output by signals (fasync), so that F_SETSIG has no effect on it.
bool can_be_marked(std::string_view link) noexcept;

/// Returns the memory of this process that other processes can see.
std::vector<SeenMapping> shared_mappings();
/// Returns the memory of this process that it can run.
std::vector<SeenMapping> executable_mappings();
/// Returns all memory of a process, with its flags; the kernel looks at each page for that. Empty where that is forbidden.
std::vector<SeenMapping> flagged_mappings(pid_t process);

/// Reads smaps_rollup (Linux 4.14), for which the kernel looks at each page while the process cannot map any.
ForkCost cost_of_fork(pid_t process);

/// Returns the owner of a lock, or the number of waiters of a condition; 0 for none, and where the layout is not known.
std::uint32_t read_holder(DeclarationRecord const& declaration) noexcept;
/// Whether only the thread that took it can unlock it.
bool knows_its_owner(DeclarationRecord const& declaration) noexcept;
std::size_t size_of(DeclarationKind kind) noexcept;

SeenSignals look_at_signals() noexcept;
/// Returns the code that takes a signal in this process; 0 for its default action, and for an ignored signal.
std::uintptr_t find_handler(int signal) noexcept;
/// Returns the signals, the first one in the lowest bit, that another thread of this process lets through or waits for, or that
/// a signalfd takes.
std::uint64_t signals_taken_elsewhere();
/// Returns the name, as in `SIGTERM`.
std::string name_of_signal(int signal);

Inventory take_inventory();

/// A descriptor of this process, which was seen in the parent as `before`, and what it stands for.
struct Classified {
  DescriptorKind kind{};
  Severity severity{};
  std::string where_from;
  /// The addresses of a socket.
  std::string own{};
  std::string peer{};
};
Classified classify(SeenDescriptor const& before, Inventory const& inventory);

/// Whether the descriptor still is the open file that the parent had: false if the child closed or replaced it.
bool still_shared(SeenDescriptor const& before, Inventory const& inventory);

bool is_of_database(std::string_view path) noexcept;
/// Whether the device's driver knows the process that opened it.
bool is_exclusive_device(std::string_view path) noexcept;

/// Lets all descendants of this process compare, from now on, what their generators draw.
void share_draws() noexcept;
/// Whether the mapping is the memory in which they compare.
bool holds_draws(SeenMapping const& mapping) noexcept;
/// Returns the other process whose generator of this name draws the same, 0 if there is none; remembers that this one does.
pid_t drawn_by_another(std::string_view name, std::span<std::byte const, 16> drawn) noexcept;

}  // namespace forksafe
