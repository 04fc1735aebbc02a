// SPDX-License-Identifier: MIT
module;
#include <sqlite3.h>
export module forksafe.resource.sqlite;

export import forksafe.resource;
import forksafe;
import forksafe.std;

export namespace forksafe {

/// The part of DropAndReopen's traits that every SQLite database (3.34 or later) shares. Derive yours from it:
/// `struct Orders : SqliteTraits { sqlite3* open() { return connect("orders.db"); } };`
///
/// Vetoes a fork while a write transaction is open. A child may not end the parent's transaction, as sqlite3_close would: it
/// rolls back and deletes the journal that the parent is using. So a child closes
///  - always, where SQLite has SQLITE_FCNTL_NULL_IO, which cuts a connection off its files first;
///  - without it (Debian 12's 3.40.1) only if no write transaction was open at the fork, else it leaks the connection.
///
/// Statements, blobs and backups of a connection must be gone before it can be closed: where they are kept, a
/// `forget` of your own finalizes them, then calls this one. Not thread-safe.
class SqliteTraits {
 public:
  using Handle = sqlite3*;

  [[nodiscard]] std::string_view in_use(sqlite3*& connection);
  void forget(sqlite3*& connection) noexcept;
  /// Closes in an orderly way, in the process that opened it. Throws std::runtime_error if something of it is still in use.
  void close(sqlite3*& connection);

 protected:
  /// Opens the file, created if there is none, unless `flags` of sqlite3_open_v2 say otherwise. Throws std::runtime_error; also
  /// where this process had to leak a connection that held locks. SQLite believes then that the process holds the parent's
  /// locks, and a further connection would read and write without any.
  [[nodiscard]] sqlite3* connect(char const* file, int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE) const;

 private:
  bool leaked_locks_ = false;
};

/// Commits an open write transaction before each fork instead of vetoing the fork. Vetoes if the commit fails.
class SqliteCommitTraits : public SqliteTraits {
 public:
  [[nodiscard]] std::string_view in_use(sqlite3*& connection);
};

/// A database that is closed before each fork, so that none of its connections and locks crosses it: works with any
/// version of SQLite. Parent and child open it again at their next use. Vetoes the fork where it cannot be closed. Found
/// as ClosedBeforeFork<Traits>, and as DropAndReopen<Traits>.
template <DropTraits Traits>
  requires(std::derived_from<Traits, SqliteTraits> || because("derive the traits from forksafe::SqliteTraits"))
class ClosedBeforeFork : public DropAndReopen<Traits> {
 public:
  using DropAndReopen<Traits>::DropAndReopen;

  template <class Event>
    requires Hears<DropAndReopen<Traits>, Event>
  void operator()(Event const& event) {
    DropAndReopen<Traits>::operator()(event);
    if constexpr (std::same_as<Event, ApplicationPreFork>) {
      this->or_veto([this] {
        if (this->is_open()) this->close();
      });
    }
  }
};

}  // namespace forksafe
