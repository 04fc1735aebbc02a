// SPDX-License-Identifier: MIT
module;
#include <csignal>
#include <concepts>
#include <cstddef>
#include <exception>
#include <string>
#include <string_view>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>
export module forksafe.testing:container;

import :calls;
import :child;
import forksafe;
import forksafe.binding;
import forksafe.policy;

namespace forksafe::testing {

/// The row by which the container of a test raises an event: the first one, which is native where one is.
template <ContainerPolicy Policy, ApplicationEvent Event>
consteval std::size_t row_of() {
  std::size_t row = Policy::wiring.size();
  for (std::size_t place = Policy::wiring.size(); place-- != 0;) {
    Wire const& wire = Policy::wiring[place];
    if (wire.event == event_index<Event> && wire.support != Support::absent) row = place;
  }
  return row;
}

/// Whether the process that hears the event is not the master.
template <ContainerPolicy Policy, ApplicationEvent Event>
consteval bool raises_in_worker() {
  if constexpr (emits<Policy, Event>) {
    return Policy::wiring[row_of<Policy, Event>()].process != name_of(Role::master);
  } else {
    return false;
  }
}

/// The processes that hear ApplicationPostFork first, as the wiring names them.
template <ContainerPolicy Policy>
consteval ProcessKind kind_of_workers() {
  std::string_view const word = Policy::wiring[row_of<Policy, ApplicationPostFork>()].process;
  std::string_view const first = word.substr(0, word.find(','));
  for (ProcessKind const& kind : words_of<Policy>())
    if (kind.word == first) return kind;
  return {{}, first == name_of(Role::task) ? Role::task : Role::worker};
}

/// What a worker does.
template <class Work>
concept SaysText = requires(Work& work) {
  { work() } -> std::convertible_to<std::string_view>;
} || because("let the work take nothing and return what it has to say as text: `[] { return std::string{}; }`");

}  // namespace forksafe::testing

export namespace forksafe::testing {

/// A process that a Container has forked.
struct Worker {
  Process process{};
  Child child;
  binding::WorkerKey key = 0;
};

/// A container for unit tests, which does what the application's policy says of the real one: raises its events, each in the
/// process that hears it, in real forked processes. An event that the real one never raises is not raised here.
///
/// It is used in the process that makes it, the master. Workers of it that are not reaped live a minute at most.
template <class App>
class Container {
 public:
  using Policy = typename App::policy;

  /// Makes the application, which is never destroyed. Exceptions of its constructor go to the caller.
  explicit Container(std::string_view name) : app_(*new App{name}) {}

  [[nodiscard]] App& app() noexcept { return app_; }
  /// Sets a setting, before start().
  void set(std::string_view key, std::string_view value) { app_.registry().settings().set(key, value, "test"); }

  /// Starts the server: ApplicationServerStarting, the application's `load`, ApplicationServerReady. Exceptions of `load` go to
  /// the caller.
  void start() {
    app_.mark_configured();
    raise<ApplicationServerStarting>({.process = master_, .app_loaded = false});
    app_.load();
    raise<ApplicationServerReady>({.process = master_});
  }

  /// Forks a worker, which hears that it was forked, is initialised and is ready, then does `work`, which returns a text, and
  /// hears that it ends. A worker that must not serve leaves before `work`, as the policy says.
  ///
  /// Throws std::system_error where no process can be forked, after ApplicationForkFailed, where the policy raises it.
  template <SaysText Work>
  Worker fork(Work work, Ending ending = Ending::at_once) {
    Worker worker = announced();
    if (worker.child.is_self()) serve(worker, std::move(work), ending);
    has_forked(worker);
    return worker;
  }

  /// Does the same for a process that no hook announces, neither in the parent nor in the child.
  template <SaysText Work>
  Worker fork_unannounced(Work work, Ending ending = Ending::at_once) {
    Worker worker{{}, Child::fork()};
    if (worker.child.is_self()) {
      say(worker, work);
      worker.child.end(ending);
    }
    worker.process.pid = worker.child.pid();
    return worker;
  }

  /// Forks a worker that hangs after it is ready, until time_out() or reap().
  Worker fork_hanging() {
    Meeting meeting;
    Worker worker = fork([&]() -> std::string {
      meeting.arrive();
      for (;;) ::pause();
    });
    meeting.await();
    return worker;
  }

  /// Fails a fork with this errno: ApplicationPreFork, then ApplicationForkFailed, and the container lives on. Where the policy
  /// never raises ApplicationForkFailed, nothing but ApplicationPreFork is heard.
  void fail_fork(int error) {
    Process const child{workers.role, 0, ::getpid(), 1, 1, workers.word};
    raise<ApplicationPreFork>({.process = master_, .child = child});
    raise<ApplicationForkFailed>({.process = master_, .child = child, .error = error});
  }

