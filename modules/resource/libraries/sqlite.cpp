// SPDX-License-Identifier: MIT
module;
#include <sqlite3.h>
module forksafe.resource.sqlite;

import forksafe.std.operators;

namespace forksafe {
namespace {

/// SQLITE_FCNTL_NULL_IO, by number: the installed header may be older than the library that is loaded.
constexpr int null_io = 43;
/// sqlite3_db_name's index of the temporary database, which belongs to its connection alone.
constexpr int temporary = 1;

/// Calls `visit` with the name of each database that is a file, until it returns false. Returns false if it did.
template <class Visit>
bool for_each_file(sqlite3* connection, Visit visit) noexcept {
  for (int index = 0;; ++index) {
    char const* const database = sqlite3_db_name(connection, index);
    if (database == nullptr) return true;
    char const* const file = sqlite3_db_filename(connection, database);
    if (index == temporary || file == nullptr || *file == '\0') continue;
    if (!visit(database)) return false;
  }
}

/// Cuts the connection off its files: nothing that it does afterwards reaches them. Returns false where SQLite cannot.
bool detach(sqlite3* connection) noexcept {
  return for_each_file(connection, [&](char const* database) {
    if (sqlite3_file_control(connection, database, null_io, nullptr) != SQLITE_OK) return false;
    sqlite3_file* journal = nullptr;
    sqlite3_file_control(connection, database, SQLITE_FCNTL_JOURNAL_POINTER, &journal);
    if (journal == nullptr || journal->pMethods == nullptr) return true;
    return journal->pMethods->xFileControl(journal, null_io, nullptr) == SQLITE_OK;
  });
}

bool holds_locks(sqlite3* connection) noexcept {
  return !for_each_file(connection, [&](char const* database) {
    int lock = SQLITE_LOCK_EXCLUSIVE;
    return sqlite3_file_control(connection, database, SQLITE_FCNTL_LOCKSTATE, &lock) == SQLITE_OK && lock == SQLITE_LOCK_NONE;
  });
}

bool is_writing(sqlite3* connection) noexcept { return sqlite3_txn_state(connection, nullptr) == SQLITE_TXN_WRITE; }

}  // namespace

std::string_view SqliteTraits::in_use(sqlite3*& connection) {
  return is_writing(connection) ? "a write transaction is open: commit it, or close the connection, before the fork" : "";
}

void SqliteTraits::forget(sqlite3*& connection) noexcept {
  bool const writing = is_writing(connection);
  if ((detach(connection) || !writing) && sqlite3_close(connection) == SQLITE_OK) return;
  leaked_locks_ = leaked_locks_ || holds_locks(connection);
}

void SqliteTraits::close(sqlite3*& connection) {
  if (sqlite3_close(connection) != SQLITE_OK) {
    throw std::runtime_error{std::string{"SQLite does not close: "} + sqlite3_errmsg(connection)};
  }
}

sqlite3* SqliteTraits::connect(char const* file, int flags) const {
  if (leaked_locks_) {
    throw std::runtime_error{std::string{file} +
                             " cannot be opened: this process inherited a connection with locks that SQLite could not give "
                             "up; end transactions and finalize statements before the fork"};
  }
  sqlite3* connection = nullptr;
  if (sqlite3_open_v2(file, &connection, flags, nullptr) == SQLITE_OK) return connection;
  std::string const reason = std::string{file} + " cannot be opened: " + sqlite3_errmsg(connection);
  sqlite3_close(connection);
  throw std::runtime_error{reason};
}

std::string_view SqliteCommitTraits::in_use(sqlite3*& connection) {
  if (is_writing(connection)) sqlite3_exec(connection, "COMMIT", nullptr, nullptr, nullptr);
  return SqliteTraits::in_use(connection);
}

}  // namespace forksafe
