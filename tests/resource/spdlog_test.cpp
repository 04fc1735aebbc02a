// SPDX-License-Identifier: MIT
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <spdlog/async.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/spdlog.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <unistd.h>
#include <vector>

import forks;
import forksafe;
import forksafe.resource.spdlog;
import forksafe.standalone;
import worker;

using namespace forksafe;
using worker::Turn;
using worker::Worker;

namespace {

using namespace std::chrono_literals;

std::string file;
std::atomic<bool> stuck = false;

/// A disk that does not answer while `stuck` is set.
class SlowSink : public spdlog::sinks::base_sink<std::mutex> {
  void sink_it_(spdlog::details::log_msg const&) override {
    while (stuck) std::this_thread::sleep_for(1ms);
  }
  void flush_() override {}
};

struct Traits : SpdlogTraits {
  static constexpr std::string_view name = "access log";
  static constexpr std::chrono::milliseconds deadline = 400ms;

  Traits()
      : SpdlogTraits("access", [] {
          return std::vector<spdlog::sink_ptr>{std::make_shared<SlowSink>(),
                                               std::make_shared<spdlog::sinks::basic_file_sink_mt>(file)};
        }) {
    logger()->set_pattern("%v");
  }
};

struct Fixture {
  using App = ForkSafeApp<StandalonePolicy, SpdlogAsync<Traits>>;

  Fixture() {
    char name[] = "/tmp/forksafe-spdlog-XXXXXX";
    if (::mkdtemp(name) == nullptr) throw std::runtime_error{"no directory for the log"};
    directory = name;
    file = directory + "/access.log";
    // Writes the test runner's own lines first.
    std::fflush(nullptr);
  }
  ~Fixture() {
    log.stop();
    std::filesystem::remove_all(directory);
  }

  /// Ends a worker, with the event that its container raises.
  std::string leave() {
    app.emit<"worker_exit">(ApplicationWorkerExit{});
    return failures_of(app);
  }
  /// Does the same, and then what exit() does: writes the rest of every stream's buffer, the parent's too.
  std::string exit() {
    std::string const failures = leave();
    std::fflush(nullptr);
    return failures;
  }

