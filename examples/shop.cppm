// SPDX-License-Identifier: MIT
module;
#include <chrono>
#include <cstdio>
#include <string_view>
export module shop;

import forksafe;
import forksafe.preset;

export namespace shop {

/// The file of orders: its buffer is copied by a fork, and would be written by parent and child both.
class Orders {
 public:
  static constexpr forksafe::Phase phase = forksafe::Phase::detach;
  static constexpr std::chrono::milliseconds deadline{2'000};
  /// Of threads that write to one FILE, the C library lets one at a time.
  static constexpr bool thread_safe = true;

  explicit Orders(forksafe::Registry& registry) : registry_(registry) {}

  /// When the container loads the application: before the forks, or under `--lazy-apps` in each worker.
  void load(forksafe::Application& application);

  /// In the parent: leave nothing in the buffer that a child would inherit.
  void operator()(forksafe::ApplicationPreFork const& event);
  /// In the child: a file of its own.
  void operator()(forksafe::ApplicationPostFork const& event);

  [[nodiscard]] forksafe::Response handle(forksafe::Request const& request);

 private:
  void open();

  forksafe::Registry& registry_;
  std::FILE* file_ = nullptr;
};

/// Tells when a fork failed: gunicorn never does, and there this subscriber is left out.
struct Alarm {
  void operator()(forksafe::ApplicationForkFailed const& event);
};

using Shop = forksafe::ForkSafeApp<forksafe::PresetPolicy, Orders, forksafe::if_emitted<Alarm>>;

static_assert(Shop::report.status == forksafe::PresetPolicy::status);
static_assert(forksafe::emits<forksafe::PresetPolicy, forksafe::ApplicationPostFork>);

}  // namespace shop
