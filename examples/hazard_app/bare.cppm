// SPDX-License-Identifier: MIT
module;
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/uuid/random_generator.hpp>
#include <fstream>
#include <hiredis/hiredis.h>
#include <libpq-fe.h>
#include <mutex>
#include <random>
export module bare;

import forksafe;
import forksafe.preset;
import hazards;

export namespace bare {

/// A program as many are written: it opens everything once, before the server forks, and closes it at the end.
class Program {
 public:
  explicit Program(forksafe::Registry& registry) : registry_(registry) {}

  void load(forksafe::Application& application);
  [[nodiscard]] forksafe::Response handle(forksafe::Request const& request);
  /// Closes, in the worker, the session that all processes share, as many programs do in good faith.
  void operator()(forksafe::ApplicationWorkerExit const& event);
  /// Uses, in the master, the session once more.
  void operator()(forksafe::ApplicationServerExit const& event);

 private:
  forksafe::Registry& registry_;
  std::mt19937_64 engine_{std::random_device{}()};
  boost::uuids::random_generator_mt19937 identities_{};
  PGconn* session_ = nullptr;
  redisContext* cache_ = nullptr;
  std::mutex lock_{};
  boost::asio::io_context pool_{};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{pool_.get_executor()};
  std::ofstream* log_ = nullptr;
};

using Bare = forksafe::ForkSafeApp<forksafe::PresetPolicy, forksafe::Serialised<Program>>;

}  // namespace bare
