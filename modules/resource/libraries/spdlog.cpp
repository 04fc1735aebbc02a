// SPDX-License-Identifier: MIT
module;
#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <spdlog/async.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/sink.h>
#include <spdlog/spdlog.h>
#include <string>
#include <thread>
#include <utility>
#include <vector>
module forksafe.resource.spdlog;

namespace forksafe {

/// The one sink of the logger: hands lines to the pool of this process.
class SpdlogRelay final : public spdlog::sinks::sink {
 public:
  SpdlogRelay(std::string const& name, SpdlogTraits::MakeSinks make_sinks, SpdlogOptions const& options)
      : name_(name), make_sinks_(std::move(make_sinks)), options_(options), state_(new State{}) {}

  void log(spdlog::details::log_msg const& line) override {
    State& state = current();
    std::lock_guard const lock{state.mutex};
    if (state.held) {
      state.waiting.emplace_back(line);
    } else {
      open(state);
      write(state, line);
    }
  }

  void flush() override {
    State& state = current();
    std::lock_guard const lock{state.mutex};
    if (state.pool != nullptr) {
      state.pool->post_flush(std::shared_ptr{state.backend}, options_.overflow);
    } else if (state.finished) {
      flush_sinks(*state.backend);
    }
  }

  void set_pattern(std::string const& pattern) override { set_formatter(std::make_unique<spdlog::pattern_formatter>(pattern)); }

  void set_formatter(std::unique_ptr<spdlog::formatter> formatter) override {
    State& state = current();
    std::lock_guard const lock{state.mutex};
    formatter_ = std::move(formatter);
    if (state.backend != nullptr) state.backend->set_formatter(formatter_->clone());
  }

  void start() {
    State& state = current();
    std::lock_guard const lock{state.mutex};
    state.held = false;
    open(state);
    for (auto const& line : std::exchange(state.waiting, {})) write(state, line);
  }

  bool stop(std::chrono::steady_clock::time_point until) {
    State& state = current();
    std::unique_lock lock{state.mutex, until};
    if (!lock) return false;
    state.held = true;
    lock.unlock();
    if (!end(state, until)) return false;
    lock.lock();
    if (state.pool == nullptr) return true;
    state.ending = std::thread{[pool = std::exchange(state.pool, nullptr), backend = state.backend]() mutable {
      pool.reset();
      flush_sinks(*backend);
    }};
    lock.unlock();
    return end(state, until);
  }

  void finish(std::chrono::steady_clock::time_point until) {
    if (!stop(until)) return;
    State& state = current();
    std::lock_guard const lock{state.mutex};
    state.held = false;
    state.finished = true;
    if (state.backend == nullptr) return;
    for (auto const& line : std::exchange(state.waiting, {})) write(state, line);
  }

  bool is_running() {
    State& state = current();
    std::lock_guard const lock{state.mutex};
    return state.pool != nullptr;
  }

  /// Leaves the parent's state behind: its locks may be held, its threads are not there.
  void discard() { static_cast<void>(current()); }

 private:
  /// The state of one process. Never destroyed; a child's refers to its parent's, within reach of leak checkers.
  struct State {
    std::uint64_t made_in = generation();
    State* parents = nullptr;
    std::timed_mutex mutex{};
    /// The sinks; the pools write by it.
    std::shared_ptr<spdlog::async_logger> backend{};
    std::shared_ptr<spdlog::details::thread_pool> pool{};
    /// The lines that were logged around a fork.
    std::vector<spdlog::details::log_msg_buffer> waiting{};
    bool held = false;
    bool finished = false;
    /// Waits for the end of a pool's threads, for as long as that takes; only the thread that forks looks at it.
    std::thread ending{};
  };

  State& current() {
    State* state = state_.load();
    if (state->made_in == generation()) return *state;
    auto own = std::make_unique<State>();
    own->parents = state;
    if (state_.compare_exchange_strong(state, own.get())) return *own.release();
    return *state;
  }

  void open(State& state) {
    if (state.backend == nullptr) {
      auto const sinks = make_sinks_();
      state.backend = std::make_shared<spdlog::async_logger>(name_, sinks.begin(), sinks.end(),
                                                             std::weak_ptr<spdlog::details::thread_pool>{}, options_.overflow);
      if (formatter_ != nullptr) state.backend->set_formatter(formatter_->clone());
    }
    if (state.pool == nullptr && !state.finished) {
      state.pool = std::make_shared<spdlog::details::thread_pool>(options_.queue_size, options_.threads);
    }
  }

  void write(State& state, spdlog::details::log_msg const& line) {
    if (state.pool != nullptr) {
      state.pool->post_log(std::shared_ptr{state.backend}, line, options_.overflow);
      return;
    }
    for (auto const& sink : state.backend->sinks()) {
      if (sink->should_log(line.level)) sink->log(line);
    }
    flush_sinks(*state.backend);
  }

  static void flush_sinks(spdlog::logger const& backend) noexcept {
    for (auto const& sink : backend.sinks()) {
      try {
        sink->flush();
      } catch (std::exception const& error) {
        log_line(error.what());
      }
    }
  }

  static bool end(State& state, std::chrono::steady_clock::time_point until) {
    return !state.ending.joinable() || join_until(state.ending, until);
  }

  std::string name_;
  SpdlogTraits::MakeSinks make_sinks_;
  SpdlogOptions options_;
  std::unique_ptr<spdlog::formatter> formatter_;
  std::atomic<State*> state_;
};

SpdlogTraits::SpdlogTraits(std::string const& logger_name, MakeSinks make_sinks, SpdlogOptions const& options)
    : relay_(std::make_shared<SpdlogRelay>(logger_name, std::move(make_sinks), options)),
      logger_(std::make_shared<spdlog::logger>(logger_name, relay_)) {}

void SpdlogTraits::start() { relay_->start(); }

bool SpdlogTraits::stop(std::chrono::steady_clock::time_point until) { return relay_->stop(until); }

void SpdlogTraits::discard() noexcept { relay_->discard(); }

bool SpdlogTraits::is_running() const { return relay_->is_running(); }

void SpdlogTraits::finish(std::chrono::steady_clock::time_point until) { relay_->finish(until); }

}  // namespace forksafe
