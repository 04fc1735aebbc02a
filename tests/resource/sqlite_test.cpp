// SPDX-License-Identifier: MIT
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <sqlite3.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unistd.h>

import forks;
import forksafe;
import forksafe.resource.sqlite;
import forksafe.standalone;
import worker;

using namespace forksafe;
using worker::Turn;
using worker::Worker;

namespace {

std::string file;

struct Orders : SqliteTraits {
  static constexpr std::string_view name = "orders";
  sqlite3* open() { return connect(file.c_str()); }
};
struct CommittedOrders : SqliteCommitTraits {
  sqlite3* open() { return connect(file.c_str()); }
};

template <class Resource>
using App = ForkSafeApp<StandalonePolicy, Resource>;

/// Returns "ok", or the error of SQLite.
std::string run(sqlite3* connection, char const* sql) {
  return sqlite3_exec(connection, sql, nullptr, nullptr, nullptr) == SQLITE_OK ? "ok" : sqlite3_errmsg(connection);
}

/// A process that has inherited no connection. Returns the result of a write while no other process reads.
class Stranger {
 public:
  std::string locks() {
    process_.turn().give();
    return process_.result();
  }

 private:
  Worker process_{[](Turn turn) -> std::string {
    if (!turn.take()) return "not asked";
    sqlite3* connection = nullptr;
    sqlite3_open(file.c_str(), &connection);
    return run(connection, "BEGIN EXCLUSIVE; ROLLBACK");
  }};
};

/// A new directory for each test, and an application that is never destroyed.
template <class Resource, class Traits = Orders>
struct Fixture {
  App<Resource>& app = *new App<Resource>{"orders"};
  DropAndReopen<Traits>& database = *app.registry().template find<DropAndReopen<Traits>>();
  std::string directory;

