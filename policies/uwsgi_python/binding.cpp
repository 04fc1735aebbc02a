// SPDX-License-Identifier: MIT
module;
#include <Python.h>
#include <sys/syscall.h>
#include <unistd.h>
module forksafe.uwsgi_python.binding;

import forksafe;
import forksafe.base;
import forksafe.cpython;
import forksafe.std.operators;
import forksafe.uwsgi;

namespace forksafe::uwsgi_python {
namespace {

/// Calls a function without arguments. Returns null, and sets no error, if it fails.
Reference call(PyObject* function) noexcept {
  Reference result{function != nullptr ? PyObject_CallObject(function, nullptr) : nullptr};
  if (!result) PyErr_Clear();
  return result;
}

bool same_object(Reference const& one, PyObject* other) noexcept { return one.get() == other; }

}  // namespace

std::string Server::missing() {
  Reference module{PyImport_ImportModule("uwsgi")};
  if (!module) {
    PyErr_Clear();
    return "there is no module uwsgi";
  }
  for (char const* const name : {"masterpid", "worker_id", "mule_id", "i_am_the_spooler", "workers"})
    if (Reference const function = attribute(module.get(), name); !function || PyCallable_Check(function.get()) == 0)
      return std::string{"the module uwsgi has no "} + name + "()";
  if (module_ == nullptr) module_ = module.release();
  return {};
}

long Server::ask(char const* function) const noexcept {
  return number(call(attribute(module_, function).get()).get()).value_or(0);
}

bool Server::is_member(long master) const noexcept {
  long const worker = ask("worker_id");
  bool const has_place = worker > 0 || ask("mule_id") > 0 || same_object(call(is_spooler_), Py_True);
  // A process that a process of uWSGI forks by itself has its parent's place, and is not a child of the master.
  if (master != 0) return has_place && ::getppid() == master;
  Reference const all = call(attribute(module_, "workers").get());
  Reference const own{all && worker > 0 ? PySequence_GetItem(all.get(), worker - 1) : nullptr};
  if (!own) PyErr_Clear();
  long const noted = number(entry(own.get(), "pid").get()).value_or(0);
  return has_place && (noted == 0 || noted == ::getpid());
}

void Server::connect() noexcept {
  worker_id_ = attribute(module_, "worker_id").release();
  mule_id_ = attribute(module_, "mule_id").release();
  is_spooler_ = attribute(module_, "i_am_the_spooler").release();
  self_.role = Role::master;
  long const master = ask("masterpid");
  has_master_ = master != 0;
  Reference const options = attribute(module_, "opt");
  bool const lazy = entry(options.get(), "lazy-apps") || entry(options.get(), "lazy");
  bool const in_first = !has_master_ && ask("worker_id") <= 1 && !lazy;
  has_passed_fork_ = !in_first && master != ::getpid() && is_member(master);
  if (has_passed_fork_) return identify();
  bool const is_forking = has_master_ ? master == ::getpid() : ask("worker_id") <= 1;
  if (!is_forking) return;
  forking_in_ = ::getpid();
  auto const slots = static_cast<std::size_t>(number(attribute(module_, "numproc").get()).value_or(0));
  if (auto* const filled = base::share<std::atomic<int>[]>(slots).release(); filled != nullptr) filled_ = {filled, slots};
}

bool Server::may_be_forking() const noexcept { return forking_in_ == ::getpid() && ::syscall(SYS_gettid) == forking_in_; }

int Server::incarnation_of(int worker) noexcept {
  auto const slot = static_cast<std::size_t>(worker - 1);
  if (slot < filled_.size()) return filled_[slot].fetch_add(1, std::memory_order_relaxed) + 1;
  Reference const all = call(attribute(module_, "workers").get());
  Reference const own{all ? PySequence_GetItem(all.get(), worker - 1) : nullptr};
  if (!own) PyErr_Clear();
  // uWSGI gives Python the number of replacements (uWSGI 2.0.21, plugins/python/uwsgi_pymodule.c).
  return static_cast<int>(number(entry(own.get(), "respawn_count").get()).value_or(0)) + 1;
}

void Server::be(ProcessKind const& kind) noexcept {
  self_.role = kind.role;
  self_.word = kind.word;
}

void Server::identify() noexcept {
  self_ = {Role::master, ::getpid(), ::getppid(), {}, {}};
  identified_in_ = ::getpid();
  if (same_object(call(is_spooler_), Py_True)) {
    be(UwsgiPolicy::spooler);
    self_.slot = spooler_number();
  } else if (long const mule = number(call(mule_id_).get()).value_or(0); mule > 0) {
    be(UwsgiPolicy::mule);
    self_.slot = static_cast<int>(mule);
  } else if (long const worker = number(call(worker_id_).get()).value_or(0); worker > 0) {
    be(UwsgiPolicy::worker);
    self_.slot = static_cast<int>(worker);
    self_.incarnation = incarnation_of(*self_.slot);
  }
}

Process Server::this_process() const noexcept {
  Process process = self_;
  process.pid = ::getpid();
  process.parent = ::getppid();
  return process;
}

std::optional<int> Server::spooler_number() const noexcept {
  Reference const pids = call(attribute(module_, "spooler_pids").get());
  Py_ssize_t const size = pids ? PySequence_Size(pids.get()) : 0;
  for (Py_ssize_t index = 0; index < size; ++index)
    if (number(Reference{PySequence_GetItem(pids.get(), index)}.get()) == ::getpid()) return static_cast<int>(index) + 1;
  PyErr_Clear();
  return {};
}

bool Server::was_passed_over() const noexcept {
  return identified_in_ == 0 && !has_passed_fork_ && number(call(worker_id_).get()).value_or(0) > 0;
}

void Server::chain(Chain& chain, char const* hook, PyMethodDef& method) noexcept {
  // uwsgidecorators sets the hook after a fork and drops what was set before. Imported now, it comes before this one.
  if (&chain == &post_fork && !Reference{PyImport_ImportModule("uwsgidecorators")}) PyErr_Clear();
  chain.hook = hook;
  chain.own = PyCFunction_NewEx(&method, nullptr, nullptr);
  keep(chain);
}

void Server::keep(Chain& chain) noexcept try {
  if (chain.own == nullptr) return;
  Reference set = attribute(module_, chain.hook);
  if (same_object(set, chain.own)) return;
  if (set && PyCallable_Check(set.get()) != 0) {
    std::erase(chain.others, set.get());
    chain.others.push_back(set.release());
  }
  if (PyObject_SetAttrString(module_, chain.hook, chain.own) == 0) return;
  PyErr_Clear();
  log_line("uWSGI's hooks cannot be set: the module uwsgi takes no attributes");
} catch (...) {
  log_line("no memory to keep uWSGI's hooks: only the latest one that was set is called");
}

PyObject* Server::go_on(Chain& chain) noexcept {
  if (chain.depth == chain.others.size()) return none();
  ++chain.depth;
  PyObject* const result = PyObject_CallObject(chain.others[chain.others.size() - chain.depth], nullptr);
  --chain.depth;
  return result;
}

}  // namespace forksafe::uwsgi_python
