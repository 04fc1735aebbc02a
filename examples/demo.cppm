// SPDX-License-Identifier: MIT
module;
#include <cstdint>
#include <string>
export module demo;

import forksafe;
import forksafe.page;
import forksafe.preset;

export namespace demo {

/// Draws session tokens. A fork copies its engine: without the subscriber below, all workers draw the same tokens.
struct Tokens {
  static constexpr forksafe::Phase phase = forksafe::Phase::reseed;

  void operator()(forksafe::ApplicationPostFork const& event);
  [[nodiscard]] std::uint64_t draw();

  std::uint64_t state = 42;
};

/// Answers requests: `/` with this worker's identity, `/debug` with the debug object as JSON, `/report` as text.
class Pages {
 public:
  explicit Pages(forksafe::Application& application) : application_(application) {}

  void operator()(forksafe::ApplicationPostWorkerInit const& event);
  [[nodiscard]] forksafe::Response handle(forksafe::Request const& request);

 private:
  forksafe::Application& application_;
  forksafe::Process worker_{};
};

/// Hears all events of this container, so that the debug object shows them.
struct Witness {
  template <forksafe::ApplicationEvent Event>
  void operator()(Event const&) noexcept {}
};

/// The page is served at the path of the setting `page.path`, if that is set.
using Demo = forksafe::ForkSafeApp<forksafe::PresetPolicy, Tokens, forksafe::Serialised<Pages>, forksafe::IfEmitted<Witness>,
                                   forksafe::StatusPage>;

}  // namespace demo