  Fixture() {
    char name[] = "/tmp/forksafe-sqlite-XXXXXX";
    if (::mkdtemp(name) == nullptr) throw std::runtime_error{"no directory for the database"};
    directory = name;
    file = directory + "/orders.db";
  }
  ~Fixture() { std::filesystem::remove_all(directory); }
};
using Dropped = Fixture<DropAndReopen<Orders>>;
using Committed = Fixture<DropAndReopen<CommittedOrders>, CommittedOrders>;
using Closed = Fixture<ClosedBeforeFork<Orders>>;

/// Returns the rows, each with a blank after it, or the error of SQLite.
std::string rows(sqlite3* connection) {
  std::string text;
  auto const append = [](void* rows, int, char** values, char**) {
    *static_cast<std::string*>(rows) += std::string{values[0]} + " ";
    return 0;
  };
  int const status = sqlite3_exec(connection, "SELECT x FROM t ORDER BY rowid", append, &text, nullptr);
  return status == SQLITE_OK ? text : sqlite3_errmsg(connection);
}

sqlite3* populate(sqlite3* connection, bool wal) {
  BOOST_TEST_REQUIRE(run(connection, wal ? "PRAGMA journal_mode=WAL" : "PRAGMA journal_mode=DELETE") == "ok");
  BOOST_TEST_REQUIRE(run(connection, "CREATE TABLE t(x); INSERT INTO t VALUES('first')") == "ok");
  return connection;
}

void begin(sqlite3* connection) {
  BOOST_TEST_REQUIRE(run(connection, "BEGIN IMMEDIATE; INSERT INTO t VALUES('second')") == "ok");
}

bool has_null_io() {
  // The probe has a separate file: closing a descriptor releases the process's locks on its file.
  sqlite3* probe = nullptr;
  sqlite3_open((file + "-probe").c_str(), &probe);
  bool const has = sqlite3_file_control(probe, "main", 43, nullptr) == SQLITE_OK;
  sqlite3_close(probe);
  return has;
}

/// Returns the results of a child with its new connection while the parent waits, and what both see then.
template <class Database>
std::string adds_third_row(Database& database) {
  std::string const before = rows(database.get());
  return before + run(database.get(), "INSERT INTO t VALUES('third')") + " " + rows(database.get());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(sqlite)

BOOST_FIXTURE_TEST_CASE(unprotected_a_child_that_closes_ruins_the_transaction_of_its_parent, Dropped) {
  sqlite3* const connection = populate(database.get(), false);
  begin(connection);
  BOOST_TEST(std::filesystem::exists(file + "-journal"));
  Worker child{[&](Turn) { return std::to_string(sqlite3_close(connection)); }};
  BOOST_TEST(child.result() == "0");
  BOOST_TEST(!std::filesystem::exists(file + "-journal"));
  BOOST_TEST(run(connection, "COMMIT") == "disk I/O error");
}

BOOST_FIXTURE_TEST_CASE(unprotected_a_leaked_connection_makes_a_new_one_lose_what_it_writes, Dropped) {
  sqlite3* const connection = populate(database.get(), true);
  Worker child{[&](Turn turn) {
    sqlite3* own = nullptr;
    sqlite3_open(file.c_str(), &own);
    std::string const before = rows(own);
    turn.pass();
    return before + run(own, "INSERT INTO t VALUES('lost')");
  }};
  child.turn().take();
  // By its locks this seems to be the last connection: closing it removes the log to which the child still writes.
  sqlite3_close(connection);
  child.turn().give();
  BOOST_TEST(child.result() == "first ok");
  sqlite3* again = nullptr;
  sqlite3_open(file.c_str(), &again);
  BOOST_TEST(rows(again) == "first ");
  sqlite3_close(again);
}

// SQLite's own nine steps for a fork during a transaction. The parent's COMMIT comes after the child's step (5), or before it.
BOOST_DATA_TEST_CASE_F(Dropped, a_child_and_its_parent_share_a_database,
                       boost::unit_test::data::make({false, true}) * boost::unit_test::data::make({false, true}), wal,
                       committed_before) {
  Stranger stranger;
  sqlite3* const connection = populate(database.get(), wal);
  begin(connection);
  if (committed_before) BOOST_TEST_REQUIRE(run(connection, "COMMIT") == "ok");
  bool const child_can_reopen = committed_before || has_null_io();
  if (!child_can_reopen) {
    BOOST_TEST_MESSAGE("SQLite " << sqlite3_libversion() << " lacks SQLITE_FCNTL_NULL_IO: the child must refuse to reopen");
  }
  // The fork is not announced, because a veto would answer the announcement during a transaction.
  Worker child{[&](Turn turn) -> std::string {
    BOOST_TEST(!database.is_open());
    try {
      // Drops the parent's connection, then waits for the parent's COMMIT.
      static_cast<void>(database.get());
      turn.pass();
      return adds_third_row(database);
    } catch (std::runtime_error const& error) {
      turn.pass();
      return error.what();
    }
  }};
  child.turn().take();
  BOOST_TEST(stranger.locks() == (committed_before ? "ok" : "database is locked"));
  if (!committed_before) BOOST_TEST(run(connection, "COMMIT") == "ok");
  BOOST_TEST(rows(connection) == "first second ");
  child.turn().give();
  if (child_can_reopen) {
    BOOST_TEST(child.result() == "first second ok first second third ");
    BOOST_TEST(rows(connection) == "first second third ");
  } else {
    BOOST_TEST(child.result().find("inherited a connection with locks") != std::string::npos);
    BOOST_TEST(rows(connection) == "first second ");
  }
  BOOST_TEST(run(connection, "INSERT INTO t VALUES('last'); PRAGMA integrity_check") == "ok");
}

BOOST_DATA_TEST_CASE_F(Dropped, an_announced_child_has_a_connection_of_its_own, boost::unit_test::data::make({false, true}),
                       wal) {
  sqlite3* const connection = populate(database.get(), wal);
  Worker child{app, [&](Turn turn) {
                 std::string const seen = adds_third_row(database);
                 turn.pass();
                 return seen + (wal == std::filesystem::exists(file + "-wal") ? "" : "its log is gone ") +
                        run(database.get(), "INSERT INTO t VALUES('fourth')");
               }};
  child.turn().take();
  BOOST_TEST(rows(connection) == "first third ");
  database.close();
  child.turn().give();
  BOOST_TEST(child.result() == "first ok first third ok");
  BOOST_TEST(rows(database.get()) == "first third fourth ");
  BOOST_TEST(failures_of(app) == "");
}

BOOST_FIXTURE_TEST_CASE(an_open_write_transaction_vetoes_the_fork, Dropped) {
  begin(populate(database.get(), false));
  Worker child{app, [](Turn) { return "serves"; }};
  BOOST_TEST(failures_of(app).find("orders: threw: vetoes the fork: a write transaction is open") == 0u);
  BOOST_TEST(child.result() == "exit 70");
  BOOST_TEST(run(database.get(), "COMMIT") == "ok");
  Worker reader{app, [&](Turn) { return rows(database.get()); }};
  BOOST_TEST(reader.result() == "first second ");
}

BOOST_FIXTURE_TEST_CASE(an_open_read_transaction_is_no_obstacle, Dropped) {
  Stranger stranger;
  sqlite3* const connection = populate(database.get(), false);
  BOOST_TEST_REQUIRE(run(connection, "BEGIN; SELECT x FROM t") == "ok");
  Worker child{app, [&](Turn) { return rows(database.get()); }};
  BOOST_TEST(child.result() == "first ");
  BOOST_TEST(stranger.locks() == "database is locked");
  BOOST_TEST(run(connection, "COMMIT") == "ok");
}

BOOST_FIXTURE_TEST_CASE(a_kept_statement_without_locks_is_leaked_and_harmless, Dropped) {
  sqlite3_stmt* statement = nullptr;
  sqlite3_prepare_v2(populate(database.get(), false), "SELECT x FROM t", -1, &statement, nullptr);
  Worker child{app, [&](Turn) { return adds_third_row(database); }};
  BOOST_TEST(child.result() == "first ok first third ");
  BOOST_TEST(sqlite3_step(statement) == SQLITE_ROW);
  BOOST_CHECK_THROW(database.close(), std::runtime_error);
  sqlite3_finalize(statement);
}

BOOST_FIXTURE_TEST_CASE(a_kept_statement_with_locks_is_refused_loudly, Dropped) {
  sqlite3_stmt* statement = nullptr;
  sqlite3_prepare_v2(populate(database.get(), true), "SELECT x FROM t", -1, &statement, nullptr);
  Worker child{app, [&](Turn) -> std::string {
                 try {
                   return rows(database.get());
                 } catch (std::runtime_error const& error) {
                   return error.what();
                 }
               }};
  BOOST_TEST(child.result().find("finalize statements before the fork") != std::string::npos);
  sqlite3_finalize(statement);
}

BOOST_DATA_TEST_CASE_F(Committed, a_transaction_can_be_committed_before_the_fork, boost::unit_test::data::make({false, true}),
                       wal) {
  begin(populate(database.get(), wal));
  Worker child{app, [&](Turn) { return adds_third_row(database); }};
  BOOST_TEST(child.result() == "first second ok first second third ");
  BOOST_TEST(rows(database.get()) == "first second third ");
  BOOST_TEST(failures_of(app) == "");
}

BOOST_DATA_TEST_CASE_F(Closed, a_database_can_be_closed_before_the_fork, boost::unit_test::data::make({false, true}), wal) {
  populate(database.get(), wal);
  Worker child{app, [&](Turn) { return adds_third_row(database); }};
  BOOST_TEST(!database.is_open());
  BOOST_TEST(failures_of(app) == "");
  BOOST_TEST(child.result() == "first ok first third ");
  BOOST_TEST(rows(database.get()) == "first third ");
  begin(database.get());
  Worker refused{app, [](Turn) { return "serves"; }};
  BOOST_TEST(refused.result() == "exit 70");
  BOOST_TEST(run(database.get(), "COMMIT") == "ok");
  sqlite3_stmt* statement = nullptr;
  sqlite3_prepare_v2(database.get(), "SELECT x FROM t", -1, &statement, nullptr);
  Worker refused_too{app, [](Turn) { return "serves"; }};
  BOOST_TEST(refused_too.result() == "exit 70");
  sqlite3_finalize(statement);
}

BOOST_AUTO_TEST_SUITE_END()
