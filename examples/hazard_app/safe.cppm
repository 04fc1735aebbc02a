// SPDX-License-Identifier: MIT
module;
#include <fstream>
#include <mutex>
#include <random>
export module safe;

import forksafe;
import forksafe.preset;
import forksafe.resource;
import forksafe.resource.hiredis;
import forksafe.resource.libpq;
import forksafe.resource.locks;
import forksafe.resource.random;
import forksafe.resource.thread_pool;
import hazards;

export namespace safe {

using Tokens = forksafe::Reseed<forksafe::RandomEngine<std::mt19937_64>>;
using Identities = forksafe::Reseed<forksafe::UuidGenerator<>>;
using Pool = forksafe::StopRestart<forksafe::ThreadPool>;

inline constinit std::mutex lock{};
using Lock = forksafe::HoldLock<forksafe::LockAt<&lock>>;

/// A resource that the user writes: the member says what to do, the kind PreForkOnly says when.
struct FlushLog {
  std::ofstream* file = nullptr;
  void before_fork() { file->flush(); }
};
using Log = forksafe::PreForkOnly<FlushLog>;

/// The same program. It opens everything at the same time, and its resources repair it.
class Program {
 public:
  explicit Program(forksafe::Registry& registry) : registry_(registry) {}

  void load(forksafe::Application& application);
  [[nodiscard]] forksafe::Response handle(forksafe::Request const& request);
  void operator()(forksafe::ApplicationWorkerExit const& event);
  void operator()(forksafe::ApplicationServerExit const& event);

 private:
  template <class Resource>
  [[nodiscard]] decltype(auto) get() {
    return registry_.find<Resource>()->get();
  }

  forksafe::Registry& registry_;
};

using Safe = forksafe::ForkSafeApp<forksafe::PresetPolicy, forksafe::PostgresSession, forksafe::RedisConnection, Tokens,
                                   Identities, Lock, Pool, Log, forksafe::Serialised<Program>>;

}  // namespace safe