  /// Kills and reaps a worker that takes too long, after ApplicationWorkerAbort, where the container raises it: in the master,
  /// or in the worker, as in a signal handler that interrupts its work, and ApplicationWorkerExit after it. Throws as reap()
  /// does.
  End time_out(Worker& worker) {
    worker.child.expect_unreaped();
    if constexpr (emits<Policy, ApplicationWorkerAbort> && !aborts_in_worker)
      raise<ApplicationWorkerAbort>({.process = master_, .child = worker.process});
    worker.child.kill(aborts_in_worker ? SIGABRT : SIGKILL);
    return reap(worker);
  }

  /// Waits for the worker's end, of which ApplicationWorkerReaped then tells. Throws std::logic_error if it was reaped already,
  /// and std::system_error if its end cannot be known; then its slot is free, and no event is raised.
  End reap(Worker& worker) {
    worker.child.expect_unreaped();
    std::erase(alive_, worker.key);
    slots_.keep_only(alive_);
    End end = worker.child.wait();
    if (worker.key != 0) raise<ApplicationWorkerReaped>({.process = master_, .child = worker.process, .status = end.raw});
    return end;
  }

  /// Tells the server to replace its workers.
  void reload() { raise<ApplicationServerReload>({.process = master_}); }
  /// Ends the server in an orderly way; this process lives on.
  void stop() { raise<ApplicationServerExit>({.process = master_}); }

  /// Returns what subscribers have heard so far, in all processes, or in one.
  [[nodiscard]] std::vector<Call> heard() const { return calls(app_); }
  [[nodiscard]] std::vector<Call> heard_in(pid_t process) const { return calls(app_, process); }

 private:
  static constexpr ProcessKind workers = kind_of_workers<Policy>();
  static constexpr bool aborts_in_worker = raises_in_worker<Policy, ApplicationWorkerAbort>();

  template <ApplicationEvent Event>
  void raise(binding::Facts const& facts) noexcept {
    if constexpr (emits<Policy, Event>)
      app_.template emit_row<Policy, row_of<Policy, Event>()>(binding::make_event<Event>(facts));
  }

  Worker announced() {
    // Before anything is announced: what can't be made is no failed fork.
    Pipe pipe;
    binding::WorkerKey const key = ++last_key_;
    binding::Filling const filling = slots_.fill(key);
    Process const child{workers.role, 0, ::getpid(), filling.slot, filling.incarnation, workers.word};
    raise<ApplicationPreFork>({.process = master_, .child = child});
    try {
      return {child, Child::fork(std::move(pipe)), key};
    } catch (std::system_error const& failure) {
      slots_.keep_only(alive_);
      raise<ApplicationForkFailed>({.process = master_, .child = child, .error = failure.code().value()});
      throw;
    }
  }

  void has_forked(Worker& worker) {
    worker.process.pid = worker.child.pid();
    alive_.push_back(worker.key);
    raise<ApplicationPostForkParent>({.process = master_, .child = worker.process});
  }

  template <class Work>
  [[noreturn]] void serve(Worker& worker, Work work, Ending ending) noexcept {
    binding::Facts const facts{.process = worker.process, .child = worker.process, .forked = true};
    raise<ApplicationPostFork>(facts);
    raise<ApplicationPostWorkerInit>(facts);
    raise<ApplicationWorkerReady>(facts);
    if constexpr (aborts_in_worker) {
      self_ = {this, facts};
      std::signal(SIGABRT, [](int) { self_.container->abort(self_.facts); });
    }
    say(worker, work);
    raise<ApplicationWorkerExit>(facts);
    worker.child.end(ending);
  }

  [[noreturn]] void abort(binding::Facts const& facts) noexcept {
    raise<ApplicationWorkerAbort>(facts);
    raise<ApplicationWorkerExit>(facts);
    ::kill(::getpid(), SIGKILL);
    for (;;) ::pause();
  }

  template <class Work>
  static void say(Worker& worker, Work& work) noexcept try {
    worker.child.say(work());
  } catch (std::exception const& exception) {
    worker.child.say(std::string{"threw: "} + exception.what());
  } catch (...) {
    worker.child.say("threw something that is no std::exception");
  }

  /// What the signal handler of a worker needs.
  struct Self {
    Container* container = nullptr;
    binding::Facts facts{};
  };
  static inline Self self_{};

  App& app_;
  Process master_{.role = Role::master};
  binding::Slots slots_{};
  std::vector<binding::WorkerKey> alive_{};
  binding::WorkerKey last_key_ = 0;
};

}  // namespace forksafe::testing
