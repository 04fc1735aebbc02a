// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <new>
#include <string>
#include <string_view>
#include <sys/mman.h>

/// An object of zeros in memory that forked processes share.
template <class Type>
class Shared {
 public:
  Shared() : memory_(::mmap(nullptr, sizeof(Type), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)) {
    if (memory_ == MAP_FAILED) throw std::bad_alloc{};
  }
  ~Shared() { ::munmap(memory_, sizeof(Type)); }
  Shared(Shared const&) = delete;
  Shared& operator=(Shared const&) = delete;

  Type& operator*() const { return *static_cast<Type*>(memory_); }
  Type* operator->() const { return static_cast<Type*>(memory_); }

 private:
  void* memory_;
};

/// A name that fills a record. Each of its parts depends on both numbers, so that parts of two names never make a name.
inline std::string telling_name(std::uint64_t writer, std::uint64_t number) {
  std::string name = std::to_string(writer) + ":" + std::to_string(number) + ":";
  while (name.size() < 77) {
    std::uint64_t const mixed = (writer * 1'000'003 + number + name.size()) * 0x9e3779b97f4a7c15u;
    name += static_cast<char>('a' + (mixed >> 60));
  }
  return name;
}

/// Whether the name is whole.
inline bool is_telling(std::string_view name) {
  std::size_t const first = name.find(':');
  std::size_t const second = name.find(':', first + 1);
  if (first == 0 || second == std::string_view::npos || second == first + 1) return false;
  return telling_name(std::stoull(std::string{name.substr(0, first)}),
                      std::stoull(std::string{name.substr(first + 1, second - first - 1)})) == name;
}
