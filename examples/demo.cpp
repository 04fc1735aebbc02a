// SPDX-License-Identifier: MIT
module;
#include <cstdint>
#include <random>
#include <string>
module demo;

namespace demo {

void Tokens::operator()(forksafe::ApplicationPostFork const& event) {
  state = std::random_device{}() | static_cast<std::uint64_t>(event.process.pid) << 32;
}

std::uint64_t Tokens::draw() { return std::mt19937_64{state++}(); }

void Pages::operator()(forksafe::ApplicationPostWorkerInit const& event) { worker_ = event.process; }

forksafe::Response Pages::handle(forksafe::Request const& request) {
  if (request.path() == "/debug") {
    return {200, {{"Content-Type", "application/json"}}, forksafe::to_json(application_.debug()) + "\n"};
  }
  if (request.path() == "/report") {
    return {200, {{"Content-Type", "text/plain"}}, forksafe::to_text(application_.debug())};
  }
  if (request.path() != "/") return {404, {{"Content-Type", "text/plain"}}, "Not Found\n"};
  return {200,
          {{"Content-Type", "text/plain"}},
          "worker " + std::to_string(worker_.slot.value_or(0)) + ", pid " + std::to_string(worker_.pid) + "\n"};
}

}  // namespace demo
