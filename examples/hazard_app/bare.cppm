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

/// What many a program does: it opens everything once, before the server forks, and says goodbye at the end.
class Program {
 public:
  explicit Program(forksafe::Registry& registry) : registry_(registry) {}

  void load(forksafe::Application& application);
  [[nodiscard]] forksafe::Response handle(forksafe::Request const& request);
  /// In the worker: a well-meant goodbye on the connection that all processes share.
  void operator()(forksafe::ApplicationWorkerExit const& event);
  /// In the master.
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

using Bare = forksafe::ForkSafeApp<forksafe::PresetPolicy, forksafe::serialised<Program>>;

}  // namespace bare
