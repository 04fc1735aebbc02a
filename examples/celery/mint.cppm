// SPDX-License-Identifier: MIT
module;
#include <map>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <sys/types.h>
export module mint;

import forksafe;
import forksafe.preset;
import forksafe.resource.random;

export namespace mint {

/// The generator of the tokens. Without the repair all workers of a node would draw the same tokens.
struct Engine : forksafe::RandomEngine<std::mt19937_64> {
  static constexpr std::string_view name = "mint::Tokens";
};
using Tokens = forksafe::Reseed<Engine>;

/// A cache of answers, each with the process that computed it. A worker must not answer from its parent's cache.
class Cache {
 public:
  static constexpr forksafe::Phase phase = forksafe::Phase::detach;

  explicit Cache(forksafe::Registry& registry) {
    registry.provide(std::shared_ptr<Cache>{this, [](Cache*) {}});
  }

  /// Drops, in the child, the inherited answers.
  void operator()(forksafe::ApplicationPostFork const&) { known_.clear(); }
  /// Returns the process that computed the answer for this key: this one, unless the answer was inherited.
  [[nodiscard]] pid_t owner_of(std::string const& key);

 private:
  std::map<std::string, pid_t> known_{};
};

/// Answers the tasks: `/coin?metal` with a new token and the process that had the metal in its cache, `/debug` with the
/// debug object.
class Mint {
 public:
  explicit Mint(forksafe::Application& application) : application_(application) {}

  /// Uses tokens and cache in the master, before the forks, so that workers inherit their state.
  void load(forksafe::Application& application);
  void operator()(forksafe::ApplicationPostWorkerInit const& event) { slot_ = event.process.slot.value_or(0); }
  [[nodiscard]] forksafe::Response handle(forksafe::Request const& request);

 private:
  [[nodiscard]] std::string coin(std::string_view metal);

  forksafe::Application& application_;
  int slot_ = 0;
};

/// Hears all events of this container, so that the debug object shows them.
struct Witness {
  template <forksafe::ApplicationEvent Event>
  void operator()(Event const&) noexcept {}
};

using App = forksafe::ForkSafeApp<forksafe::PresetPolicy, Tokens, Cache, Mint, forksafe::IfEmitted<Witness>>;

}  // namespace mint
