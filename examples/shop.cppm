// SPDX-License-Identifier: MIT
module;
#include <chrono>
#include <cstdio>
#include <string_view>
export module shop;

import forksafe;
import forksafe.preset;

export namespace shop {

/// The file of orders. A fork copies its buffer, which both parent and child would then write.
class Orders {
 public:
  static constexpr forksafe::Phase phase = forksafe::Phase::detach;
  static constexpr std::chrono::milliseconds deadline{2'000};
  /// The C library lets one thread at a time write to a FILE.
  static constexpr bool thread_safe = true;

  explicit Orders(forksafe::Registry& registry) : registry_(registry) {}

  /// Called when the container loads the application: before the forks, or under `--lazy-apps` in each worker.
  void load(forksafe::Application& application);

  /// Writes the buffer in the parent, so that a child inherits an empty one.
  void operator()(forksafe::ApplicationPreFork const& event);
  /// Opens a separate file in the child.
  void operator()(forksafe::ApplicationPostFork const& event);

  [[nodiscard]] forksafe::Response handle(forksafe::Request const& request);

 private:
  void open();

  forksafe::Registry& registry_;
  std::FILE* file_ = nullptr;
};

/// Logs a failed fork. gunicorn never reports one: there this subscriber is left out.
struct Alarm {
  void operator()(forksafe::ApplicationForkFailed const& event);
};

using Shop = forksafe::ForkSafeApp<forksafe::PresetPolicy, Orders, forksafe::IfEmitted<Alarm>>;

static_assert(Shop::report.status == forksafe::PresetPolicy::status);
static_assert(forksafe::emits<forksafe::PresetPolicy, forksafe::ApplicationPostFork>);

}  // namespace shop
