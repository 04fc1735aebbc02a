// SPDX-License-Identifier: MIT
module;
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <future>
#include <hiredis/hiredis.h>
#include <libpq-fe.h>
#include <memory>
#include <mutex>
#include <poll.h>
#include <pthread.h>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <unistd.h>
module hazards;

namespace hazards {
namespace {

// Long beside what a busy machine needs: an answer that is only late is no damage.
constexpr std::chrono::seconds patience{5};
constexpr std::chrono::milliseconds pause{5};
constexpr std::chrono::microseconds gap{300};

std::string compare(std::string_view answered) {
  return "asked " + std::to_string(::getpid()) + " answered " + std::string{answered};
}

/// Whether the descriptor becomes readable within `patience`: another worker may have read this worker's answer.
bool is_readable(int descriptor) {
  pollfd entry{descriptor, POLLIN, 0};
  return ::poll(&entry, 1, static_cast<int>(std::chrono::milliseconds{patience}.count())) > 0;
}

std::string first_word_of(std::string_view text) {
  auto const end = text.find_first_of(":\n");
  return std::string{text.substr(0, end)};
}

std::string setting(forksafe::Registry const& registry, std::string_view key) {
  auto const value = registry.settings().get(key);
  if (!value) throw std::runtime_error{"set " + std::string{key} + ": examples/hazards does it"};
  return std::string{*value};
}

}  // namespace

std::string draw(std::mt19937_64& engine) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(engine()));
  return text;
}

std::string ask(PGconn* session) {
  // The query is slow, so that all workers ask at the same time.
  std::string const query = "select " + std::to_string(::getpid()) + ", pg_sleep(0.2)";
  if (PQsendQuery(session, query.c_str()) == 0) return compare(first_word_of(PQerrorMessage(session)));
  while (PQisBusy(session) != 0) {
    if (!is_readable(PQsocket(session))) return compare("nothing");
    if (PQconsumeInput(session) == 0) return compare(first_word_of(PQerrorMessage(session)));
  }
  std::string answered = "nothing";
  PGresult* const result = PQgetResult(session);
  if (PQresultStatus(result) == PGRES_TUPLES_OK)
    answered = PQgetvalue(result, 0, 0);
  else if (result != nullptr)
    answered = first_word_of(PQresultErrorMessage(result));
  PQclear(result);
  // Reads the end of the answer if it has arrived.
  if (PQisBusy(session) == 0) PQclear(PQgetResult(session));
  return compare(answered);
}

std::string ask(redisContext* cache) {
  std::string const number = std::to_string(::getpid());
  if (redisAppendCommand(cache, "EVAL %s 0 %s", "local t = redis.call('TIME')[1] return ARGV[1]", number.c_str()) != REDIS_OK)
    return compare("an error");
  int written = 0;
  while (written == 0)
    if (redisBufferWrite(cache, &written) != REDIS_OK) return compare("an error");
  std::this_thread::sleep_for(std::chrono::milliseconds{200});
  if (!is_readable(cache->fd)) return compare("nothing");
  void* reply = nullptr;
  if (redisGetReply(cache, &reply) != REDIS_OK || reply == nullptr) return compare("an error");
  std::string const answered{static_cast<redisReply*>(reply)->str, static_cast<redisReply*>(reply)->len};
  freeReplyObject(reply);
  return compare(answered);
}

std::string take(std::mutex& lock) {
  auto const until = std::chrono::steady_clock::now() + patience;
  while (!lock.try_lock()) {
    if (std::chrono::steady_clock::now() > until) return "never released";
    std::this_thread::sleep_for(pause);
  }
  lock.unlock();
  return "taken";
}

std::string work(boost::asio::io_context::executor_type pool) {
  auto const done = std::make_shared<std::promise<void>>();
  auto const result = done->get_future();
  boost::asio::post(pool, [done] { done->set_value(); });
  return result.wait_for(patience) == std::future_status::ready ? "done" : "never done";
}

PGconn* connect_database(forksafe::Registry const& registry) {
  PGconn* const session = PQconnectdb(setting(registry, "database").c_str());
  if (PQstatus(session) != CONNECTION_OK) throw std::runtime_error{PQerrorMessage(session)};
  return session;
}

redisContext* connect_cache(forksafe::Registry const& registry) {
  std::string const address = setting(registry, "redis");
  auto const colon = address.rfind(':');
  redisContext* const cache = redisConnect(address.substr(0, colon).c_str(), std::atoi(address.c_str() + colon + 1));
  if (cache == nullptr || cache->err != 0) throw std::runtime_error{"no answer from Redis"};
  return cache;
}

void keep_busy(std::mutex& lock) {
  auto const held = std::make_shared<std::promise<void>>();
  std::thread{[&lock, held] {
    ::pthread_setname_np(::pthread_self(), "housekeeping");
    for (bool first = true;; first = false) {
      {
        std::lock_guard const guard{lock};
        if (first) held->set_value();
        std::this_thread::sleep_for(pause);
      }
      // Spins, for a sleep lasts longer on a busy machine, and all workers might be forked in it.
      auto const end = std::chrono::steady_clock::now() + gap;
      while (std::chrono::steady_clock::now() < end) {}
    }
  }}.detach();
  held->get_future().wait();
}

std::ofstream* open_log(forksafe::Registry const& registry) {
  auto* const log = new std::ofstream{setting(registry, "log"), std::ios::app};
  if (!*log) throw std::runtime_error{"cannot open the log"};
  *log << "the master has started\n";
  return log;
}

void ask_at_the_end(PGconn* session) {
  PGresult* const result = PQexec(session, "select 'answered'");
  bool const answered = PQresultStatus(result) == PGRES_TUPLES_OK;
  forksafe::log_line("the last query of the master: " +
                     (answered ? std::string{PQgetvalue(result, 0, 0)} : first_word_of(PQerrorMessage(session))));
  PQclear(result);
}

forksafe::Response debug(forksafe::Registry const& registry) {
  return {200, {{"Content-Type", "application/json"}}, forksafe::to_json(registry.find<forksafe::Application>()->debug())};
}

forksafe::Response answer(std::string_view text) {
  return {200, {{"Content-Type", "text/plain"}}, std::to_string(::getpid()) + " " + std::string{text} + "\n"};
}

}  // namespace hazards
