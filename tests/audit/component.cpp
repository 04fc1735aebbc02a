// SPDX-License-Identifier: MIT
// A library that sets a signal handler, as profilers and crash reporters do, and that can be unloaded.
#include <csignal>

namespace {

extern "C" void on_signal(int) {}

}  // namespace

extern "C" int set_handler(int signal) {
  struct sigaction action{};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  return ::sigaction(signal, &action, nullptr);
}