  std::string directory;
  App& app = *new App{"spdlog"};
  StopRestart<Traits>& log = *app.registry().find<StopRestart<Traits>>();
  std::shared_ptr<spdlog::logger> const logger = log.traits().logger();
};

std::string lines() {
  std::string text;
  std::ifstream stream{file};
  for (std::string line; std::getline(stream, line);) text += line + ";";
  return text;
}

/// Returns how many times each line was written.
std::map<std::string, int> counts() {
  std::map<std::string, int> counts;
  std::ifstream stream{file};
  for (std::string line; std::getline(stream, line);) ++counts[line];
  return counts;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(spdlog_async, Fixture)

BOOST_AUTO_TEST_CASE(it_is_found_as_it_is_listed) {
  static_assert(App::report.subscribers.front().name == "access log");
  BOOST_TEST(&static_cast<StopRestart<Traits>&>(app.registry().get<SpdlogAsync<Traits>>()) == &log);
}

BOOST_AUTO_TEST_CASE(unprotected_what_a_child_logs_is_never_written) {
  auto const pool = std::make_shared<spdlog::details::thread_pool>(64, 1);
  auto const plain =
      std::make_shared<spdlog::async_logger>("plain", std::make_shared<spdlog::sinks::basic_file_sink_mt>(file), pool);
  plain->set_pattern("%v");
  plain->info("parent");
  plain->flush();
  while (lines().empty()) std::this_thread::sleep_for(1ms);
  Worker child{[&](Turn) {
    plain->info("child");
    plain->flush();
    std::this_thread::sleep_for(200ms);
    return std::to_string(pool->queue_size());
  }};
  BOOST_TEST(child.result() == "2");
  BOOST_TEST(lines() == "parent;");
}

BOOST_AUTO_TEST_CASE(unprotected_a_child_that_ends_the_pool_hangs) {
  auto pool = std::make_shared<spdlog::details::thread_pool>(64, 1);
  std::this_thread::sleep_for(50ms);
  Worker child{[&](Turn) {
    ::alarm(1);
    pool.reset();
    return "ended";
  }};
  BOOST_TEST(child.result() == "signal 14");
}

BOOST_AUTO_TEST_CASE(each_line_is_written_once_by_the_process_that_logged_it) {
  for (int number = 0; number != 1000; ++number) logger->info("before {}", number);
  Worker child{app, [&](Turn) {
                 bool const waits = !log.is_running();
                 for (int number = 0; number != 1000; ++number) logger->info("child {}", number);
                 return exit() + (waits ? "waits" : "runs") + (log.traits().is_running() ? " still runs" : "");
               }};
  for (int number = 0; number != 1000; ++number) logger->info("after {}", number);
  BOOST_TEST(child.result() == "waits");
  BOOST_TEST(log.is_running());
  BOOST_TEST(log.stop());
  auto const written = counts();
  BOOST_TEST(written.size() == 3000u);
  for (auto const& [line, count] : written) BOOST_TEST_REQUIRE(count == 1, line << " was written " << count << " times");
  BOOST_TEST(failures_of(app) == "");
}

BOOST_AUTO_TEST_CASE(a_child_that_nobody_announced_logs_all_the_same) {
  logger->info("parent");
  auto const logs = [&](Turn) {
    logger->info("child");
    return leave();
  };
  BOOST_TEST(Worker{logs}.result() == "");
  // From here on the parent's thread holds the lock of its sink.
  stuck = true;
  logger->info("parent again");
  std::this_thread::sleep_for(20ms);
  Worker beside{[&](Turn turn) {
    stuck = false;
    return logs(turn);
  }};
  BOOST_TEST(beside.result() == "");
  stuck = false;
  BOOST_TEST(log.get().logger() == logger);
  BOOST_TEST(log.stop());
  BOOST_TEST(counts()["child"] == 2);
  BOOST_TEST(counts()["parent"] == 1);
  BOOST_TEST(counts()["parent again"] == 1);
}

BOOST_AUTO_TEST_CASE(a_child_of_a_child_logs_too) {
  logger->info("parent");
  Worker child{app, [&](Turn) {
                 logger->info("child");
                 Worker grandchild{app, [&](Turn) {
                                     logger->info("grandchild");
                                     return exit();
                                   }};
                 return grandchild.result() + exit();
               }};
  BOOST_TEST(child.result() == "");
  BOOST_TEST(log.stop());
  auto const written = counts();
  BOOST_TEST(written.size() == 3u);
  for (auto const& [line, count] : written) BOOST_TEST(count == 1, line << " was written " << count << " times");
}

BOOST_AUTO_TEST_CASE(other_threads_log_meanwhile) {
  std::atomic<bool> over = false;
  std::atomic<int> logged = 0;
  std::vector<std::thread> threads;
  for (int number = 0; number != 2; ++number) {
    threads.emplace_back([&] {
      while (!over) {
        logger->info("thread {}", ++logged);
        std::this_thread::sleep_for(50us);
      }
    });
  }
  for (int number = 0; number != 20; ++number) {
    Worker child{app, [&](Turn) {
                   logger->info("child {}", number);
                   return exit();
                 }};
    BOOST_TEST(child.result() == "");
  }
  over = true;
  for (auto& thread : threads) thread.join();
  BOOST_TEST(log.stop());
  auto const written = counts();
  BOOST_TEST(written.size() == static_cast<std::size_t>(logged) + 20);
  for (auto const& [line, count] : written) BOOST_TEST_REQUIRE(count == 1, line << " was written " << count << " times");
}

BOOST_AUTO_TEST_CASE(a_log_that_cannot_be_written_in_time_vetoes_the_fork) {
  // The sink is stuck first, because the log's thread may write a line before the next statement runs.
  stuck = true;
  logger->info("parent");
  Worker child{app, [](Turn) { return "serves"; }};
  BOOST_TEST(failures_of(app) == "access log: threw: vetoes the fork: its threads did not stop in time; ");
  logger->info("parent again");
  stuck = false;
  BOOST_TEST(child.result() == "exit 70");
  Worker later{app, [](Turn) { return "serves"; }};
  BOOST_TEST(later.result() == "serves");
  BOOST_TEST(log.stop());
  auto written = counts();
  BOOST_TEST(written["parent"] == 1);
  BOOST_TEST(written["parent again"] == 1);
  BOOST_TEST(written.size() == 2u);
}

BOOST_AUTO_TEST_CASE(lines_wait_while_it_stands_still_and_are_written_at_once_at_the_end) {
  logger->info("one");
  BOOST_TEST(log.traits().stop(std::chrono::steady_clock::now() + 1s));
  logger->info("two");
  BOOST_TEST(lines() == "one;");
  log.traits().finish(std::chrono::steady_clock::now() + 1s);
  BOOST_TEST(lines() == "one;two;");
  logger->info("three");
  BOOST_TEST(lines() == "one;two;three;");
}

BOOST_AUTO_TEST_SUITE_END()
