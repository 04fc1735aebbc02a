// SPDX-License-Identifier: MIT
module;
#include <Python.h>
#include <unistd.h>
module forksafe.gunicorn.binding;

import forksafe;
import forksafe.base;
import forksafe.binding;
import forksafe.cpython;
import forksafe.std.operators;

namespace forksafe::gunicorn {
namespace {

/// The exit status of a worker on which the arbiter stops the server (gunicorn 20.1, Arbiter.APP_LOAD_ERROR).
constexpr long app_load_error = 4;

PyObject* argument(PyObject* arguments, std::size_t position, std::size_t arity) noexcept {
  return position < arity ? PyTuple_GetItem(arguments, static_cast<Py_ssize_t>(position)) : nullptr;
}

bool has(std::vector<std::string_view> const& names, std::string_view name) noexcept {
  return std::ranges::find(names, name) != names.end();
}

/// The settings of gunicorn that are shown (gunicorn 20.1, config.py): never raw_env, which may hold secrets.
// clang-format off
constexpr char const* known_settings[] = {
    "bind",      "workers",   "threads",      "timeout",             "graceful_timeout", "keepalive",
    "backlog",   "worker_connections", "max_requests", "max_requests_jitter", "preload_app",      "reload",
    "proc_name", "chdir",     "user",         "group",               "umask",            "pidfile",
    "daemon",    "paste"};
// clang-format on

}  // namespace

HookDispatcher::Entry HookDispatcher::begin_hook(HookEntry const& hook, PyObject* arguments, Call& call) noexcept {
  if (!has_arity(hook.name, arguments, hook.arity)) return Entry::error;
  call.server = argument(arguments, hook.position("server"), hook.arity);
  call.worker = argument(arguments, hook.position("worker"), hook.arity);
  call.subject.role = Role::worker;
  // Until the fork, a worker's pid is the word "[booting]" (gunicorn 20.1, Worker.__init__).
  if (auto const process = number(attribute(call.worker, "pid").get())) call.subject.pid = static_cast<pid_t>(*process);
  auto const role = role_here(call);
  if (!role) return Entry::skip;
  call.role = *role;
  PyObject* const informant = call.server != nullptr ? call.server : call.worker;
  Reference const configuration = attribute(informant, "cfg");
  if (!ready(configuration.get())) {
    if (refused_) return Entry::skip;
    refuse(call);
    return Entry::error;
  }
  if (!recognise()) return Entry::error;
  Reference const app = attribute(informant, "app");
  Reference const callable = attribute(app.get(), "callable");
  call.app_loaded = callable && callable.get() != Py_None;
  call.age = number(attribute(call.worker, "age").get());
  if (auto const filling = call.age ? slots_.find(*call.age) : std::nullopt) {
    call.subject.slot = filling->slot;
    call.subject.incarnation = filling->incarnation;
  }
  check_earlier_hooks(hook.name, call);
  return Entry::raise;
}

std::optional<Role> HookDispatcher::role_here(Call const& call) noexcept {
  auto const is_first_or_here = [](std::uint64_t& known) {
    if (known == 0) known = generation();
    return known == generation();
  };
  if (call.subject.pid == ::getpid()) return is_first_or_here(worker_) ? std::optional{Role::worker} : std::nullopt;
  // A process that a worker forks inherits the frames of spawn_worker, and calls the same hooks if it returns through them.
  if (auto const arbiter = number(attribute(call.server, "pid").get()); arbiter && *arbiter != ::getpid()) return {};
  if (worker_ != 0 || (call.server == nullptr && call.subject.pid != 0)) return {};
  return is_first_or_here(arbiter_) ? std::optional{Role::master} : std::nullopt;
}

void HookDispatcher::miss(PyObject* configuration, char const* hook, std::string_view consequence) noexcept try {
  std::string_view const name = hook;
  if (has(heard_hooks_, name) || has(missed_hooks_, name)) return;
  if (is_default_hook(configuration, hook)) return;
  missed_hooks_.push_back(name);
  application_.log_note("gunicorn's " + std::string{name} + " is another function than forksafe's: " +
                        std::string{consequence} + "; call " + module_ + "." + std::string{name} + " in it");
} catch (...) {
  log_line("no memory to say which of gunicorn's hooks is missing");
}

void HookDispatcher::check_earlier_hooks(std::string_view hook, Call const& call) noexcept try {
  Reference const configuration = attribute(call.server != nullptr ? call.server : call.worker, "cfg");
  if (call.role == Role::master) {
    if (hook != "on_starting") miss(configuration.get(), "on_starting", "ApplicationServerStarting is not heard");
    if (hook == "pre_fork" || hook == "on_exit") miss(configuration.get(), "when_ready", "ApplicationServerReady is not heard");
  } else if (hook == "worker_exit" && attribute(call.worker, "booted").get() == Py_True) {
    // A worker that could not load its application never came to post_worker_init (gunicorn 20.1, Worker.init_process).
    miss(configuration.get(), "post_worker_init", "ApplicationPostWorkerInit and ApplicationWorkerReady were not heard");
  }
  if (!has(heard_hooks_, hook)) heard_hooks_.push_back(hook);
} catch (...) {
  log_line("no memory to note which of gunicorn's hooks was called");
}

bool HookDispatcher::ready(PyObject* configuration) noexcept {
  if (state_ != State::fresh) return state_ == State::ready;
  state_ = State::unusable;
  try {
    application_.configure(reads_paste_ ? shown(attribute(configuration, "paste").get()) : std::string{});
    take_settings(configuration);
    load_();
    state_ = State::ready;
  } catch (...) {
    // gunicorn prints it.
    complaint_ = redacted_text(base::describe_current_exception());
  }
  return state_ == State::ready;
}

void HookDispatcher::take_settings(PyObject* configuration) {
  auto const take = [this](std::string const& name, Reference const& value) {
    std::string const text = shown(value.get());
    if (!text.empty()) application_.registry().settings().set("gunicorn." + name, text, "gunicorn " + name);
  };
  Reference const settings = attribute(configuration, "settings");
  if (!settings) return;
  for (char const* const name : known_settings) take(name, attribute(entry(settings.get(), name).get(), "value"));
  // With threads, gunicorn uses another class than the one that was set (gunicorn 20.1, Config.worker_class_str).
  take("worker_class", attribute(configuration, "worker_class_str"));
}

void HookDispatcher::refuse(Call const& call) noexcept {
  refused_ = true;
  char const* const reason = complaint_.c_str();
  if (call.role == Role::worker) {
    log_line(reason);
    Reference const status{PyLong_FromLong(app_load_error)};
    PyErr_SetObject(PyExc_SystemExit, status.get());
    return;
  }
  // Only the arbiter's main loop handles HaltServer, and only the hooks about a worker run inside it. Before the loop, gunicorn
  // prints the text of a RuntimeError and exits (gunicorn 20.1, BaseApplication.run).
  if (call.worker != nullptr) {
    Reference const errors{PyImport_ImportModule("gunicorn.errors")};
    if (!errors) PyErr_Clear();
    Reference const halt = attribute(errors.get(), "HaltServer");
    if (halt) {
      log_line(reason);
      Reference const text = unicode(complaint_);
      Reference const status{PyLong_FromLong(1)};
      Reference const parameters{text && status ? PyTuple_Pack(2, text.get(), status.get()) : nullptr};
      if (parameters) PyErr_SetObject(halt.get(), parameters.get());
      return;
    }
  }
  PyErr_SetString(PyExc_RuntimeError, reason);
}

bool HookDispatcher::recognise() noexcept {
  if (recognised_) return true;
  if (!choose_()) return false;
  try {
    application_.mark_configured();
    recognised_ = true;
  } catch (...) {
    log_line("no memory to note that gunicorn was recognised");
  }
  return true;
}

void HookDispatcher::give_slot(Call& call) noexcept {
  if (!call.age) return;
  try {
    // A worker that the arbiter has reaped frees its slot: gunicorn removes it from WORKERS, and calls child_exit only if the
    // user's configuration has it (gunicorn 20.1, reap_workers).
    Reference const workers = attribute(call.server, "WORKERS");
    Reference const values{workers ? PyMapping_Values(workers.get()) : nullptr};
    if (values) {
      std::vector<Age> alive;
      for (Py_ssize_t index = 0, size = PySequence_Size(values.get()); index < size; ++index) {
        Reference const worker{PySequence_GetItem(values.get(), index)};
        if (auto const age = number(attribute(worker.get(), "age").get())) alive.push_back(*age);
      }
      slots_.keep_only(alive);
    }
    PyErr_Clear();
    binding::Filling const filling = slots_.fill(*call.age);
    call.subject.slot = filling.slot;
    call.subject.incarnation = filling.incarnation;
    Reference const number{PyLong_FromLong(filling.slot)};
    if (!number || PyObject_SetAttrString(call.worker, "forksafe_slot", number.get()) != 0) PyErr_Clear();
  } catch (...) {
    log_line("no memory for a worker's slot: it has none");
  }
}

void HookDispatcher::before(std::size_t event, std::string_view hook, Call& call) noexcept {
  if (event == event_index<ApplicationPostFork>) {
    if (hook != "post_fork" && forked_ != generation())
      miss(attribute(call.worker, "cfg").get(), "post_fork", "ApplicationPostFork is heard late, at post_worker_init");
    forked_ = generation();
  }
  if (event == event_index<ApplicationPreFork>) {
    give_slot(call);
    announced_ = call;
    announced_.server = announced_.worker = nullptr;
    announced_by_ = ::getpid();
  }
  if (event == event_index<ApplicationServerReload>) {
    try {
      take_settings(attribute(call.server, "cfg").get());
    } catch (...) {
      log_line("no memory for gunicorn's settings: they stay as they were before the reload");
    }
  }
}

std::optional<Call> HookDispatcher::before_fork() noexcept {
  if (!recognised_ || arbiter_ != generation() || announced_by_ == ::getpid()) return {};
  auto const spawn = forking();
  if (!spawn) return {};
  Call call;
  // Both are borrowed from the frame that forks.
  call.server = spawn->server.get();
  call.worker = spawn->worker.get();
  call.subject.role = Role::worker;
  call.age = number(attribute(call.worker, "age").get());
  Reference const app = attribute(call.server, "app"), callable = attribute(app.get(), "callable");
  call.app_loaded = callable && callable.get() != Py_None;
  miss(attribute(call.server, "cfg").get(), "pre_fork", "ApplicationPreFork is heard at the fork");
  return call;
}

std::optional<Call> HookDispatcher::after_fork() noexcept {
  if (announced_by_ != ::getpid() || !forking()) return {};
  return take_announced_fork();
}

void HookDispatcher::look_around(bool forked_now) noexcept try {
  if (!heard_hooks_.empty() || looked_ == generation() || !has_arbiter()) return;
  auto const spawn = forked_now ? forking() : spawned();
  if (!spawn) return;
  auto const worker = number(attribute(spawn->worker.get(), "pid").get());
  if (!forked_now && worker != ::getpid()) return;
  Reference const configuration = attribute(spawn->server.get(), "cfg");
  Reference const booted = attribute(spawn->worker.get(), "booted");
  bool const has_all_behind_it = booted.get() == Py_True;
  if (forked_now && may_call(configuration.get(), "post_fork", module_)) return;
  if (!has_all_behind_it && may_call(configuration.get(), "post_worker_init", module_)) return;
  looked_ = generation();
  application_.note_unheard_fork(software(),
                                 "start it with -c python:" + module_ + ", or import these hooks into the configuration file");
} catch (...) {
  log_line("no memory to say that gunicorn calls none of forksafe's hooks");
}

std::optional<Call> HookDispatcher::take_announced_fork() noexcept {
  if (announced_by_ != ::getpid()) return {};
  announced_by_ = 0;
  return announced_;
}

}  // namespace forksafe::gunicorn
