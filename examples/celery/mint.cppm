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

/// Draws the tokens. Without the repair all workers of a node would draw the same.
struct Engine : forksafe::RandomEngine<std::mt19937_64> {
  static constexpr std::string_view name = "mint::Tokens";
};
using Tokens = forksafe::Reseed<Engine>;

/// What a process has worked out already, and the process that did: a worker must not answer from its parent's.
class Cache {
 public:
  static constexpr forksafe::Phase phase = forksafe::Phase::detach;

  explicit Cache(forksafe::Registry& registry) {
    registry.provide(std::shared_ptr<Cache>{this, [](Cache*) {}});
  }

  /// In the child: forgets what it has inherited.
  void operator()(forksafe::ApplicationPostFork const&) { known_.clear(); }
  /// The process that has worked out this key: this one, unless it inherited the answer.
  [[nodiscard]] pid_t owner_of(std::string const& key);

 private:
  std::map<std::string, pid_t> known_{};
};

/// Answers what the tasks ask: `/coin?metal` with a new token, and who had the metal in its cache; `/debug` with the debug
/// object.
class Mint {
 public:
  explicit Mint(forksafe::Application& application) : application_(application) {}

  /// In the master, before the forks: uses both, so that there is something to inherit.
  void load(forksafe::Application& application);
  void operator()(forksafe::ApplicationPostWorkerInit const& event) { slot_ = event.process.slot.value_or(0); }
  [[nodiscard]] forksafe::Response handle(forksafe::Request const& request);

 private:
  [[nodiscard]] std::string coin(std::string_view metal);

  forksafe::Application& application_;
  int slot_ = 0;
};

/// Hears whatever this container raises, so that the debug object shows it.
struct Witness {
  template <forksafe::ApplicationEvent Event>
  void operator()(Event const&) noexcept {}
};

using App = forksafe::ForkSafeApp<forksafe::PresetPolicy, Tokens, Cache, Mint, forksafe::if_emitted<Witness>>;

}  // namespace mint
