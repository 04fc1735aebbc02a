// SPDX-License-Identifier: MIT
// Traits that stop threads are not enough for an asynchronous log.
// expect: derive the traits from forksafe::SpdlogTraits
#include <chrono>

import forksafe.resource.spdlog;

struct Threads {
  void start() {}
  bool stop(std::chrono::steady_clock::time_point) { return true; }
  void discard() noexcept {}
};

forksafe::SpdlogAsync<Threads>* log = nullptr;
