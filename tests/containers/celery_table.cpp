// SPDX-License-Identifier: MIT
#include <string_view>

import forksafe;
import forksafe.celery;
import forksafe.cpython;

// Checks that the table of receivers follows the wiring. The checks are made while compiling.
namespace {

using forksafe::python::HookEntry;
using forksafe::python::hook_entries;

constexpr auto const& entries = hook_entries<forksafe::CeleryPolicy>;

consteval HookEntry named(std::string_view name) {
  for (HookEntry const& entry : entries)
    if (entry.name == name) return entry;
  return {};
}

// The table has one entry for each signal of Celery. A row for a fork handler makes no entry.
static_assert(entries.size() == 6);
static_assert(named("before").name == nullptr && named("after_in_parent").name == nullptr);
// Celery accepts a receiver only if its signature has **kwargs.
static_assert(named("worker_process_init").documentation ==
              std::string_view{"worker_process_init($module, /, *args, **kwargs)\n--\n\n"
                               "Celery's hook of this name. Raises ApplicationPostFork (worker, master), "
                               "ApplicationPostWorkerInit (worker, master), ApplicationWorkerReady (worker, master)."});
static_assert(std::string_view{named("worker_shutdown").documentation}.ends_with(
    "Raises ApplicationWorkerReaped (master), ApplicationServerExit (master)."));

}  // namespace
