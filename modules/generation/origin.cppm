// SPDX-License-Identifier: MIT
export module forksafe.generation:origin;

import :count;
import forksafe.std;

export namespace forksafe {

/// Thrown when a child uses an object that belongs to its parent and does not survive the fork.
class InheritedObject : public std::logic_error {
 public:
  InheritedObject(std::string_view name, std::uint64_t made_in, std::uint64_t used_in);

  [[nodiscard]] std::uint64_t made_in() const noexcept { return made_in_; }
  [[nodiscard]] std::uint64_t used_in() const noexcept { return used_in_; }

 private:
  std::uint64_t made_in_;
  std::uint64_t used_in_;
};

/// The process in which an object was made. A member of that type and `require` in the object's functions turn its use
/// after a fork into an exception, as systemd's sd-bus answers -ECHILD. As certain as generation().
class Origin {
 public:
  // In a module, a function that a class defines inside itself is not implicitly inline.
  inline Origin() noexcept : made_in_(generation()) {}

  [[nodiscard]] inline std::uint64_t made_in() const noexcept { return made_in_; }

  /// Whether this is that process.
  [[nodiscard]] inline bool is_current() const noexcept {
    auto const known = detail::wiped.generation.load(std::memory_order_relaxed);
    if (known == static_cast<std::int64_t>(made_in_)) [[likely]]
      return true;
    return is_current_after_a_look();
  }

  /// Throws InheritedObject, which names the object and both generations, in every other process.
  inline void require(std::string_view name) const {
    if (!is_current()) throw InheritedObject{name, made_in_, generation()};
  }

 private:
  /// Out of line, so that a check stays five instructions.
  [[nodiscard]] bool is_current_after_a_look() const noexcept;

  std::uint64_t made_in_;
};

}  // namespace forksafe
