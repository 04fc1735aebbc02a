// SPDX-License-Identifier: MIT
module;
#include <boost/uuid/random_generator.hpp>
#include <boost/uuid/uuid.hpp>
export module forksafe.resource.random;

export import forksafe.resource;
import forksafe;
import forksafe.std;

export namespace forksafe {

/// A seed sequence that is as long as an engine's state and never repeats: the operating system's randomness. Throws
/// std::system_error where there is none.
class SystemSeed {
 public:
  using result_type = std::uint_least32_t;

  template <class Iterator>
  void generate(Iterator begin, Iterator end) {
    for (; begin != end; ++begin) *begin = word();
  }

 private:
  static result_type word();
};

/// Traits of Reseed: a random engine of the standard library or of Boost that draws other numbers in each process.
///
/// `std::uniform_int_distribution<int>{1, 6}(registry.find<Reseed<RandomEngine<std::mt19937_64>>>()->get())`
template <class Engine>
class RandomEngine : public Engine {
 public:
  /// Fills the whole state of the engine.
  void reseed() {
    SystemSeed seed;
    Engine::seed(seed);
  }
};

/// Traits of Reseed: a Boost.UUID generator that keeps state in the process. boost::uuids::random_generator needs no reseeding
/// up to Boost 1.85, where it asks the operating system for each UUID; random_generator_mt19937 always does.
template <class Generator = boost::uuids::random_generator_mt19937>
class UuidGenerator {
 public:
  /// Constructs the generator again, which seeds it from the operating system.
  void reseed() { generator_.emplace(); }

  boost::uuids::uuid operator()() { return (*generator_)(); }

 private:
  std::optional<Generator> generator_;
};

}  // namespace forksafe
