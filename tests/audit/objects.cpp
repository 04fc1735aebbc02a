// SPDX-License-Identifier: MIT
module;
#include <array>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <mutex>
#include <pthread.h>
#include <random>
#include <semaphore>
#include <shared_mutex>
#include <span>
#include <string>
#include <sys/syscall.h>
#include <thread>
#include <unistd.h>
module hazards;

import forksafe.audit;
import forksafe.generation;

namespace hazards {
namespace {

using forksafe::watch_generator;
using forksafe::watch_lock;
using forksafe::watch_stream;

// The objects of the audited process, which exits without destroying them.
struct Objects {
  std::mutex plain;
  std::recursive_mutex recursive;
  std::shared_mutex shared;
  std::condition_variable condition;
  std::mt19937_64 engine{42};
  std::uint64_t seeded_in = 0;
  std::counting_semaphore<2> ready{0};
  std::binary_semaphore stop{0};
};
Objects& objects_here = *new Objects;

/// Starts a thread that reports when it is `ready`, and then does nothing for longer than the test takes.
template <class Work>
void in_thread(char const* name, Work work, std::chrono::hours idle = std::chrono::hours{1}) {
  std::thread([name, work, idle] {
    ::pthread_setname_np(::pthread_self(), name);
    work();
    objects_here.ready.release();
    std::this_thread::sleep_for(idle);
  }).detach();
  objects_here.ready.acquire();
}

std::string lost_thread() {
  in_thread("poller", [] {});
  return {};
}

std::string pool() {
  for (int number = 0; number != 4; ++number) in_thread("pool", [] {});
  return {};
}

std::string ended_threads() {
  for (int number = 0; number != 50; ++number) std::thread([] {}).join();
  return {};
}

/// Starts a thread that has done its work and is about to end.
std::string ending_thread() {
  std::thread([] {
    objects_here.ready.release();
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }).detach();
  objects_here.ready.acquire();
  return {};
}

/// Starts a thread that exists at an earlier fork, and ends after it.
std::string ending_later() {
  in_thread(
      "poller",
      [] {
        objects_here.ready.release();
        objects_here.stop.acquire();
        for (auto const until = std::chrono::steady_clock::now() + std::chrono::milliseconds{10};
             std::chrono::steady_clock::now() < until;) {}
      },
      std::chrono::hours{0});
  forksafe::audit_before();
  objects_here.stop.release();
  std::this_thread::sleep_for(std::chrono::milliseconds{2});
  return {};
}

std::string orphaned_mutex() {
  watch_lock("cache", objects_here.plain).detach();
  in_thread("locker", [] { objects_here.plain.lock(); });
  return {};
}

std::string waiting_for_mutex() {
  watch_lock("cache", objects_here.plain).detach();
  objects_here.plain.lock();
  std::thread([] {
    ::pthread_setname_np(::pthread_self(), "waiter");
    objects_here.ready.release();
    objects_here.plain.lock();
  }).detach();
  objects_here.ready.acquire();
  std::this_thread::sleep_for(std::chrono::milliseconds{50});
  return {};
}

std::string own_plain_mutex() {
  watch_lock("cache", objects_here.plain).detach();
  objects_here.plain.lock();
  return {};
}

std::string orphaned_recursive() {
  watch_lock("registry", objects_here.recursive).detach();
  objects_here.recursive.lock();
  return {};
}

std::string orphaned_shared() {
  watch_lock("table", objects_here.shared).detach();
  objects_here.shared.lock();
  return {};
}

std::string condition_waiter() {
  watch_lock("work", objects_here.condition).detach();
  std::thread([] {
    ::pthread_setname_np(::pthread_self(), "consumer");
    std::unique_lock lock{objects_here.plain};
    objects_here.ready.release();
    objects_here.condition.wait(lock);
  }).detach();
  objects_here.ready.acquire();
  objects_here.plain.lock();
  objects_here.plain.unlock();
  std::this_thread::sleep_for(std::chrono::milliseconds{20});
  return {};
}

std::string duplicated_engine() {
  watch_generator("tokens", objects_here.engine).detach();
  return {};
}

std::string stale_seed() {
  objects_here.seeded_in = forksafe::generation();
  watch_generator("tokens", &objects_here.seeded_in, nullptr, [](void const* at) {
    return *static_cast<std::uint64_t const*>(at);
  }).detach();
  return {};
}

std::string pending_stream() {
  watch_stream(std::fopen("/dev/null", "w"), "report").detach();
  static std::FILE* const stream = std::fopen("/dev/full", "w");
  watch_stream(stream, "journal").detach();
  std::fputs("written twice", stream);
  return {};
}

std::string nothing() { return {}; }

pid_t raw_fork() { return static_cast<pid_t>(::syscall(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, nullptr)); }

constexpr std::string_view thread_of_locker =
    "error; thread lost; thread 'locker'; StopRestart\nerror; lock orphaned; lock 'cache'; HoldLock";

constexpr Case cases[] = {
    {"nothing", nothing, ""},
    {"lost_thread", lost_thread, "error; thread lost; thread 'poller'; StopRestart"},
    {"pool", pool, "error; thread lost; 4 threads 'pool'; StopRestart"},
    {"ended_threads", ended_threads, ""},
    {"ending_thread", ending_thread, ""},
    {"ending_later", ending_later, ""},
    {"orphaned_mutex", orphaned_mutex, thread_of_locker},
    {"waiting_for_mutex", waiting_for_mutex, "error; thread lost; thread 'waiter' waits for 'cache'; StopRestart"},
    {"own_plain_mutex", own_plain_mutex, ""},
    {"orphaned_recursive", orphaned_recursive, "error; lock orphaned; lock 'registry'; HoldLock"},
    {"orphaned_shared", orphaned_shared, "error; lock orphaned; lock 'table'; HoldLock"},
    {"condition_waiter", condition_waiter,
     "error; thread lost; thread 'consumer' waits for 'work'; StopRestart\nerror; lock orphaned; condition variable 'work'; "
     "HoldLock"},
    {"duplicated_engine", duplicated_engine, "error; random state duplicated; generator 'tokens'; Reseed"},
    {"stale_seed", stale_seed, "error; random state duplicated; generator 'tokens'; Reseed"},
    {"pending_stream", pending_stream, "warning; output duplicated; stream 'journal'; PreForkOnly"},
    {"raw_clone", nothing, "warning; fork unannounced; fork that no handler saw; DropAndReopen", raw_fork},
    {"underscore_fork", nothing, "warning; fork unannounced; fork that no handler saw; DropAndReopen", ::_Fork},
};

}  // namespace

std::span<Case const> objects() { return cases; }

}  // namespace hazards
