// SPDX-License-Identifier: MIT
export module forksafe.base:shared_memory;

import forksafe.std;

export namespace forksafe::base {

/// Unmaps memory.
struct Unmap {
  std::size_t size = 0;
  void operator()(void* memory) const noexcept;
};

/// An object, or an array `Type[]`, in memory that a process shares with the children that it forks.
template <class Type>
using Shared = std::unique_ptr<Type, Unmap>;

/// Maps so many bytes of zeros, which cost nothing until they are touched; returns null and errno where there are none.
[[nodiscard]] void* map_shared(std::size_t size) noexcept;

/// Maps an object, or `count` of an array, that begins as zeros; returns null and errno where the memory is missing.
template <class Type>
  requires std::is_trivially_destructible_v<std::remove_extent_t<Type>>
[[nodiscard]] Shared<Type> share(std::size_t count = 1) noexcept {
  using Element = std::remove_extent_t<Type>;
  std::size_t const size = count * sizeof(Element);
  return Shared<Type>{static_cast<Element*>(map_shared(size)), Unmap{size}};
}

}  // namespace forksafe::base
