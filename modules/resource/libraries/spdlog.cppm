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
  /// How many lines may wait to be written.
  std::size_t queue_size = 8192;
  std::size_t threads = 1;
  spdlog::async_overflow_policy overflow = spdlog::async_overflow_policy::block;
};

/// The part of StopRestart's traits that is the same for every asynchronous log of spdlog. Yours derive from it:
/// `struct AccessLog : SpdlogTraits { AccessLog() : SpdlogTraits("access", make_sinks) {} };`
///
/// spdlog's own asynchronous logger belongs to one thread pool for good, and the threads of a pool do not survive a fork:
/// a child's lines are queued for nobody. This one changes pools. Each line is written once, by the process that logged
/// it: around a fork lines wait in the parent; a child starts without them, with sinks and threads of its own as soon as
/// it logs. Nobody needs to be told: a logger that was fetched before the fork goes on after it, announced or not.
class SpdlogTraits {
 public:
  using MakeSinks = std::function<std::vector<spdlog::sink_ptr>()>;
  static constexpr InChild in_child = InChild::lazily;

  /// `make_sinks` is called in each process that logs: let files be opened to append, as spdlog does by default, and
  /// not be rotated by several processes.
  SpdlogTraits(std::string const& logger_name, MakeSinks make_sinks, SpdlogOptions const& options = {});

  /// The logger of this and of all child processes; thread-safe. Register it with spdlog, or make it spdlog's default
  /// logger, where that is wanted.
  [[nodiscard]] std::shared_ptr<spdlog::logger> const& logger() const noexcept { return logger_; }

  void start();
  /// Writes and flushes what is queued, and ends the threads. From then on lines wait for start(). Where it fails, the
  /// lines after it may be written before those that were too slow.
  [[nodiscard]] bool stop(std::chrono::steady_clock::time_point until);
  void discard() noexcept;
  /// Whether this process has threads that write.
  [[nodiscard]] bool is_running() const;
  /// For the end of a process: like stop, but later lines are written at once, by the thread that logs them.
  void finish(std::chrono::steady_clock::time_point until);

 private:
  std::shared_ptr<SpdlogRelay> relay_;
  std::shared_ptr<spdlog::logger> logger_;
};

/// An asynchronous log: `registry.get<SpdlogAsync<Traits>>().get().logger()`. Written out when a worker or the server
/// ends in an orderly way, where the container tells.
template <StopRestartTraits Traits>
  requires(std::derived_from<Traits, SpdlogTraits> || because<"derive the traits from forksafe::SpdlogTraits">())
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
