// SPDX-License-Identifier: MIT
// Each resource as it stands in the list of an application. This file is compiled, and not run.
#include <condition_variable>
#include <cstdio>
#include <lmdb.h>
#include <memory>
#include <mutex>
#include <openssl/ssl.h>
#include <random>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/spdlog.h>
#include <sqlite3.h>
#include <vector>

import forksafe;
import forksafe.resource.asio;
import forksafe.resource.hiredis;
import forksafe.resource.libcurl;
import forksafe.resource.libevent;
import forksafe.resource.libpq;
import forksafe.resource.libuv;
import forksafe.resource.lmdb;
import forksafe.resource.locks;
import forksafe.resource.openmp;
import forksafe.resource.openssl;
import forksafe.resource.python;
import forksafe.resource.rabbitmq;
import forksafe.resource.random;
import forksafe.resource.spdlog;
import forksafe.resource.sqlite;
import forksafe.resource.stdio;
import forksafe.resource.thread_pool;
import forksafe.standalone;

namespace lists {

template <class... Components>
using App = forksafe::ForkSafeApp<forksafe::StandalonePolicy, Components...>;

// These are complete. Those of a server read its address from the setting that is named here.
using Complete = App<forksafe::PostgresSession,   // libpq; setting `database`
                     forksafe::RedisConnection,   // hiredis; setting `redis`
                     forksafe::RabbitConnection,  // rabbitmq; setting `rabbitmq`
                     forksafe::CurlHandle,        // libcurl
                     forksafe::OpensslRandom,     // openssl
                     forksafe::LibuvLoop,         // libuv
                     forksafe::LibeventBase>;     // libevent

// These are traits in the kind of their repair.
using InAKind = App<forksafe::Reseed<forksafe::RandomEngine<std::mt19937_64>>,    // random
                    forksafe::Reseed<forksafe::UuidGenerator<>>,                  // random
                    forksafe::StopRestart<forksafe::ThreadPool>,                  // thread_pool
                    forksafe::NotifyBothSides<forksafe::IoContext>,               // asio
                    forksafe::NotifyBothSides<forksafe::PythonInterpreter>,       // python
                    forksafe::PreForkOnly<forksafe::OpenMp>,                      // openmp
                    forksafe::PreForkOnly<forksafe::FlushStreams<>>,              // stdio
                    forksafe::NotifyChildOnly<forksafe::PurgeStreams<&stdout>>>;  // stdio

// These know a lock by its address, and several locks together.
std::mutex mutex, queue_mutex;
std::condition_variable queue_changed;
using Queue = forksafe::LocksTogether<forksafe::LockAt<&queue_mutex>, forksafe::ConditionAt<&queue_changed>>;
using Locks = App<forksafe::HoldLock<forksafe::LockAt<&mutex>>, forksafe::HoldLock<Queue>>;

// These say what to open: a class of yours derives from the traits of the library.
struct Orders : forksafe::SqliteTraits {
  sqlite3* open() { return connect("orders.db"); }
};
struct Stock : forksafe::LmdbTraits {
  MDB_env* open() { return open_environment("/var/lib/stock"); }
};
struct Bank : forksafe::TlsTraits {
  SSL* open();
};
struct AccessLog : forksafe::SpdlogTraits {
  AccessLog()
      : SpdlogTraits("access", [] {
          return std::vector<spdlog::sink_ptr>{std::make_shared<spdlog::sinks::basic_file_sink_mt>("access.log")};
        }) {}
};
using Derived = App<forksafe::DropAndReopen<Orders>,    // sqlite; or ClosedBeforeFork<Orders>
                    forksafe::NeverTouch<Stock>,        // lmdb
                    forksafe::DropAndReopen<Bank>,      // openssl
                    forksafe::SpdlogAsync<AccessLog>>;  // spdlog

// What stands in the list is found under the same name.
void use(forksafe::Registry& registry) {
  static_cast<void>(registry.get<forksafe::PostgresSession>().get());                                    // a PGconn*
  static_cast<void>(registry.get<forksafe::Reseed<forksafe::RandomEngine<std::mt19937_64>>>().get()());  // a number
  registry.get<forksafe::SpdlogAsync<AccessLog>>().get().logger()->info("ready");
}

static_assert(Complete::report.subscribers.size() == 7);
static_assert(InAKind::report.subscribers.size() == 8);
static_assert(Locks::report.subscribers.size() == 2);
static_assert(Derived::report.subscribers.size() == 4);

}  // namespace lists
