// SPDX-License-Identifier: MIT
#include <string_view>

import forksafe;
import forksafe.celery;
import forksafe.cpython;

// The table of receivers follows the wiring: these tests run when they are compiled.
namespace {

using forksafe::python::HookEntry;
using forksafe::python::hook_entries;

constexpr auto const& entries = hook_entries<forksafe::CeleryPolicy>;

consteval HookEntry named(std::string_view name) {
  for (HookEntry const& entry : entries)
    if (entry.name == name) return entry;
  return {};
}

// One entry for each signal of Celery's: what comes from a fork handler makes none.
static_assert(entries.size() == 6);
static_assert(named("before").name == nullptr && named("after_in_parent").name == nullptr);
// Celery takes no receiver whose signature has no **kwargs.
static_assert(named("worker_process_init").documentation ==
              std::string_view{"worker_process_init($module, /, *args, **kwargs)\n--\n\n"
                               "Celery's hook of this name. Raises ApplicationPostFork (worker, master), "
                               "ApplicationPostWorkerInit (worker, master), ApplicationWorkerReady (worker, master)."});
static_assert(std::string_view{named("worker_shutdown").documentation}.ends_with(
    "Raises ApplicationWorkerReaped (master), ApplicationServerExit (master)."));

}  // namespace
