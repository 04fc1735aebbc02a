// SPDX-License-Identifier: MIT
module;
#include <Python.h>
#include <atomic>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <sys/mman.h>
#include <unistd.h>
module forksafe.uwsgi.python.binding;

import forksafe;
import forksafe.bridge;

namespace forksafe::uwsgi_python {
namespace {

/// A call without arguments; null and no error where it fails.
Reference call(PyObject* function) noexcept {
  Reference result{function != nullptr ? PyObject_CallObject(function, nullptr) : nullptr};
  if (!result) PyErr_Clear();
  return result;
}

PyObject*& earlier(std::string_view hook, PyObject*& post_fork, PyObject*& atexit) noexcept {
  return hook == "atexit" ? atexit : post_fork;
}

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

void Server::connect() noexcept {
  worker_id_ = attribute(module_, "worker_id").release();
  mule_id_ = attribute(module_, "mule_id").release();
  is_spooler_ = attribute(module_, "i_am_the_spooler").release();
  long const master = ask("masterpid");
  has_master_ = master != 0;
  Reference const options = attribute(module_, "opt");
  bool const lazy = entry(options.get(), "lazy-apps") || entry(options.get(), "lazy");
  has_passed_fork_ = lazy && ask("worker_id") > 0;
  if (has_passed_fork_) {
    enter();
  } else {
    self_.role = Role::master;
  }
  bool const is_forking = has_master_ ? master == ::getpid() : ask("worker_id") <= 1 && !has_passed_fork_;
  if (!is_forking) return;
  forking_in_ = ::getpid();
  auto const slots = static_cast<std::size_t>(number(attribute(module_, "numproc").get()).value_or(0));
  void* const memory =
      ::mmap(nullptr, slots * sizeof(std::atomic<int>), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory != MAP_FAILED) filled_ = {static_cast<std::atomic<int>*>(memory), slots};
}

int Server::incarnation_of(int worker) noexcept {
  auto const slot = static_cast<std::size_t>(worker - 1);
  if (slot < filled_.size()) return filled_[slot].fetch_add(1, std::memory_order_relaxed) + 1;
  Reference const all = call(attribute(module_, "workers").get());
  Reference const own{all ? PySequence_GetItem(all.get(), worker - 1) : nullptr};
  if (!own) PyErr_Clear();
  // Python is told how often the worker was replaced (uWSGI 2.0.21, plugins/python/uwsgi_pymodule.c).
  return static_cast<int>(number(entry(own.get(), "respawn_count").get()).value_or(0)) + 1;
}

void Server::enter() noexcept {
  self_ = {Role::master, ::getpid(), ::getppid(), {}, {}};
  if (Reference const spooler = call(is_spooler_); spooler.get() == Py_True) {
    self_.role = Role::spooler;
  } else if (long const mule = number(call(mule_id_).get()).value_or(0); mule > 0) {
    self_.role = Role::mule;
    self_.slot = static_cast<int>(mule);
  } else if (long const worker = number(call(worker_id_).get()).value_or(0); worker > 0) {
    self_.role = Role::worker;
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

void Server::chain(char const* hook, PyMethodDef& method) noexcept {
  // It sets the hook behind a fork without looking what is there: better now than after us.
  if (std::string_view{hook} == "post_fork_hook" && !Reference{PyImport_ImportModule("uwsgidecorators")}) PyErr_Clear();
  Reference before = attribute(module_, hook);
  if (before && PyCallable_Check(before.get()) != 0) earlier(hook, earlier_post_fork_, earlier_atexit_) = before.release();
  Reference const own{PyCFunction_NewEx(&method, nullptr, nullptr)};
  if (own && PyObject_SetAttrString(module_, hook, own.get()) == 0) return;
  PyErr_Clear();
  log_line("uWSGI's hooks can't be set: the module uwsgi takes no attributes");
}

PyObject* Server::go_on(char const* hook) noexcept {
  PyObject* const before = earlier(hook, earlier_post_fork_, earlier_atexit_);
  return before == nullptr ? none() : PyObject_CallObject(before, nullptr);
}

}  // namespace forksafe::uwsgi_python
