// SPDX-License-Identifier: MIT
module;
#include <libpq-fe.h>
#include <memory>
#include <stdexcept>
export module stock;

import forksafe;
import forksafe.preset;
import forksafe.resource.libpq;

export namespace stock {

/// Answers with a value from the database, over the one session of its process.
class Answers {
 public:
  explicit Answers(forksafe::Registry& registry) : registry_(registry) {}

  [[nodiscard]] forksafe::Response handle(forksafe::Request const&) {
    PGconn* const session = registry_.find<forksafe::PostgresSession>()->get();
    std::unique_ptr<PGresult, decltype(&PQclear)> const result{PQexec(session, "SELECT count(*) FROM stock"), PQclear};
    if (PQresultStatus(result.get()) != PGRES_TUPLES_OK) throw std::runtime_error{PQerrorMessage(session)};
    return {200, {{"Content-Type", "text/plain"}}, PQgetvalue(result.get(), 0, 0)};
  }

 private:
  forksafe::Registry& registry_;
};

using Stock = forksafe::ForkSafeApp<forksafe::PresetPolicy, forksafe::PostgresSession, forksafe::Serialised<Answers>>;

}  // namespace stock
