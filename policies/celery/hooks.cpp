// SPDX-License-Identifier: MIT
module;
#include <Python.h>
#include <unistd.h>
module forksafe.celery.binding;

import forksafe;
import forksafe.base;
import forksafe.cpython;
import forksafe.std.operators;

namespace forksafe::celery {
namespace {

/// Returns the object of a module. Returns null, and sets no error, if it is missing.
Reference imported(char const* module, char const* name) noexcept {
  Reference const found{PyImport_ImportModule(module)};
  if (!found) PyErr_Clear();
  return attribute(found.get(), name);
}

Reference call_quietly(Reference const& callable) noexcept {
  Reference result{callable ? PyObject_CallFunctionObjArgs(callable.get(), nullptr) : nullptr};
  if (!result) PyErr_Clear();
  return result;
}

/// Returns the last part of the name of the module with the pool's class: `prefork` for celery.concurrency.prefork.
std::string pool_name(PyObject* worker) {
  std::string const module = shown(attribute(attribute(worker, "pool_cls").get(), "__module__").get());
  std::string const name = module.substr(module.rfind('.') + 1);
  return name == "thread" ? "threads" : name;
}

}  // namespace

bool HookDispatcher::connect(char const* signal, PyObject* receiver) const noexcept try {
  Reference const connect = attribute(imported("celery.signals", signal).get(), "connect");
  if (!connect) return false;
  Reference const arguments{PyTuple_Pack(1, receiver)}, options{PyDict_New()};
  Reference const key = unicode("forksafe." + std::string{application_.registry().name()} + "." + signal);
  if (arguments && options && key && PyDict_SetItemString(options.get(), "weak", Py_False) == 0 &&
      PyDict_SetItemString(options.get(), "dispatch_uid", key.get()) == 0 &&
      Reference{PyObject_Call(connect.get(), arguments.get(), options.get())})
    return true;
  log_line("Celery's signal " + std::string{signal} + " cannot be heard: " + take_error());
  return false;
} catch (...) {
  return false;
}

bool HookDispatcher::ready() noexcept {
  if (state_ != State::fresh) return state_ == State::ready;
  state_ = State::unusable;
  try {
    steps_.load();
    state_ = State::ready;
  } catch (...) {
    complaint_ = base::describe_current_exception();
  }
  return state_ == State::ready;
}

HookDispatcher::Entry HookDispatcher::prepare(Role role) noexcept {
  if (recognised_) return state_ == State::ready ? Entry::raise : Entry::skip;
  if (!steps_.choose()) return Entry::error;
  recognised_ = true;
  if (ready()) {
    try {
      application_.mark_configured();
    } catch (...) {
      log_line("no memory to note that Celery was recognised");
    }
    return Entry::raise;
  }
  log_line(complaint_);
  if (role != Role::master) return Entry::skip;
  // Celery catches an Exception of a receiver. SystemExit is none, and ends the server at its start (celery 5.2, Signal.send).
  Reference const status{PyLong_FromLong(1)};
  PyErr_SetObject(PyExc_SystemExit, status.get());
  return Entry::error;
}

/// Excludes the processes that a worker or the master forks by itself. They inherit billiard's process object and the receivers
/// of the signals, and send the signals if they return through the frames of Celery.
bool HookDispatcher::is_member(std::string_view signal, Role role) noexcept {
  bool const begins =
      signal == "celeryd_init" || (signal == "worker_process_init" && (member_ == 0 || member_role_ == Role::master));
  if (begins) {
    member_ = generation();
    member_role_ = role;
  }
  return member_ == 0 || member_ == generation();
}

HookDispatcher::Entry HookDispatcher::begin_hook(std::string_view signal, PyObject* keywords, Call& call) noexcept {
  Reference const sender = entry(keywords, "sender");
  // Only the processes of a pool have an index. The pool solo runs the tasks in the master.
  Reference const process = call_quietly(imported("billiard.process", "current_process"));
  if (auto const index = number(attribute(process.get(), "index").get())) {
    call.self = pool_.holder(static_cast<int>(*index) + 1);
    call.forked = master_ != 0 && master_ != ::getpid();
  }
  if (!is_member(signal, call.self.role)) return Entry::skip;
  Entry const entered = prepare(call.self.role);
  if (entered != Entry::raise) return entered;
  try {
    if (signal == "celeryd_init") {
      master_ = ::getpid();
      worker_ = entry(keywords, "instance");
      take_settings(sender.get());
      return Entry::raise;
    }
    if (call.self.role == Role::master) learn_pool();
  } catch (...) {
    log_line("no memory for Celery's settings: they are not shown");
  }
  if (signal == "worker_before_create_process" && !forks()) return Entry::skip;
  if (signal == "worker_process_init" && call.forked)
    if (auto const end = start_by(forked_at_)) application_.set_start_limit(forked_at_, *end, "worker_proc_alive_timeout");
  return Entry::raise;
}

bool HookDispatcher::end_hook(Call const& call) noexcept {
  application_.set_start_limit();
  if (!restore_interruption()) return true;
  // A worker that exits with this error would be replaced by one that does the same.
  if (call.self.role != Role::master) PyErr_Clear();
  return call.self.role != Role::master;
}

void HookDispatcher::take_settings(PyObject* sender) {
  std::string const name = shown(sender);
  application_.registry().settings().set("celery.hostname", name, "celery --hostname");
}

void HookDispatcher::learn_pool() noexcept try {
  if (pool_known_ || !worker_) return;
  pool_known_ = true;
  std::string const pool = pool_name(worker_.get());
  Settings& settings = application_.registry().settings();
  settings.set("celery.pool", pool, "celery --pool");
  settings.set("celery.concurrency", shown(attribute(worker_.get(), "concurrency").get()), "celery --concurrency");
  if (pool == "solo") remark("Celery's pool solo forks no worker: the master hears ApplicationPostFork with forked false");
  if (pool == "threads" || pool == "gevent" || pool == "eventlet")
    remark("Celery's pool " + pool + " forks no worker: no process hears ApplicationPostFork, ApplicationPostWorkerInit, " +
           "ApplicationWorkerReady and ApplicationWorkerExit");
} catch (...) {
  log_line("no memory for Celery's settings: they are not shown");
}

bool HookDispatcher::forks() noexcept {
  Reference const method = call_quietly(imported("billiard", "get_start_method"));
  std::string_view const name = ascii(method.get()).value_or("fork");
  if (name == "fork") return true;
  if (!std::exchange(spawns_, true))
    remark("Celery starts its workers as new programs, without a fork: they hear ApplicationPostFork with forked false");
  return false;
}

void HookDispatcher::remark(std::string const& line) noexcept try { application_.log_note(line); } catch (...) {
  log_line("no memory to note how Celery was started");
}

/// Only the pool with an event loop has the limit (celery 5.2, AsynPool.verify_process_alive). Celery exempts the first workers
/// from it. Here they are not exempt: if they cannot keep it, their replacements cannot either.
std::optional<SteadyTime> HookDispatcher::start_by(SteadyTime forked_at) const noexcept {
  Reference const event_loop = attribute(worker_.get(), "use_eventloop");
  if (!event_loop || PyObject_IsTrue(event_loop.get()) != 1) return {};
  Reference const configuration = attribute(attribute(worker_.get(), "app").get(), "conf");
  Reference const timeout = attribute(configuration.get(), "worker_proc_alive_timeout");
  double const seconds = timeout ? PyFloat_AsDouble(timeout.get()) : -1;
  if (PyErr_Occurred() != nullptr) PyErr_Clear();
  // A limit of a day or more counts as none.
  if (!(seconds > 0 && seconds < 86'400)) return {};
  return forked_at + std::chrono::duration_cast<SteadyTime::duration>(std::chrono::duration<double>{seconds});
}

Process HookDispatcher::announce(PyObject* pool) noexcept {
  auto const slot = Pool::next_slot(pool);
  announced_ = slot ? pool_.coming(*slot) : Process{Role::worker};
  announced_by_ = ::getpid();
  return announced_;
}

std::optional<Process> HookDispatcher::before_fork() noexcept try {
  if (master_ != ::getpid()) return {};
  auto starting = Pool::starting();
  // Other code may fork, also between the announcement and the fork of a worker.
  if (!starting) return {};
  learn_pool();
  forked_at_ = SteadyTime::clock::now();
  announced_ = pool_.coming(starting->slot);
  announced_by_ = ::getpid();
  pool_.fill(starting->slot, std::move(starting->process));
  return announced_;
} catch (...) {
  log_line("no memory for a worker's slot: it has none");
  return {};
}

std::optional<Process> HookDispatcher::after_fork() noexcept {
  if (announced_by_ != ::getpid() || !Pool::starting()) return {};
  return take_announced_fork();
}

std::optional<Process> HookDispatcher::take_announced_fork() noexcept {
  if (announced_by_ != ::getpid()) return {};
  announced_by_ = 0;
  return announced_;
}

}  // namespace forksafe::celery
