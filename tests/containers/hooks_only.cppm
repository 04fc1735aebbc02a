// SPDX-License-Identifier: MIT
export module hooks_only;

import forksafe;
import forksafe.preset;

export namespace hooks_only {

/// Hears one event and answers no requests; the Python application beside it does.
struct Ear {
  void operator()(forksafe::ApplicationPostFork const&) noexcept {}
};

using Hooks = forksafe::ForkSafeApp<forksafe::PresetPolicy, Ear>;
static_assert(!Hooks::handles_requests);

}  // namespace hooks_only
