// SPDX-License-Identifier: MIT
export module forksafe.resource:reseed;

import :resource;
import forksafe;
import forksafe.std;

export namespace forksafe {

/// Traits of Reseed.
///
/// Meaning: `reseed()` gives this process random state, identities and counters that no other process has, from the operating
/// system and not from the state it had. It is called in the child, and before the first use anywhere.
template <class Traits>
concept ReseedTraits = requires(Traits& traits) { traits.reseed(); } ||
                       because("say how to seed again: `void reseed();`, from the operating system's randomness");

/// Random state of each process's own (kind K3). Not thread-safe.
template <ReseedTraits Traits>
class Reseed : public Resource<Reseed<Traits>, Traits> {
 public:
  static constexpr Phase phase = Phase::reseed;
  using Resource<Reseed, Traits>::Resource;

  /// Returns the traits object, seeded in this process, also after an unannounced fork. Where sees_every_fork() is false, it is
  /// seeded at each use.
  [[nodiscard]] Traits& get() {
    if (seeded_in_ != generation() || !sees_every_fork()) {
      this->traits().reseed();
      seeded_in_ = generation();
    }
    return this->traits();
  }

  void operator()(ApplicationPostFork const&) { static_cast<void>(get()); }

 private:
  std::uint64_t seeded_in_ = 0;
};

}  // namespace forksafe
