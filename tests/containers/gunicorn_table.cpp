// SPDX-License-Identifier: MIT
#include <array>
#include <string_view>

import forksafe;
import forksafe.gunicorn;
import forksafe.cpython;

// Checks that the table of hooks follows the wiring. The checks are made while compiling.
namespace {

using forksafe::python::HookEntry;
using forksafe::python::hook_entries;

struct Extended : forksafe::GunicornPolicy {
  static constexpr auto wiring = [] {
    std::array<forksafe::Wire, GunicornPolicy::wiring.size() + 2> rows{};
    for (std::size_t row = 0; row != GunicornPolicy::wiring.size(); ++row) rows[row] = GunicornPolicy::wiring[row];
    rows[GunicornPolicy::wiring.size()] =
        forksafe::native<forksafe::ApplicationServerReload>("nworkers_changed", "master", "server, new_value, old_value");
    rows[GunicornPolicy::wiring.size() + 1] =
        forksafe::native<forksafe::ApplicationWorkerAbort>("worker_exit", "worker", "server, worker");
    return rows;
  }();
};

constexpr auto const& entries = hook_entries<forksafe::GunicornPolicy>;
constexpr auto const& extended = hook_entries<Extended>;

consteval HookEntry named(std::string_view name) {
  for (HookEntry const& entry : entries)
    if (entry.name == name) return entry;
  return {};
}

// The table has one entry for each hook that gunicorn calls. Rows that are derived from a hook or a fork handler make none.
static_assert(entries.size() == 10);
static_assert(named("after_in_parent").name == nullptr);
static_assert(named("pre_fork").arity == 2 && named("pre_fork").position("server") == 0 &&
              named("pre_fork").position("worker") == 1);
static_assert(named("post_worker_init").arity == 1 && named("post_worker_init").position("worker") == 0);
static_assert(named("post_worker_init").position("server") == 1, "a missing parameter is at the arity");
static_assert(named("pre_fork").documentation ==
              std::string_view{"pre_fork($module, server, worker, /)\n--\n\n"
                               "gunicorn's hook of this name. Raises ApplicationPreFork (master)."});
static_assert(std::string_view{named("post_worker_init").documentation}.ends_with(
    "Raises ApplicationPostFork (worker), ApplicationPostWorkerInit (worker), ApplicationWorkerReady (worker)."));

// A row with a new hook makes a new entry. A second row of a hook makes none, but changes its documentation.
static_assert(extended.size() == entries.size() + 1);
static_assert(extended.back().name == std::string_view{"nworkers_changed"} && extended.back().arity == 3);
static_assert(std::string_view{extended.back().documentation}.starts_with(
    "nworkers_changed($module, server, new_value, old_value, /)\n--\n\n"));
static_assert(std::string_view{extended[7].documentation}.ends_with("ApplicationWorkerAbort (worker)."));

}  // namespace
