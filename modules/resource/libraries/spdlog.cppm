// SPDX-License-Identifier: MIT
module;
#include <spdlog/async.h>
#include <spdlog/spdlog.h>
export module forksafe.resource.spdlog;

export import forksafe.resource;
import forksafe;
import forksafe.std;

namespace forksafe {

class SpdlogRelay;

}  // namespace forksafe

export namespace forksafe {

/// spdlog's own defaults.
struct SpdlogOptions {
  /// The number of lines that may wait to be written.
  std::size_t queue_size = 8192;
  std::size_t threads = 1;
  spdlog::async_overflow_policy overflow = spdlog::async_overflow_policy::block;
};

/// The part of StopRestart's traits that every asynchronous log of spdlog shares. Derive yours from it:
/// `struct AccessLog : SpdlogTraits { AccessLog() : SpdlogTraits("access", make_sinks) {} };`
///
/// spdlog's own asynchronous logger belongs to one thread pool for good, and the threads of a pool do not survive a fork: a
/// child's lines are queued and never written. This one changes pools. Each line is written once, by the process that logged
/// it: around a fork lines wait in the parent; a child starts without them, with its own sinks and threads as soon as it logs.
/// A logger that was fetched before the fork works after it, announced or not.
class SpdlogTraits {
 public:
  using MakeSinks = std::function<std::vector<spdlog::sink_ptr>()>;
  static constexpr InChild in_child = InChild::lazily;

  /// Calls `make_sinks` in each process that logs: files should be opened to append, as spdlog does by default, and not be
  /// rotated by several processes.
  SpdlogTraits(std::string const& logger_name, MakeSinks make_sinks, SpdlogOptions const& options = {});

  /// Returns the logger of this and of all child processes; thread-safe. Register it with spdlog, or make it spdlog's default
  /// logger, where that is wanted.
  [[nodiscard]] std::shared_ptr<spdlog::logger> const& logger() const noexcept { return logger_; }

  void start();
  /// Writes and flushes what is queued, and ends the threads. From then on lines wait for start(). Where it fails, later lines
  /// may be written before those that were too slow.
  [[nodiscard]] bool stop(std::chrono::steady_clock::time_point until);
  void discard() noexcept;
  /// Whether this process has threads that write.
  [[nodiscard]] bool is_running() const;
  /// Ends the log with the process: like stop, but later lines are written at once, by the thread that logs them.
  void finish(std::chrono::steady_clock::time_point until);

 private:
  std::shared_ptr<SpdlogRelay> relay_;
  std::shared_ptr<spdlog::logger> logger_;
};

/// An asynchronous log: `registry.get<SpdlogAsync<Traits>>().get().logger()`. Written out when a worker or the server ends in
/// an orderly way, where the container tells.
template <StopRestartTraits Traits>
  requires(std::derived_from<Traits, SpdlogTraits> || because("derive the traits from forksafe::SpdlogTraits"))
class SpdlogAsync : public StopRestart<Traits> {
 public:
  template <class Event>
  static constexpr bool may_miss = std::same_as<Event, ApplicationForkFailed> || std::same_as<Event, ApplicationWorkerExit> ||
                                   std::same_as<Event, ApplicationServerExit>;
  using StopRestart<Traits>::StopRestart;

  template <class Event>
    requires Hears<StopRestart<Traits>, Event>
  void operator()(Event const& event) {
    if constexpr (std::same_as<Event, ApplicationPreFork>) {
      // Started by its first line and not by get().
      if (this->traits().is_running()) this->start();
    }
    StopRestart<Traits>::operator()(event);
  }
  void operator()(ApplicationWorkerExit const&) { this->traits().finish(this->veto_time()); }
  void operator()(ApplicationServerExit const&) { this->traits().finish(this->veto_time()); }
};

}  // namespace forksafe
