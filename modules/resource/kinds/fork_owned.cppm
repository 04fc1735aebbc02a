// SPDX-License-Identifier: MIT
export module forksafe.resource:fork_owned;

import forksafe;
import forksafe.audit;
import forksafe.std;

export namespace forksafe {

/// At most one object that this process uses, and the objects that it has abandoned after forks: those are never destroyed,
/// and stay within reach of leak checkers. Not thread-safe.
template <class Type>
class ForkOwned {
 public:
  ForkOwned() = default;
  ForkOwned(ForkOwned const&) = delete;
  ForkOwned& operator=(ForkOwned const&) = delete;

  /// Returns the object in use, null if there is none.
  [[nodiscard]] Type* find() const noexcept { return current_ == nullptr ? nullptr : &current_->object; }
  /// Returns the generation that made it, 0 if there is none.
  [[nodiscard]] std::uint64_t made_in() const noexcept { return current_ == nullptr ? 0 : current_->made_in; }
  /// Whether this process made it.
  [[nodiscard]] bool is_own() const noexcept { return current_ != nullptr && current_->made_in == generation(); }
  /// Whether a parent process made it.
  [[nodiscard]] bool is_inherited() const noexcept { return current_ != nullptr && current_->made_in != generation(); }

  /// Takes the object that `make()` returns into use. Only where there is none.
  template <class Make>
  Type& emplace(Make make) {
    current_ = new Node{make(), generation(), nullptr, {}};
    return current_->object;
  }
  /// Tags the object with its owner for the audit, for as long as it is in use.
  void tag(Declaration owned) noexcept { current_->owned = std::move(owned); }
  /// Takes the object out of use; it stays as it is, for good.
  void abandon() noexcept {
    if (current_ == nullptr) return;
    current_->older = abandoned_;
    abandoned_ = std::exchange(current_, nullptr);
  }
  /// Destroys the object, which must be this process's own.
  void destroy() { delete std::exchange(current_, nullptr); }

 private:
  struct Node {
    Type object;
    std::uint64_t made_in;
    Node* older;
    Declaration owned;
  };

  Node* current_ = nullptr;
  Node* abandoned_ = nullptr;
};

}  // namespace forksafe
