// SPDX-License-Identifier: MIT
module;
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <span>
#include <string>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
module hazards;

namespace hazards {
namespace {

constexpr std::size_t size = 65536;

/// Maps the file and closes it, so that only the memory shows it.
std::string mapped(int file, int protection = PROT_READ | PROT_WRITE, off_t offset = 0) {
  if (file < 0) return std::strerror(errno);
  void* const memory = ::mmap(nullptr, size, protection, MAP_SHARED, file, offset);
  int const error = errno;
  ::close(file);
  return memory == MAP_FAILED ? std::strerror(error) : "";
}

int file_with_suffix(char const* suffix) {
  std::string path = "/tmp/forksafe-hazard-XXXXXX" + std::string{suffix};
  int const file = ::mkstemps(path.data(), static_cast<int>(std::strlen(suffix)));
  static char left[64];
  std::strncpy(left, path.c_str(), sizeof left - 1);
  std::atexit([] { ::unlink(left); });
  return ::ftruncate(file, size) == 0 ? file : -1;
}

int memory_file() {
  int const file = ::memfd_create("hazard", 0);
  return ::ftruncate(file, size) == 0 ? file : -1;
}

std::string mapped_file() { return mapped(file_with_suffix(".board")); }
std::string mapped_twice() {
  int const file = file_with_suffix(".board");
  return mapped(::dup(file)) + mapped(file);
}
std::string mapped_and_open() {
  int const file = file_with_suffix(".board");
  return mapped(::dup(file));
}
std::string mapped_for_reading() { return mapped(file_with_suffix(".board"), PROT_READ); }
std::string mapped_database() { return mapped(file_with_suffix("-shm")); }
std::string mapped_memory() { return mapped(memory_file()); }

std::string mapped_ring() {
  io_uring_params parameters{};
  return mapped(static_cast<int>(::syscall(SYS_io_uring_setup, 8, &parameters)), PROT_READ | PROT_WRITE, IORING_OFF_SQES);
}

std::string unnamed(int flags, int advice) {
  void* const memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED || (advice != MADV_NORMAL && ::madvise(memory, size, advice) != 0)) return std::strerror(errno);
  return {};
}

std::string unnamed_shared() { return unnamed(MAP_SHARED, MADV_NORMAL); }
std::string wiped() { return unnamed(MAP_PRIVATE, MADV_WIPEONFORK); }
std::string not_copied() { return unnamed(MAP_PRIVATE, MADV_DONTFORK); }

std::string not_copied_file() {
  int const file = memory_file();
  void* const memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  ::close(file);
  return memory != MAP_FAILED && ::madvise(memory, size, MADV_DONTFORK) == 0 ? "" : std::strerror(errno);
}

constexpr Case cases[] = {
    {"mapped_file", mapped_file, "info; memory shared; mapped file, 64 KiB /tmp/forksafe-hazard-; Inherit"},
    {"mapped_twice", mapped_twice, "info; memory shared; mapped file, 64 KiB; Inherit"},
    {"mapped_and_open", mapped_and_open, "warning; descriptor shared; file open for writing; DropAndReopen"},
    {"mapped_for_reading", mapped_for_reading, ""},
    {"mapped_database", mapped_database, "error; memory shared; mapped file of a database, 64 KiB; NeverTouch"},
    {"mapped_memory", mapped_memory, "info; memory shared; mapped memory file, 64 KiB /memfd:hazard; Inherit"},
    {"mapped_ring", mapped_ring, "error; memory shared; mapped io_uring; DropAndReopen"},
    {"unnamed_shared", unnamed_shared, ""},
    {"wiped", wiped, ""},
    {"not_copied", not_copied, ""},
    {"not_copied_file", not_copied_file, ""},
};

}  // namespace

std::span<Case const> memory() { return cases; }

}  // namespace hazards
