// SPDX-License-Identifier: MIT
module;
#include <Python.h>
module forksafe.celery.binding;

import forksafe;
import forksafe.celery;
import forksafe.cpython;
import forksafe.std.operators;

namespace forksafe::celery {
namespace {

/// Whether a subscriber's failure has ended the worker: it exited with `replace_status`, or died inside the subscriber.
bool ended_by_subscriber(Journal const& journal, long exitcode, long process) {
  if (exitcode == CeleryPolicy::replace_status) return true;
  std::vector<Incident> const incidents = journal.incidents();
  return std::ranges::any_of(incidents, [process](Incident const& incident) {
    return incident.kind == IncidentKind::died_inside && incident.pid == process;
  });
}

}  // namespace

void HookDispatcher::answer_for_start(PyMethodDef& answer) noexcept {
  if (did_start_) return;
  Reference const pool = attribute(worker_.get(), "pool");
  Reference original = attribute(pool.get(), "did_start_ok");
  Reference const own{PyCFunction_NewEx(&answer, nullptr, nullptr)};
  if (!original || !own || PyObject_SetAttrString(pool.get(), "did_start_ok", own.get()) != 0) {
    PyErr_Clear();
    return;
  }
  did_start_ = std::move(original);
}

// With an event loop Celery ends the whole node if one of the first workers has exited before the loop begins. It replaces
// later ones (celery 5.2 and 5.6, asynloop; billiard 4.1, Pool.did_start_ok).
std::optional<bool> HookDispatcher::has_started() noexcept try {
  Reference const pool = attribute(attribute(worker_.get(), "pool").get(), "_pool");
  Reference const kept = attribute(pool.get(), "_pool"), workers{kept ? PySequence_List(kept.get()) : nullptr};
  long gone = 0;
  bool all_by_subscribers = workers.get() != nullptr;
  for (Py_ssize_t index = 0, size = workers ? PyList_Size(workers.get()) : 0; index < size; ++index) {
    PyObject* const process = PyList_GetItem(workers.get(), index);
    auto const exitcode = number(attribute(process, "exitcode").get());
    if (!exitcode) continue;
    ++gone;
    long const id = number(attribute(process, "pid").get()).value_or(0);
    all_by_subscribers = all_by_subscribers && ended_by_subscriber(application_.journal(), *exitcode, id);
  }
  if (gone == 0 && all_by_subscribers) return true;
  PyErr_Clear();
  Reference const step = all_by_subscribers ? attribute(pool.get(), "maintain_pool") : Reference{};
  PyObject* const called = step ? step.get() : did_start_.get();
  if (step)
    log_line(std::to_string(gone) +
             " of Celery's first workers exited because a subscriber failed: they are replaced, and the node goes on");
  Reference const result{PyObject_CallFunctionObjArgs(called, nullptr)};
  if (!result) return {};
  return step || PyObject_IsTrue(result.get()) == 1;
} catch (...) {
  PyErr_NoMemory();
  return {};
}

}  // namespace forksafe::celery
