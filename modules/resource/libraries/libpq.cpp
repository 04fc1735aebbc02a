// SPDX-License-Identifier: MIT
module;
#include <libpq-fe.h>
module forksafe.resource.libpq;

import forksafe.std.operators;

namespace forksafe {

PGconn* PostgresTraits::open() const { return connect(setting_.required("a connection string of PostgreSQL")); }

std::string_view PostgresTraits::in_use(PGconn*& session) const noexcept {
  switch (PQtransactionStatus(session)) {
    case PQTRANS_ACTIVE: return "a command is under way in the session: fetch its result before the fork";
    case PQTRANS_INTRANS:
    case PQTRANS_INERROR: return "a transaction is open in the session: end it before the fork";
    case PQTRANS_IDLE:
    case PQTRANS_UNKNOWN: break;
  }
  return {};
}

void PostgresTraits::forget(PGconn*& session) const noexcept {
  if (detach_descriptor(PQsocket(session))) PQfinish(session);
}

int PostgresTraits::descriptor(PGconn*& session) const noexcept { return PQsocket(session); }

void PostgresTraits::close(PGconn*& session) const noexcept { PQfinish(session); }

PGconn* PostgresTraits::connect(std::string const& connection_string) {
  PGconn* const session = PQconnectdb(connection_string.c_str());
  if (session == nullptr) throw std::runtime_error{"libpq cannot allocate a session: the process is out of memory"};
  if (PQstatus(session) == CONNECTION_OK) return session;
  std::string reason = PQerrorMessage(session);
  PQfinish(session);
  while (reason.ends_with('\n')) reason.pop_back();
  throw std::runtime_error{"no session with PostgreSQL: " + reason};
}

}  // namespace forksafe
