// SPDX-License-Identifier: MIT
module;
#include <string_view>
export module mixed;

import forksafe;
import forksafe.preset;

export namespace mixed {

/// Subscribers in C++ beside those in Python. The journal shows the order of their calls.
template <forksafe::Phase In>
struct Native {
  static constexpr forksafe::Phase phase = In;
  static constexpr std::string_view name = In == forksafe::Phase::reseed ? "native reseed" : "native threads";

  void operator()(forksafe::ApplicationPreFork const&) {}
  void operator()(forksafe::ApplicationPostFork const&) {}
};

using Mixed = forksafe::ForkSafeApp<forksafe::PresetPolicy, Native<forksafe::Phase::threads>, Native<forksafe::Phase::reseed>>;

static_assert(Mixed::report_as<forksafe::GunicornPolicy>.status == "gunicorn mark_configured");
static_assert(Mixed::report_as<forksafe::UwsgiPythonPolicy>.subscribers[0].name == "native reseed");

}  // namespace mixed
