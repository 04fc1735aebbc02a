// SPDX-License-Identifier: MIT
// LD_PRELOAD=libforksafe_audit.so PROGRAM...: audits what PROGRAM forks. A child is audited when it first waits for work
// (or ends without ever doing so), never if it executes another program. No signal, timer or thread is used: they might
// be the container's.
#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <dlfcn.h>
#include <exception>
#include <fcntl.h>
#include <span>
#include <string>
#include <string_view>
#include <sys/auxv.h>
#include <unistd.h>
#include <utility>
#include "preload.hpp"
import forksafe.base;
import forksafe.audit;
import forksafe.generation;
import forksafe.policy;

namespace forksafe {

// Made by CMake of the policies; null for one that has none.
std::span<AuditProfile const* const> known_profiles();

namespace {

/// The process generation in which the audit is taken, or is not to run.
constinit std::atomic<std::uint64_t> taken{0};
/// The values of FORKSAFE_AUDIT_USE.
enum class Use : std::uint8_t { ignore, report, abort };
constinit std::atomic<Use> use{Use::ignore};
constinit AuditProfile const* container = nullptr;

void write_whole(int file, std::string_view text) noexcept {
  while (!text.empty()) {
    ssize_t const size = ::write(file, text.data(), text.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(size));
  }
}

/// Writes to the file that FORKSAFE_AUDIT_FILE names, as a line of JSON, or else to stderr, as a text.
void publish(AuditReport const& report) {
  char const* const path = std::getenv("FORKSAFE_AUDIT_FILE");
  if (path == nullptr) return write_whole(STDERR_FILENO, to_text(report));
  int const file = ::open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (file < 0) return write_whole(STDERR_FILENO, to_text(report));
  write_whole(file, to_json(report) + "\n");
  ::close(file);
}

void audit_once(bool even_if_clean, sigset_t const* waits_with = nullptr) noexcept {
  std::uint64_t const here = generation();
  if (taken.exchange(here) == here) return;
  base::ErrnoGuard const kept_errno;
  try {
    AuditReport const report = audit(waits_with);
    if (even_if_clean || !report.findings.empty()) publish(report);
  } catch (...) {
    write_whole(STDERR_FILENO, "forksafe audit: out of memory\n");
  }
}

AuditProfile const* find_profile(std::string_view command_line) noexcept {
  for (int word = 0; word != 3 && !command_line.empty(); ++word) {
    std::string_view const path = command_line.substr(0, command_line.find('\0'));
    std::string_view const name = path.substr(path.rfind('/') + 1);
    for (AuditProfile const* const known : known_profiles())
      if (known != nullptr && name.starts_with(known->program)) return known;
    command_line.remove_prefix(std::min(path.size() + 1, command_line.size()));
  }
  return nullptr;
}

Use wanted_use() noexcept {
  char const* const wanted = std::getenv("FORKSAFE_AUDIT_USE");
  if (wanted == nullptr) return Use::ignore;
  return std::string_view{wanted} == "abort" ? Use::abort : Use::report;
}

/// Whether the address is the program's own, not that of a library that it has loaded.
bool is_of_program(void const* address) noexcept {
  Dl_info caller{}, program{};
  auto const* const entry = reinterpret_cast<void const*>(::getauxval(AT_ENTRY));
  return ::dladdr(address, &caller) != 0 && ::dladdr(entry, &program) != 0 && caller.dli_fbase == program.dli_fbase;
}

[[gnu::constructor]] void start() {
  audit_start();
  container = find_profile(base::read_proc("/proc/self/cmdline"));
  if (container != nullptr) audit_container(*container);
  try {
    if (char const* const entries = std::getenv("FORKSAFE_AUDIT_ALLOW")) audit_allow(entries);
  } catch (std::exception const& exception) {
    write_whole(STDERR_FILENO, "forksafe audit: FORKSAFE_AUDIT_ALLOW: " + std::string{exception.what()} + "\n");
  }
  use.store(wanted_use());
  watch_forks({.prepare = audit_before});
}

[[gnu::destructor]] void finish() { ends(); }

}  // namespace

void comes_to_work(sigset_t const* waits_with) noexcept {
  if (audit_due()) [[unlikely]]
    audit_once(true, waits_with);
}

void ends() noexcept {
  if (audit_due()) audit_once(false);
}

void executes() noexcept { taken.store(generation()); }

void uses(int descriptor, char const* call) noexcept {
  Use const wanted = use.load(std::memory_order_relaxed);
  if (wanted == Use::ignore) [[likely]]
    return;
  try {
    auto finding = audit_use(descriptor, call);
    if (!finding) return;
    AuditReport report{.process = ::getpid(), .parent = ::getppid(), .findings = {}, .allowed = {}};
    report.findings.push_back(std::move(*finding));
    publish(report);
  } catch (...) {
    return;
  }
  if (wanted == Use::abort) std::abort();
}

void makes_pair(void const* caller, int const (&ends)[2]) noexcept {
  if (container == nullptr || container->socket_pairs.empty() || !is_of_program(caller)) return;
  base::ErrnoGuard const kept_errno;
  try {
    for (int const end : ends) declare_shared(end, container->socket_pairs).detach();
  } catch (...) {
    write_whole(STDERR_FILENO, "forksafe audit: out of memory\n");
  }
}

}  // namespace forksafe
