// SPDX-License-Identifier: MIT
module;
#include <libpq-fe.h>
export module forksafe.resource.libpq;

export import forksafe.resource;
import forksafe;
import forksafe.std;

export namespace forksafe {

/// Traits of DropAndReopen for a session of PostgreSQL.
///
/// Connects to the server in the setting `database`: a connection string or URI of PQconnectdb. For another setting derive with
/// `explicit Reports(Registry& registry) : PostgresTraits(registry, "reports") {}`; to choose otherwise, or to prepare each new
/// session, declare `PGconn* open()`, which may return `connect(...)`.
///
/// Vetoes a fork while a transaction or a command is under way. A child closes the parent's PGconn on a descriptor that leads
/// nowhere: PQfinish alone would send Terminate, and with TLS any byte that the child sends breaks the parent's session
/// (measured with libpq 15). The child frees its own copies of memory only; PGresults stay.
class PostgresTraits {
 public:
  using Handle = PGconn*;

  PostgresTraits() = default;
  explicit PostgresTraits(Registry& registry, std::string_view setting = "database") : setting_(registry, setting) {}

  /// Connects. Throws std::runtime_error with libpq's reason.
  [[nodiscard]] PGconn* open() const;
  [[nodiscard]] std::string_view in_use(PGconn*& session) const noexcept;
  void forget(PGconn*& session) const noexcept;
  [[nodiscard]] int descriptor(PGconn*& session) const noexcept;
  /// Sends Terminate and frees the session, also one that the server lost or closed.
  void close(PGconn*& session) const noexcept;

 protected:
  [[nodiscard]] static PGconn* connect(std::string const& connection_string);

 private:
  PeerSetting setting_;
};

/// The session of each process with the PostgreSQL server of the setting `database`.
///
/// `get()` returns what was opened once, also where the server has closed it since (PQstatus says CONNECTION_BAD): PQreset it,
/// or `close()` and `get()` again.
using PostgresSession = DropAndReopen<PostgresTraits>;

}  // namespace forksafe
