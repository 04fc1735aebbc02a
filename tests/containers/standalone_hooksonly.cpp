// SPDX-License-Identifier: MIT
module;
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unistd.h>
module hooksonly;

namespace hooksonly {
namespace {

constinit Witness* witness = nullptr;
constinit char trace[4096]{};

void append(std::string_view name) {
  int const file = ::open(trace, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  ::dprintf(file, "%.*s %d\n", static_cast<int>(name.size()), name.data(), static_cast<int>(::getpid()));
  ::close(file);
}

struct Farewell {
  ~Farewell() {
    if (witness != nullptr) append("destructor");
  }
};

}  // namespace

void Witness::load(forksafe::Application& application) {
  if (auto const refusal = application.registry().settings().get("refuse")) throw std::runtime_error{std::string{*refusal}};
  static Farewell const farewell;
  witness = this;
  std::atexit([] { append("atexit"); });
  std::printf("written before the fork, once\n");
}

void Witness::write(std::string_view name) {
  std::string const path{registry_.settings().get("trace", "")};
  path.copy(trace, sizeof trace - 1);
  append(name);
}

}  // namespace hooksonly
