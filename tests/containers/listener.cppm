// SPDX-License-Identifier: MIT
module;
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
export module listener;

import forksafe;
import forksafe.preset;

export namespace listener {

/// Answers no requests. Writes to the file of the setting `trace` the processes in which it is called, and those in which it is
/// destroyed, which must not occur. Loading fails if the setting `fail` says so.
class Ear {
 public:
  explicit Ear(forksafe::Registry& registry) : registry_(registry) {}
  ~Ear() { write("destroyed"); }

  void load(forksafe::Application&) {
    if (registry_.settings().get("fail")) throw std::runtime_error{"as configured"};
  }

  void operator()(forksafe::ApplicationPostFork const& event) {
    write(std::string{"PostFork "} + std::string{forksafe::name_of(event.process)});
  }

 private:
  void write(std::string const& line) {
    auto const path = registry_.settings().get("trace");
    if (path) std::ofstream{std::string{*path}, std::ios::app} << line + "\n";
  }

  forksafe::Registry& registry_;
};

using Listener = forksafe::ForkSafeApp<forksafe::PresetPolicy, Ear>;
static_assert(!Listener::handles_requests);

}  // namespace listener
