// SPDX-License-Identifier: MIT
module;
#include <Python.h>
module forksafe.celery.binding;

import forksafe;
import forksafe.cpython;
import forksafe.std.operators;

namespace forksafe::celery {
namespace {

/// Converts billiard's exit code, which is the exit status or a negative signal, to a wait status.
int wait_status(long exitcode) noexcept { return static_cast<int>(exitcode < 0 ? -exitcode : exitcode << 8); }

}  // namespace

std::optional<Starting> Pool::starting() noexcept {
  auto* const frame = reinterpret_cast<PyObject*>(PyEval_GetFrame());
  Reference const code = attribute(frame, "f_code");
  Reference const name = attribute(code.get(), "co_name");
  if (ascii(name.get()).value_or("") != "_launch") return {};
  Reference const locals = attribute(frame, "f_locals");
  Reference process = entry(locals.get(), "process_obj");
  // Only the processes of a pool have an index.
  auto const index = number(attribute(process.get(), "index").get());
  if (!index || *index < 0) return {};
  return Starting{std::move(process), static_cast<int>(*index) + 1};
}

std::optional<int> Pool::next_slot(PyObject* pool) noexcept {
  Reference const method = attribute(pool, "_avail_index");
  Reference const result{method ? PyObject_CallFunctionObjArgs(method.get(), nullptr) : nullptr};
  if (!result) PyErr_Clear();
  auto const index = number(result.get());
  return index ? std::optional<int>{static_cast<int>(*index) + 1} : std::nullopt;
}

int Pool::fillings(int slot) const noexcept {
  auto const index = static_cast<std::size_t>(slot);
  return index < fillings_.size() ? fillings_[index] : 0;
}

Process Pool::coming(int slot) const noexcept {
  return {.role = Role::worker, .slot = slot, .incarnation = fillings(slot) + 1};
}

Process Pool::holder(int slot) const noexcept {
  int const filled = fillings(slot);
  return {.role = Role::worker, .slot = slot, .incarnation = filled > 0 ? std::optional<int>{filled} : std::nullopt};
}

void Pool::fill(int slot, Reference process) {
  auto const index = static_cast<std::size_t>(slot);
  if (fillings_.size() <= index) fillings_.resize(index + 1);
  ++fillings_[index];
  // A failed fork leaves a process object without a pid.
  std::erase_if(workers_, [](Worker const& worker) { return !number(attribute(worker.process.get(), "pid").get()); });
  if (process) workers_.push_back({std::move(process), holder(slot)});
}

std::optional<Gone> Pool::take_gone() noexcept {
  for (auto worker = workers_.begin(); worker != workers_.end(); ++worker) {
    auto const exitcode = number(attribute(worker->process.get(), "exitcode").get());
    if (!exitcode) continue;
    Gone gone{worker->identity, wait_status(*exitcode)};
    gone.worker.pid = static_cast<pid_t>(number(attribute(worker->process.get(), "pid").get()).value_or(0));
    workers_.erase(worker);
    return gone;
  }
  return {};
}

}  // namespace forksafe::celery
