// SPDX-License-Identifier: MIT
module;
#include <charconv>
#include <chrono>
#include <string>
#include <string_view>
#include <thread>
export module sleeper;

import forksafe;
import forksafe.preset;

export namespace sleeper {

/// Sleeps for the milliseconds of the setting `sleep` after each fork, with the default deadline of subscribers.
class Slow {
 public:
  static constexpr bool thread_safe = true;

  static constexpr std::string_view name = "Slow";

  explicit Slow(forksafe::Application& application) : application_(application) {}

  void operator()(forksafe::ApplicationPostFork const&) const {
    std::string_view const text = application_.registry().settings().get("sleep", "0");
    int milliseconds = 0;
    std::from_chars(text.data(), text.data() + text.size(), milliseconds);
    std::this_thread::sleep_for(std::chrono::milliseconds{milliseconds});
  }

  [[nodiscard]] forksafe::Response handle(forksafe::Request const&) {
    return {200, {{"Content-Type", "application/json"}}, forksafe::to_json(application_.debug())};
  }

 private:
  forksafe::Application& application_;
};

using Sleeper = forksafe::ForkSafeApp<forksafe::PresetPolicy, Slow>;

}  // namespace sleeper
