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

/// A resource of one's own: what it must do is a member, when it does so is its kind's business.
struct FlushLog {
  std::ofstream* file = nullptr;
  void before_fork() { file->flush(); }
};
using Log = forksafe::PreForkOnly<FlushLog>;

/// The same program: it opens everything at the same moment, and leaves it to its resources what becomes of it.
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
                                   Identities, Lock, Pool, Log, forksafe::serialised<Program>>;

}  // namespace safe
